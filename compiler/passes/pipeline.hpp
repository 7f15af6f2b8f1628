#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "compiler/graph/graph.hpp"
#include "compiler/passes/load.hpp"
#include "compiler/passes/remarks.hpp"

namespace coil {

// What a canonical graph is derived into, to be run.
enum class Entry : std::uint8_t {
  predict,         // the model's outputs from its inputs
  loss,            // the loss on inputs and targets, nothing learnt
  gradients,       // loss and the gradient of every weight: what tests look at
  train_step,      // loss and gradient norm, and every weight and moment updated by Adam
  train_step_sgd,  // the same by SGD
};
std::string_view to_string(Entry entry);

// Where a row of the pipeline applies. Canonicalisation comes first and is the same for every entry; its
// result is what artifacts hold.
enum class Stage : std::uint8_t {
  canonical,
  every_entry,
  using_all,  // entries that leave nothing out
  with_loss,
  learning,  // entries that go back to the weights
  updating,  // those of them that change the weights
  adam,
  sgd,
};

// A pass is a function from graph to graph; one that has something to tell takes a collector as well, one that
// weighs costs what the entry is to run with.
using PlainPass = Graph (*)(const Graph&);
using TellingPass = Graph (*)(const Graph&, Remarks&);
using WeighingPass = Graph (*)(const Graph&, const Load&);
using Pass = std::variant<PlainPass, TellingPass, WeighingPass>;

struct PassRow {
  std::string_view name;  // of the function, of its file, of its tests, of --after and --explain
  Pass run;
  Stage stage;
  bool (*establishes)(const Graph&,
                      std::string* why);              // the form that must hold afterwards, or null
  std::string_view reason;                            // why it is there, and why here
  Lowerings lowerings = Lowerings::all();             // those that it is part of
  std::optional<Precision> precision = std::nullopt;  // the only one that it is part of; none: any
};

std::span<const PassRow> pipeline();
bool applies(Stage stage, Entry entry);
bool applies(const PassRow& row, Entry entry, Lowering lowering, Precision precision);
const PassRow* find_pass(std::string_view name);

}  // namespace coil

#pragma once

// How a model is to be trained: what a recipe file, the command line and an artifact say, in one struct.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/passes/precision.hpp"

#include "runtime/text/batches.hpp"
#include "runtime/text/corpus.hpp"

namespace coil {

enum class Optimizer : std::uint8_t { adam, sgd };
std::string_view to_string(Optimizer optimizer);
std::optional<Optimizer> find_optimizer(std::string_view name);

// Epochs with one optimizer at one rate. The moments go on from phase to phase while the optimizer stays the
// same.
struct Phase {
  Optimizer optimizer = Optimizer::adam;
  double learning_rate = 0.001;
  double momentum = 0;  // of sgd: velocity = momentum * velocity + gradient
  std::int64_t epochs = 1;
  friend bool operator==(const Phase&, const Phase&) = default;
};

enum class Reset : std::uint8_t { epoch, never };  // when a state carried through streams is zeroed

struct Recipe {
  LetterCase letters = LetterCase::lower;
  Scheme scheme = Scheme::blocks;
  std::int64_t batch = 512;
  Reset reset = Reset::epoch;
  std::vector<Phase> phases = {Phase{}};
  double clip_norm = 0;       // the largest global norm of a gradient; 0: no clipping
  double weight_decay = 0;    // decoupled: weight -= learning_rate * weight_decay * weight
  double validation = 0;      // share of the text, at its end, that is kept for measuring
  std::int64_t patience = 0;  // epochs without a better validation loss until it stops; 0: never
  std::uint64_t seed = 1;
  Precision precision = Precision::f32;  // of the products: another one rounds otherwise
  friend bool operator==(const Recipe&, const Recipe&) = default;
};

// Why settings do not go together, each of them in its range (limits.hpp); nothing where they do.
std::optional<std::string> why_invalid(const Phase& phase);
std::optional<std::string> why_invalid(const Recipe& recipe);

}  // namespace coil

#pragma once

// What a model makes of a small fixed input, kept beside its weights: whoever gets them elsewhere, through another
// program or onto another machine, can tell whether the model still computes what it did. A swapped gate or a kernel
// transposed by mistake has the right names and shapes, and shows nowhere else.
//
// Not tensors but numbers in the metadata (probe_key in metadata.hpp), as JSON, so that no name clashes with a
// weight's and a strict reader of the tensors finds weights alone:
//   {"inputs": {"c": [3, 0, ..]},         one row of each input as people feed it, row by row
//    "states": {"lstm.h": [0.25, ..]},    of each state, before the call
//    "outputs": {"output": [..]},         results of the call
//    "states_after": {"lstm.h": [..]}}    and states after it
// Of an output or a state after the call with n numbers, those at 0, s, 2 s, .. with s = ceil(n / 512).

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/graph/graph.hpp"

#include "runtime/execute/store.hpp"
#include "runtime/model/probe_form.hpp"

namespace coil {

class Executable;
class Model;
class Program;

struct Probe {
  using Numbers = std::map<std::string, std::vector<double>>;
  Numbers inputs;
  Numbers states;
  Numbers outputs;
  Numbers states_after;

  bool operator==(const Probe&) const = default;
};

// Asks models of one graph, whose weights change: what asks is compiled at the first question, and kept.
class Prober {
 public:
  explicit Prober(const Graph& canonical);
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;
  ~Prober();

  // By one thread, on a copy of the weights: the same to the last bit at any number of threads. None where the model
  // has no weights, reads or gives too much for a few numbers, needs more memory than there is, or answers with what
  // is not finite. `model` is of the graph.
  std::optional<Probe> take(const Model& model);

  // What the model makes of the inputs and states of `asked`, which fits it.
  Probe answer(const Model& model, Probe asked);

 private:
  Program& program_for(const Model& model);

  const Graph graph_;
  const std::optional<ProbeForm> form_;
  Store store_;  // weights of its own, so that nothing of a model is changed
  std::unique_ptr<Executable> executable_;
};

// Of one model, once.
std::optional<Probe> take_probe(const Model& model);

std::string probe_to_json(const Probe& probe);

// Trusts nothing. RunError (bad_artifact) naming `path` and what is missing, left over, of another size or out of
// range for the model that `graph` is.
Probe probe_from_json(const std::string& json, const std::string& path, const Graph& graph);

// How far a model is from a probe that fits it: the largest difference of two numbers of one output, over the largest
// number of that output.
struct ProbeDifference {
  double largest = 0;       // infinite where the model's answer is not finite
  std::string where;        // "output 'output'"
  std::size_t numbers = 0;  // that were compared
};
ProbeDifference compare_with_probe(const Model& model, const Probe& probe);

// Rounding differs between machines by a hundredth of this.
inline constexpr double largest_probe_difference = 1e-4;

// RunError (bad_artifact) with what a difference past that means.
void require_agreement(const ProbeDifference& difference, const std::string& path);

}  // namespace coil

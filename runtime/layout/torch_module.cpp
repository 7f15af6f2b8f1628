#include "runtime/layout/torch_module.hpp"

#include <algorithm>
#include <fmt/ranges.h>
#include <map>
#include <optional>

#include "compiler/classify/classify.hpp"
#include "compiler/graph/faces.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

namespace coil {
namespace {

// The weights of a module's gate. PyTorch adds two biases; the model may have one of them, or none.
struct Gate {
  Value kernel, recurrent_kernel;
  std::optional<Value> bias, recurrent_bias;
};
using Gates = std::vector<Gate>;  // in PyTorch's order

const WeightAttributes* weight_at(const Graph& graph, Value value) {
  return std::get_if<WeightAttributes>(&graph.node(value.node).attributes);
}

// What puts two biases that are added in an order: where they are stored.
using StoredPlace = std::pair<std::string, std::vector<std::int64_t>>;
StoredPlace place_of(const Graph& graph, Value value) {
  const WeightAttributes& weight = *weight_at(graph, value);
  return {stored_name(weight), weight.piece.begin};
}

std::vector<std::size_t> torch_order(CellKind kind) {
  switch (kind) {
    case CellKind::vanilla:
      return {0};
    case CellKind::lstm:
      return {0, 1, 2, 3};  // i, f, g, o in both
    case CellKind::gru:
    case CellKind::gru_reset_after:
      return {1, 0, 2};  // z, r, n as r, z, n
    case CellKind::custom:
      break;
  }
  return {};
}

std::string_view module_of(CellKind kind) {
  switch (kind) {
    case CellKind::lstm:
      return "lstm";
    case CellKind::gru:
    case CellKind::gru_reset_after:
      return "gru";
    case CellKind::vanilla:
    case CellKind::custom:
      break;
  }
  return "rnn";
}

class ModuleReader {
 public:
  ModuleReader(const Graph& graph, const Node& scan, const Cell& cell)
      : graph_(graph), scan_(scan), cell_(cell) {}

  // None where the weights do not play the parts that a module's play.
  std::optional<Gates> read() const {
    if (cell_.kind == CellKind::custom || cell_.tied || !all_are_weights()) return std::nullopt;
    Gates gates;
    for (const std::size_t i : torch_order(cell_.kind)) {
      const CellGate& from = cell_.gates[i];
      if (!reads_the_sequence(from)) return std::nullopt;
      Gate gate{*from.kernel, from.recurrent_kernel, {}, {}};
      if (!set_biases(from, gate)) return std::nullopt;
      gates.push_back(gate);
    }
    const bool has_bias = gates[0].bias.has_value();
    const auto agrees = [&](const Gate& gate) { return gate.bias.has_value() == has_bias; };
    return std::ranges::all_of(gates, agrees) ? std::optional(gates) : std::nullopt;
  }

 private:
  bool all_are_weights() const {
    const auto is_weight = [this](Value value) { return weight_at(graph_, value) != nullptr; };
    return std::ranges::all_of(cell_.gates, [&](const CellGate& gate) {
      return gate.kernel && is_weight(*gate.kernel) && is_weight(gate.recurrent_kernel) &&
             std::ranges::all_of(gate.biases, is_weight) &&
             std::ranges::all_of(gate.recurrent_biases, is_weight);
    });
  }

  // All gates see one sequence, multiplied once: in the step or before it.
  bool reads_the_sequence(const CellGate& gate) const {
    const bool is_inside = std::ranges::find(scan_.operands, *gate.kernel) != scan_.operands.end();
    return gate.sequence == cell_.gates[0].sequence && is_inside == gate.projected.empty();
  }

  bool set_biases(const CellGate& from, Gate& gate) const {
    std::vector<Value> both = from.biases;
    if (!from.recurrent_biases.empty()) {
      if (both.size() != 1 || from.recurrent_biases.size() != 1) return false;
      both.push_back(from.recurrent_biases[0]);
    } else if (both.size() == 2 && is_in_order(both[0], both[1]) != input_comes_first()) {
      std::swap(both[0], both[1]);
    }
    if (both.size() > 2) return false;
    if (!both.empty()) gate.bias = both[0];
    if (both.size() == 2) gate.recurrent_bias = both[1];
    return true;
  }

  bool is_in_order(Value a, Value b) const { return place_of(graph_, a) < place_of(graph_, b); }

  // Two biases that are added tell nothing of which is the input's. A GRU's candidate does: the others lie as its do.
  bool input_comes_first() const {
    const CellGate& last = cell_.gates.back();
    if (last.biases.size() != 1 || last.recurrent_biases.size() != 1) return true;
    return is_in_order(last.biases[0], last.recurrent_biases[0]);
  }

  const Graph& graph_;
  const Node& scan_;
  const Cell& cell_;
};

std::vector<Value> weights_of(const Gates& gates) {
  std::vector<Value> weights;
  for (const Gate& gate : gates) {
    weights.push_back(gate.kernel);
    weights.push_back(gate.recurrent_kernel);
    if (gate.bias) weights.push_back(*gate.bias);
    if (gate.recurrent_bias) weights.push_back(*gate.recurrent_bias);
  }
  return weights;
}

// The stored weights that these are, where they are all that is stored in them.
std::optional<std::set<std::string>> stored_whole(const Graph& graph,
                                                  const std::vector<Value>& weights) {
  std::map<std::string, std::int64_t> missing;  // elements
  for (const Value value : weights) {
    const WeightAttributes& weight = *weight_at(graph, value);
    const Shape& shape = graph.type(value).shape;
    const Shape& whole = is_piece(weight) ? weight.piece.whole : shape;
    missing.try_emplace(stored_name(weight), count(whole, 1)).first->second -= count(shape, 1);
  }
  std::set<std::string> names;
  for (const auto& [name, elements] : missing) {
    if (elements != 0) return std::nullopt;
    names.insert(name);
  }
  return names;
}

// "enc.lstm" of enc.lstm.kernel and enc.lstm.mix.bias; "" where there is no such name.
std::string common_layer(const std::set<std::string>& names) {
  std::string layer = names.begin()->substr(0, names.begin()->rfind('.') + 1);
  for (const std::string& name : names)
    while (!name.starts_with(layer)) {
      layer.pop_back();
      layer.resize(layer.rfind('.') + 1);
    }
  if (!layer.empty()) layer.pop_back();
  return layer;
}

LaidTensor stack(const Graph& graph, std::string name, const std::vector<LaidPart>& parts,
                 Value first) {
  const Shape& shape = graph.type(first).shape;
  std::vector<std::int64_t> dims = {shape.last() * std::ssize(parts)};
  if (shape.rank() == 2) dims.push_back(shape.dims[0]);
  return {std::move(name), std::move(dims), LaidTensor::Form::stacked, "", parts};
}

std::vector<LaidTensor> tensors_of(const Graph& graph, const Gates& gates) {
  std::vector<LaidPart> input, recurrent, bias, recurrent_bias;
  const auto part = [&](Value leaf, bool is_added = false) {
    return LaidPart{std::string(leaf_name(graph.node(leaf.node))), is_added};
  };
  for (const Gate& gate : gates) {
    input.push_back(part(gate.kernel));
    recurrent.push_back(part(gate.recurrent_kernel));
    if (!gate.bias) continue;
    bias.push_back(part(*gate.bias));
    recurrent_bias.push_back(gate.recurrent_bias ? part(*gate.recurrent_bias)
                                                 : part(*gate.bias, true));
  }
  std::vector<LaidTensor> tensors = {
      stack(graph, "weight_ih_l0", input, gates[0].kernel),
      stack(graph, "weight_hh_l0", recurrent, gates[0].recurrent_kernel)};
  if (bias.empty()) return tensors;
  tensors.push_back(stack(graph, "bias_ih_l0", bias, *gates[0].bias));
  tensors.push_back(stack(graph, "bias_hh_l0", recurrent_bias, *gates[0].bias));
  return tensors;
}

[[noreturn]] void refuse(const TorchModule& module, const std::string& why) {
  fail(
      ExitCode::usage,
      "--layout=torch: '{}' (weights {}) has no counterpart in PyTorch: {}. Other layouts have it: "
      "--layout=keras",
      printable(module.name), fmt::join(module.stored, ", "), why);
}

// PyTorch's modules have one form each.
void check_counterpart(const Cell& cell, const TorchModule& module) {
  const std::string_view activation = to_string(cell.activation);
  if (cell.kind == CellKind::gru)
    refuse(module,
           "its reset gate is applied before the product, and nn.GRU's after it (reset_after)");
  if (cell.kind == CellKind::vanilla) {
    if (cell.activation != CellFunction::tanh && cell.activation != CellFunction::relu)
      refuse(module, fmt::format("its activation is {}, and nn.RNN's tanh or relu", activation));
    return;
  }
  const char* torch = cell.kind == CellKind::lstm ? "nn.LSTM" : "nn.GRU";
  if (cell.recurrent_activation != CellFunction::sigmoid)
    refuse(module, fmt::format("its gates are {}, and {}'s sigmoid",
                               to_string(cell.recurrent_activation), torch));
  if (cell.activation != CellFunction::tanh)
    refuse(module, fmt::format("its activation is {}, and {}'s tanh", activation, torch));
}

}  // namespace

std::vector<TorchModule> torch_modules(const Graph& graph) {
  std::vector<TorchModule> modules;
  std::set<std::string> taken;
  for (const NodeId scan : leaves(graph, Op::scan)) {
    const Cell cell = classify(graph, scan);
    const auto gates = ModuleReader(graph, graph.node(scan), cell).read();
    if (!gates) continue;
    auto stored = stored_whole(graph, weights_of(*gates));
    if (!stored || std::ranges::any_of(*stored, [&](const auto& n) { return taken.contains(n); }))
      continue;
    taken.insert(stored->begin(), stored->end());
    std::string name = common_layer(*stored);
    if (name.empty()) name = module_of(cell.kind);
    TorchModule& module = modules.emplace_back();
    module = {std::move(name), std::move(*stored), tensors_of(graph, *gates)};
    check_counterpart(cell, module);
  }
  return modules;
}

}  // namespace coil

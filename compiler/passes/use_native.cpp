#include "compiler/passes/use_native.hpp"

#include <fmt/format.h>
#include <map>
#include <optional>

#include "compiler/classify/classify.hpp"
#include "compiler/graph/op_traits.hpp"
#include "compiler/graph/ops/recurrent.hpp"
#include "compiler/graph/rewriter.hpp"

namespace coil {
namespace {

std::optional<RecurrentCell> primitive_of(CellKind kind) {
  switch (kind) {
    case CellKind::vanilla:
      return RecurrentCell::vanilla;
    case CellKind::lstm:
      return RecurrentCell::lstm;
    case CellKind::gru:
      return RecurrentCell::gru;
    case CellKind::gru_reset_after:
      return RecurrentCell::gru_reset_after;
    case CellKind::custom:
      return std::nullopt;
  }
  __builtin_unreachable();
}

// The activation of a vanilla cell. relu is not among them: oneDNN's gives zero for a NaN, and nobody would see that a
// training run diverged.
std::optional<Activation> activation_of(CellFunction function) {
  switch (function) {
    case CellFunction::tanh:
      return Activation::tanh;
    case CellFunction::sigmoid:
      return Activation::sigmoid;
    case CellFunction::relu:
    case CellFunction::hard_sigmoid:
    case CellFunction::linear:
      return std::nullopt;
  }
  __builtin_unreachable();
}

bool has_functions(const Cell& cell) {
  if (cell.kind == CellKind::vanilla) return activation_of(cell.activation).has_value();
  return cell.activation == CellFunction::tanh &&
         cell.recurrent_activation == CellFunction::sigmoid;
}

// Why a scan of this cell cannot be one node; empty where it can.
std::string why_not(const Cell& cell, const ScanAttributes& scan) {
  if (!primitive_of(cell.kind)) return "a cell of your own";
  if (scan.reverse) return "it runs from the last element to the first";
  if (!has_functions(cell))
    return cell.kind == CellKind::vanilla
               ? fmt::format("no vanilla with {}", to_string(cell.activation))
               : fmt::format("no {} with {}, {}", to_string(cell.kind),
                             to_string(cell.recurrent_activation), to_string(cell.activation));
  if (!cell.yields_h_only) return "it gives other sequences than that of h";
  for (const CellGate& gate : cell.gates)
    if (!gate.sequence || !gate.kernel || gate.sequence != cell.gates[0].sequence)
      return "not every gate reads the same sequence by a kernel";
  return {};
}

// The node in place of one scan.
class Native {
 public:
  Native(const Graph& graph, NodeId id)
      : node_(graph.node(id)),
        scan_(std::get<ScanAttributes>(node_.attributes)),
        cell_(classify(graph, id)),
        why_not_(coil::why_not(cell_, scan_)) {}

  // The reason why there is none.
  const std::string& why_not() const { return why_not_; }

  // What it is made of, in the old graph.
  std::vector<Value> sources() const {
    std::vector<Value> values{*cell_.gates[0].sequence};
    for (std::size_t c = 0; c < static_cast<std::size_t>(scan_.carries); ++c)
      values.push_back(first(c));
    for (const CellGate& gate : cell_.gates) {
      values.push_back(*gate.kernel);
      values.push_back(gate.recurrent_kernel);
      values.insert(values.end(), gate.biases.begin(), gate.biases.end());
      values.insert(values.end(), gate.recurrent_biases.begin(), gate.recurrent_biases.end());
    }
    return values;
  }

  void replace(NodeId id, Rewriter& rewriter) const {
    rewriter.build().at(node_.place);
    RecurrentAttributes attributes{*primitive_of(cell_.kind), Activation::none};
    if (cell_.kind == CellKind::vanilla) attributes.activation = *activation_of(cell_.activation);
    const NodeId made = rewriter.build().node(Op::recurrent, attributes,
                                              operands(RecurrentPlaces(attributes.cell), rewriter));
    const auto carries = static_cast<std::uint32_t>(scan_.carries);
    for (std::uint32_t i = 0; i < node_.types.size(); ++i) {
      const auto result = i >= carries   ? RecurrentPlaces::sequence
                          : i == cell_.h ? RecurrentPlaces::last_h
                                         : RecurrentPlaces::last_c;
      rewriter.replace({id, i}, {made, static_cast<std::uint32_t>(result)});
    }
  }

 private:
  Value first(std::size_t carry) const {
    return node_.operands[static_cast<std::size_t>(scan_.sequences) + carry];
  }

  std::vector<Value> operands(const RecurrentPlaces& places, Rewriter& rewriter) const {
    std::vector<Value> kernels, recurrent_kernels, biases;
    for (const CellGate& gate : cell_.gates) {
      kernels.push_back(rewriter.mapped(*gate.kernel));
      recurrent_kernels.push_back(rewriter.mapped(gate.recurrent_kernel));
      biases.push_back(sum(gate.biases, rewriter));
    }
    Builder& build = rewriter.build();
    std::vector<Value> all{rewriter.mapped(*cell_.gates[0].sequence),
                           rewriter.mapped(first(cell_.h))};
    if (places.has_c) all.push_back(rewriter.mapped(first(cell_.s)));
    all.push_back(side_by_side(build, std::move(kernels), 1));
    all.push_back(side_by_side(build, std::move(recurrent_kernels), 1));
    all.push_back(side_by_side(build, std::move(biases), 0));
    if (places.has_recurrent_bias)
      all.push_back(sum(cell_.gates.back().recurrent_biases, rewriter));
    return all;
  }

  Value sum(const std::vector<Value>& biases, Rewriter& rewriter) const {
    const Shape row{{node_.types[cell_.h].shape.last()}};
    if (biases.empty()) return rewriter.build().constant(0, row);
    if (biases.size() == 1) return rewriter.mapped(biases[0]);
    return rewriter.build().add(Op::add, rewriter.mapped(biases));
  }
  static Value side_by_side(Builder& build, std::vector<Value> parts, std::int64_t axis) {
    if (parts.size() == 1) return parts[0];
    return build.add(Op::concat, std::move(parts), ConcatAttributes{axis, false});
  }

  const Node& node_;
  const ScanAttributes& scan_;
  Cell cell_;
  std::string why_not_;
};

using Natives = std::map<NodeId, Native>;

Natives find_natives(const Graph& graph, Remarks& remarks) {
  Natives natives;
  for (const NodeId id : leaves(graph, Op::scan)) {
    Native native(graph, id);
    if (native.why_not().empty())
      natives.emplace(id, std::move(native));
    else
      remarks.missed(graph.node(id).place, "not native: " + native.why_not());
  }
  return natives;
}

// Nodes that something still uses: products of what comes in are the new nodes' own. Leaves stay, used or not, since
// each weight has a gradient.
std::vector<bool> find_needed(const Graph& graph, const Natives& natives) {
  std::vector<bool> is_needed(graph.size(), false);
  for (const Output& output : graph.outputs) is_needed[output.value.node] = true;
  for (auto id = static_cast<NodeId>(graph.size()); id-- > 0;) {
    const Node& node = graph.node(id);
    if (is_leaf(node)) is_needed[id] = true;
    if (!is_needed[id]) continue;
    const auto native = natives.find(id);
    for (const Value value : native == natives.end() ? node.operands : native->second.sources())
      is_needed[value.node] = true;
  }
  return is_needed;
}

}  // namespace

Graph use_native(const Graph& graph, Remarks& remarks) {
  const Natives natives = find_natives(graph, remarks);
  if (natives.empty()) return graph;
  const std::vector<bool> is_needed = find_needed(graph, natives);
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (!is_needed[id]) continue;
    const auto native = natives.find(id);
    if (native == natives.end())
      rewriter.keep(id);
    else
      native->second.replace(id, rewriter);
  }
  return rewriter.finish();
}

}  // namespace coil

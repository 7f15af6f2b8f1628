#include "compiler/passes/use_native.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "compiler/classify/classify.hpp"
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

Activation activation_of(CellFunction function) {
  switch (function) {
    case CellFunction::relu:
      return Activation::relu;
    case CellFunction::tanh:
      return Activation::tanh;
    case CellFunction::sigmoid:
      return Activation::sigmoid;
    case CellFunction::hard_sigmoid:
      return Activation::hard_sigmoid;
    case CellFunction::linear:
      return Activation::none;
  }
  __builtin_unreachable();
}

bool has_functions(const Cell& cell) {
  if (cell.kind == CellKind::vanilla)
    return cell.activation == CellFunction::tanh || cell.activation == CellFunction::relu ||
           cell.activation == CellFunction::sigmoid;
  return cell.activation == CellFunction::tanh &&
         cell.recurrent_activation == CellFunction::sigmoid;
}

// Why a scan of this cell cannot be one node; empty where it can.
std::string why_not(const Cell& cell, const ScanAttributes& scan) {
  if (!primitive_of(cell.kind)) return "a cell of your own";
  if (scan.reverse) return "it runs from the last element to the first";
  if (!has_functions(cell))
    return fmt::format("no {} with {} and {}", to_string(cell.kind),
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
  Native(Rewriter& rewriter, NodeId id)
      : rewriter_(rewriter),
        node_(rewriter.from().node(id)),
        scan_(std::get<ScanAttributes>(node_.attributes)),
        cell_(classify(rewriter.from(), id)) {}

  // The reason why there is none; empty after it was built.
  std::string replace(NodeId id) {
    if (std::string why = why_not(cell_, scan_); !why.empty()) return why;
    RecurrentAttributes attributes{*primitive_of(cell_.kind), Activation::none};
    if (cell_.kind == CellKind::vanilla) attributes.activation = activation_of(cell_.activation);
    const std::vector<Value> operands = make_operands(RecurrentPlaces(attributes.cell));
    if (std::string why = build().why_not(Op::recurrent, attributes, operands); !why.empty())
      return why;
    const NodeId made = build().node(Op::recurrent, attributes, operands);
    const auto carries = static_cast<std::uint32_t>(scan_.carries);
    for (std::uint32_t i = 0; i < node_.types.size(); ++i) {
      const auto result = i >= carries   ? RecurrentPlaces::sequence
                          : i == cell_.h ? RecurrentPlaces::last_h
                                         : RecurrentPlaces::last_c;
      rewriter_.replace({id, i}, {made, static_cast<std::uint32_t>(result)});
    }
    return {};
  }

 private:
  Builder& build() { return rewriter_.build(); }

  std::vector<Value> make_operands(const RecurrentPlaces& places) {
    std::vector<Value> kernels, recurrent_kernels, biases;
    for (const CellGate& gate : cell_.gates) {
      kernels.push_back(rewriter_.mapped(*gate.kernel));
      recurrent_kernels.push_back(rewriter_.mapped(gate.recurrent_kernel));
      biases.push_back(sum(gate.biases));
    }
    std::vector<Value> operands{rewriter_.mapped(*cell_.gates[0].sequence), first(cell_.h)};
    if (places.has_c) operands.push_back(first(cell_.s));
    operands.push_back(side_by_side(std::move(kernels), 1));
    operands.push_back(side_by_side(std::move(recurrent_kernels), 1));
    operands.push_back(side_by_side(std::move(biases), 0));
    if (places.has_recurrent_bias) operands.push_back(sum(cell_.gates.back().recurrent_biases));
    return operands;
  }

  Value first(std::size_t carry) {
    return rewriter_.mapped(node_.operands[static_cast<std::size_t>(scan_.sequences) + carry]);
  }
  Value sum(const std::vector<Value>& biases) {
    const Shape row{{node_.types[cell_.h].shape.last()}};
    if (biases.empty()) return build().constant(0, row);
    if (biases.size() == 1) return rewriter_.mapped(biases[0]);
    return build().add(Op::add, rewriter_.mapped(biases));
  }
  Value side_by_side(std::vector<Value> parts, std::int64_t axis) {
    if (parts.size() == 1) return parts[0];
    return build().add(Op::concat, std::move(parts), ConcatAttributes{axis, false});
  }

  Rewriter& rewriter_;
  const Node& node_;
  const ScanAttributes& scan_;
  Cell cell_;
};

}  // namespace

Graph use_native(const Graph& graph, Remarks& remarks) {
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (node.op != Op::scan) {
      rewriter.keep(id);
      continue;
    }
    rewriter.build().at(node.place);
    const std::string why = Native(rewriter, id).replace(id);
    if (why.empty()) continue;
    remarks.missed(node.place, "not native: " + why);
    rewriter.keep(id);
  }
  return rewriter.finish();
}

}  // namespace coil

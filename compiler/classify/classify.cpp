#include "compiler/classify/classify.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "compiler/classify/matcher.hpp"
#include "compiler/source/internal_error.hpp"
#include "compiler/source/utf8.hpp"

namespace coil {
namespace {

constexpr std::size_t most_terms = 32;

std::vector<Value> terms_of(const Graph& graph, Value sum) {
  std::vector<Value> terms, open = {sum};
  while (!open.empty()) {
    const Value term = open.back();
    open.pop_back();
    const Node& node = graph.node(term.node);
    if (node.op == Op::add)
      open.insert(open.end(), node.operands.rbegin(), node.operands.rend());
    else
      terms.push_back(term);
    if (terms.size() + open.size() > most_terms) return {sum};  // no cell's; and sums may be shared
  }
  return terms;
}

bool is_weight(const Graph& graph, Value value, std::size_t rank) {
  return graph.node(value.node).op == Op::weight && graph.type(value).shape.rank() == rank;
}

// What was done for all steps outside of the scan: projected = sequence @ kernel + biases.
void look_outside(const Graph& graph, CellGate& gate) {
  if (gate.projected.size() != 1 || gate.kernel) return;
  std::optional<Value> product;
  std::vector<Value> biases;
  for (const Value term : terms_of(graph, gate.projected[0])) {
    const Node& node = graph.node(term.node);
    const auto* m = std::get_if<MatmulAttributes>(&node.attributes);
    const bool plain = m && !m->transpose_a && !m->transpose_b;
    if (is_weight(graph, term, 1))
      biases.push_back(term);
    else if (!product && plain && is_weight(graph, node.operands[1], 2))
      product = term;
    else
      return;
  }
  if (!product) return;
  gate.sequence = graph.node(product->node).operands[0];
  gate.kernel = graph.node(product->node).operands[1];
  gate.biases.insert(gate.biases.begin(), biases.begin(), biases.end());
}

// Broadcasting would let narrower values through, which are no cell's.
bool has_shapes_of_a_cell(const Graph& graph, const CellGate& gate, std::int64_t units) {
  const auto is_row = [&](Value value) { return graph.type(value).shape == Shape{{units}}; };
  const auto is_sequence = [&](Value value) {
    const Shape& shape = graph.type(value).shape;
    return shape.rank() == 3 && shape.last() == units;
  };
  return graph.type(gate.recurrent_kernel).shape == Shape{{units, units}} &&
         std::ranges::all_of(gate.biases, is_row) &&
         std::ranges::all_of(gate.recurrent_biases, is_row) &&
         std::ranges::all_of(gate.projected, is_sequence) &&
         (!gate.kernel || graph.type(*gate.kernel).shape.last() == units);
}

bool has_shapes_of_a_cell(const Graph& graph, const Node& scan, const Cell& cell) {
  const auto& attributes = std::get<ScanAttributes>(scan.attributes);
  const Value first = scan.operands[static_cast<std::size_t>(attributes.sequences)];
  const Shape& carried = graph.type(first).shape;
  return carried.rank() == 2 && std::ranges::all_of(cell.gates, [&](const CellGate& gate) {
           return has_shapes_of_a_cell(graph, gate, carried.last());
         });
}

bool has_weight_of_two_roles(const Cell& cell) {
  std::set<Value> seen;
  bool twice = false;
  const auto see = [&](Value weight) { twice |= !seen.insert(weight).second; };
  for (const CellGate& gate : cell.gates) {
    if (gate.kernel) see(*gate.kernel);
    see(gate.recurrent_kernel);
    std::ranges::for_each(gate.biases, see);
    std::ranges::for_each(gate.recurrent_biases, see);
  }
  return twice;
}

CellFunction held(const cells::Bindings& bound, cells::Slot slot) {
  const auto function = bound.functions.find(slot);
  return function == bound.functions.end() ? CellFunction::linear : function->second;
}

Cell make_cell(const Graph& graph, const cells::Step& step, const cells::CellPattern& pattern,
               const cells::Bindings& bound) {
  Cell cell;
  cell.kind = pattern.kind;
  for (const cells::Role role : pattern.gates) cell.gates.push_back(bound.gates.at(role));
  // A gate that is projected inside and out is left as it stands.
  for (CellGate& gate : cell.gates) look_outside(graph, gate);
  cell.activation = held(bound, cells::Slot::activation);
  cell.recurrent_activation = held(bound, cells::Slot::gate);
  cell.h = bound.carries.at(cells::Carry::h);
  if (bound.carries.contains(cells::Carry::s)) cell.s = bound.carries.at(cells::Carry::s);
  cell.tied = has_weight_of_two_roles(cell);
  for (std::size_t i = 0; i < step.yields(); ++i)
    cell.yields_h_only &= step.yield(i) == step.next(cell.h);
  return cell;
}

std::string name_of(const Graph& graph, Value value) {
  const std::string_view name = leaf_name(graph.node(value.node));
  return name.empty() ? fmt::format("%{}", value.node) : printable(name);
}

std::string named(const Graph& graph, std::string_view what, const std::vector<Value>& values) {
  std::vector<std::string> names;
  for (const Value value : values) names.push_back(name_of(graph, value));
  return names.empty() ? "" : fmt::format(", {} {}", what, fmt::join(names, " "));
}

std::string functions(const Cell& cell) {
  if (cell.kind == CellKind::vanilla) return std::string(to_string(cell.activation));
  return fmt::format("{}, {}", to_string(cell.recurrent_activation), to_string(cell.activation));
}

}  // namespace

std::string_view to_string(CellKind kind) {
  switch (kind) {
    case CellKind::vanilla:
      return "vanilla";
    case CellKind::lstm:
      return "lstm";
    case CellKind::gru:
      return "gru";
    case CellKind::gru_reset_after:
      return "gru with reset after";
    case CellKind::custom:
      return "custom";
  }
  __builtin_unreachable();
}

std::string_view to_string(CellFunction function) {
  switch (function) {
    case CellFunction::linear:
      return "linear";
    case CellFunction::relu:
      return "relu";
    case CellFunction::tanh:
      return "tanh";
    case CellFunction::sigmoid:
      return "sigmoid";
    case CellFunction::hard_sigmoid:
      return "hard_sigmoid";
  }
  __builtin_unreachable();
}

Cell classify(const Graph& graph, NodeId scan) {
  require(graph.node(scan).op == Op::scan, "node {} is a scan", scan);
  const cells::Step step(graph, scan);
  const cells::Matcher matcher(step);
  for (const cells::CellPattern& pattern : cells::cell_patterns()) {
    const auto bound = matcher.match(pattern);
    if (!bound) continue;
    Cell cell = make_cell(graph, step, pattern, *bound);
    if (has_shapes_of_a_cell(graph, graph.node(scan), cell)) return cell;
  }
  return {};
}

std::string describe(const Cell& cell, const Graph& graph) {
  if (cell.kind == CellKind::custom) return "custom";
  std::vector<Value> kernels, recurrent, biases, recurrent_biases;
  for (const CellGate& gate : cell.gates) {
    if (gate.kernel) kernels.push_back(*gate.kernel);
    recurrent.push_back(gate.recurrent_kernel);
    biases.insert(biases.end(), gate.biases.begin(), gate.biases.end());
    recurrent_biases.insert(recurrent_biases.end(), gate.recurrent_biases.begin(),
                            gate.recurrent_biases.end());
  }
  const bool projected = kernels.size() < cell.gates.size();
  return fmt::format("{}{} ({}){}{}{}{}{}", cell.tied ? "tied " : "", to_string(cell.kind),
                     functions(cell), projected ? ", projected input" : "",
                     named(graph, "kernel", kernels), named(graph, "recurrent", recurrent),
                     named(graph, "bias", biases),
                     named(graph, "recurrent bias", recurrent_biases));
}

}  // namespace coil

#include "compiler/passes/join_parts.hpp"

#include <algorithm>
#include <optional>

#include "compiler/graph/rewriter.hpp"

namespace coil {
namespace {

// So many elements along the dimension; no value where they are zeros, which can be cut anywhere.
struct Stretch {
  std::int64_t size = 0;
  std::optional<Value> value;
};

struct Spaced {
  std::int64_t axis = 0;
  std::vector<Stretch> cells;
};

// A concat with zeros in it.
std::optional<Spaced> as_row(const Graph& graph, Value value) {
  const Node& node = graph.node(value.node);
  const auto* concat = std::get_if<ConcatAttributes>(&node.attributes);
  if (!concat || concat->stack) return std::nullopt;
  Spaced row{concat->axis, {}};
  bool has_zeros = false;
  for (const Value operand : node.operands) {
    const auto* constant = std::get_if<ConstantAttributes>(&graph.node(operand.node).attributes);
    const bool is_zero = constant && constant->value == 0;
    has_zeros = has_zeros || is_zero;
    row.cells.push_back({graph.type(operand).shape.dims[static_cast<std::size_t>(concat->axis)],
                         is_zero ? std::nullopt : std::optional(operand)});
  }
  return has_zeros ? std::optional(std::move(row)) : std::nullopt;
}

// Both rows in one, if nothing of theirs meets.
std::optional<Spaced> joined(const Spaced& a, const Spaced& b) {
  if (a.axis != b.axis) return std::nullopt;
  Spaced row{a.axis, {}};
  std::vector<Stretch> left = a.cells, right = b.cells;
  for (std::size_t i = 0, k = 0; i < left.size() && k < right.size();) {
    const std::int64_t size = std::min(left[i].size, right[k].size);
    const bool cuts_value =
        (left[i].size > size && left[i].value) || (right[k].size > size && right[k].value);
    if (cuts_value || (left[i].value && right[k].value)) return std::nullopt;
    row.cells.push_back({size, left[i].value ? left[i].value : right[k].value});
    if ((left[i].size -= size) == 0) ++i;
    if ((right[k].size -= size) == 0) ++k;
  }
  return row;
}

class Joiner {
 public:
  explicit Joiner(const Graph& graph) : rewriter_(graph) {}

  Graph run() {
    for (NodeId id = 0; id < rewriter_.from().size(); ++id)
      if (!join(id) && !put_inside(id)) rewriter_.keep(id);
    return rewriter_.finish();
  }

 private:
  Builder& build() { return rewriter_.build(); }

  bool join(NodeId id) {
    const Node& node = rewriter_.from().node(id);
    if (node.op != Op::add) return false;
    build().at(node.place);
    std::vector<Spaced> rows;
    std::vector<Value> terms;
    bool joins = false;
    for (const Value operand : rewriter_.mapped(node.operands)) {
      const bool is_whole = build().type(operand) == node.types[0];
      const auto row = is_whole ? as_row(build().graph(), operand) : std::nullopt;
      if (!row)
        terms.push_back(operand);
      else
        joins = take(rows, *row) || joins;
    }
    if (!joins) return false;
    for (const Spaced& row : rows) terms.push_back(concat(row, node.types[0].shape));
    rewriter_.replace({id, 0}, terms.size() == 1 ? terms[0] : build().add(Op::add, terms));
    return true;
  }

  // Whether the node is stacks side by side, which became a stack.
  bool put_inside(NodeId id) {
    const Node& node = rewriter_.from().node(id);
    const auto* concat = std::get_if<ConcatAttributes>(&node.attributes);
    if (!concat) return false;
    build().at(node.place);
    const auto stack = stacked(rewriter_.mapped(node.operands), *concat);
    if (stack) rewriter_.replace({id, 0}, *stack);
    return stack.has_value();
  }

  // The attributes of the value, if it is a stack of steps before the last dimension.
  const ConcatAttributes* as_stack(Value value) {
    const auto* stack = std::get_if<ConcatAttributes>(&build().graph().node(value.node).attributes);
    const auto rank = static_cast<std::int64_t>(build().type(value).shape.rank());
    return stack && stack->stack && stack->axis + 1 < rank ? stack : nullptr;
  }

  // concat(operands) as the stack of what is side by side at each step.
  std::optional<Value> stacked(const std::vector<Value>& operands, ConcatAttributes concat) {
    const auto rank = static_cast<std::int64_t>(build().type(operands[0]).shape.rank());
    if (concat.stack || concat.axis + 1 != rank || !as_stack(operands[0])) return std::nullopt;
    const ConcatAttributes stack = *as_stack(operands[0]);
    std::vector<std::vector<Value>> steps(build().graph().node(operands[0].node).operands.size());
    for (const Value operand : operands) {
      if (!as_stack(operand) || *as_stack(operand) != stack) return std::nullopt;
      const std::vector<Value>& elements = build().graph().node(operand.node).operands;
      for (std::size_t t = 0; t < steps.size(); ++t) steps[t].push_back(elements[t]);
    }
    std::vector<Value> rows;
    for (auto& step : steps)
      rows.push_back(
          build().add(Op::concat, std::move(step), ConcatAttributes{concat.axis - 1, false}));
    return build().add(Op::concat, std::move(rows), stack);
  }

  // Whether the row went into one that was there.
  static bool take(std::vector<Spaced>& rows, const Spaced& row) {
    for (Spaced& other : rows)
      if (auto both = joined(other, row)) {
        other = std::move(*both);
        return true;
      }
    rows.push_back(row);
    return false;
  }

  Value concat(const Spaced& row, const Shape& whole) {
    std::vector<Value> operands;
    for (const Stretch& cell : row.cells) {
      Shape shape = whole;
      shape.dims[static_cast<std::size_t>(row.axis)] = cell.size;
      operands.push_back(cell.value ? *cell.value : build().constant(0, shape));
    }
    const ConcatAttributes attributes{row.axis, false};
    if (const auto stack = stacked(operands, attributes)) return *stack;
    return build().add(Op::concat, std::move(operands), attributes);
  }

  Rewriter rewriter_;
};

}  // namespace

Graph join_parts(const Graph& graph) { return Joiner(graph).run(); }

}  // namespace coil

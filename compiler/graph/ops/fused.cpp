// Element-wise ops as one: what each means is the meaning of its body.

#include "compiler/graph/ops/fused.hpp"

#include <algorithm>

#include "compiler/graph/evaluate.hpp"
#include "compiler/graph/op_traits.hpp"
#include "compiler/graph/ops/common.hpp"
#include "compiler/graph/ops/records.hpp"

namespace coil {
namespace {

// The result of the first element-wise op.
const Type* space_of(const Graph& body) {
  for (const Node& node : body.nodes())
    if (is_elementwise(node.op)) return &node.types[0];
  return nullptr;
}

bool is_last_axis(const Graph& body, Value value, std::int64_t axis) {
  return axis + 1 == static_cast<std::int64_t>(body.type(value).shape.rank());
}

class Check {
 public:
  Check(const Graph& body, const Type& space) : body_(body), space_(space) {}

  std::optional<std::string> why_not(NodeId id) const {
    const Node& node = body_.node(id);
    if (node.op == Op::input || node.op == Op::constant) return std::nullopt;
    bool is_right = false;
    if (is_elementwise(node.op))
      is_right = node.types[0] == space_ && std::ranges::all_of(node.operands, [&](Value operand) {
                   return fits_expression(body_.type(operand), space_) && !is_concat(operand);
                 });
    else if (node.op == Op::to_bf16)  // of what is given; bf16 fits nowhere else
      is_right = is_computed(node.operands[0]);
    else if (const auto* slice = std::get_if<SliceAttributes>(&node.attributes))
      is_right = node.types[0] == space_ && !slice->drop &&
                 is_last_axis(body_, node.operands[0], slice->axis) &&
                 body_.node(node.operands[0].node).op == Op::input;
    else if (node.op == Op::gather)
      is_right = node.types[0] == space_ && std::ranges::all_of(node.operands, [&](Value operand) {
                   return body_.node(operand.node).op == Op::input;
                 });
    else if (const auto* concat = std::get_if<ConcatAttributes>(&node.attributes))
      is_right = !concat->stack && is_last_axis(body_, {id, 0}, concat->axis) &&
                 std::ranges::all_of(node.operands, [&](Value operand) {
                   return body_.type(operand) == space_ && !is_concat(operand);
                 });
    if (is_right) return std::nullopt;
    return fmt::format("node {} ({}) of its body is no part of an expression of {}", id,
                       to_string(node.op), to_string(space_));
  }

 private:
  bool is_computed(Value value) const {
    return is_concat(value) || is_elementwise(body_.node(value.node).op);
  }
  bool is_concat(Value value) const { return body_.node(value.node).op == Op::concat; }

  const Graph& body_;
  const Type& space_;
};

}  // namespace

bool fits_expression(const Type& operand, const Type& space) {
  if (operand == space) return true;
  if (operand.element != Element::real || operand.shape.is_batched()) return false;
  return operand.shape.is_scalar() ||
         (operand.shape.rank() == 1 && operand.shape.last() == space.shape.last());
}

std::optional<std::string> why_no_expression(const Graph& body) {
  const Type* space = space_of(body);
  if (!space || space->shape.is_scalar()) return "its body computes nothing element by element";
  const Check check(body, *space);
  for (NodeId id = 0; id < body.size(); ++id)
    if (auto why = check.why_not(id)) return why;
  for (const Output& output : body.outputs) {
    const Node& node = body.node(output.value.node);
    if (is_leaf(node) || node.op == Op::slice || node.op == Op::gather)
      return "an output of its body is not computed there";
  }
  return std::nullopt;
}

namespace records {
namespace {

Inferred infer_fused_elementwise(std::span<const Type> x, const Attributes& attributes) {
  const Body& body = std::get<FusedElementwiseAttributes>(attributes).body;
  if (!body.graph) return refuses("has no body");
  const std::vector<NodeId> inputs = leaves(*body.graph, Op::input);
  if (inputs.size() != x.size())
    return refuses("the body takes {} inputs, not {}", inputs.size(), x.size());
  for (const NodeId id : inputs) {
    const Node& node = body.graph->node(id);
    const auto position = std::get<InputAttributes>(node.attributes).position;
    if (position < 0 || position >= std::ssize(x))
      return refuses("input {} of the body is given nothing", position);
    const Type& given = x[static_cast<std::size_t>(position)];
    if (given != node.types[0])
      return refuses("input {} of the body is {}, not {}", position, to_string(node.types[0]),
                     to_string(given));
  }
  if (auto why = why_no_expression(*body.graph)) return refuses("{}", *why);
  Inferred results;
  for (const Output& output : body.graph->outputs)
    results.types.push_back(body.graph->type(output.value));
  if (results.types.empty()) return refuses("computes nothing");
  return results;
}

void evaluate_fused_elementwise(const Attributes& attributes, std::span<const Array* const> x,
                                std::span<Array> y) {
  const Graph& body = *std::get<FusedElementwiseAttributes>(attributes).body.graph;
  std::int64_t batch = 1;
  for (std::size_t i = 0; i < y.size(); ++i)
    if (body.type(body.outputs[i].value).shape.is_batched()) batch = y[i].dims[0];
  auto computed = evaluate_body(body, {x.begin(), x.end()}, batch);
  std::ranges::move(computed, y.begin());
}

// Block by block, each op's before the next op's: an operand's place is free when the result is written if whoever
// reads it does so no later, and reads what it then writes over.
bool overwrites_what_was_read(const Node& node, std::size_t result, std::size_t operand) {
  const Graph& body = *std::get<FusedElementwiseAttributes>(node.attributes).body.graph;
  const NodeId writes = body.outputs[result].value.node;
  if (!is_elementwise(body.node(writes).op)) return false;
  for (NodeId id = 0; id < body.size(); ++id)
    for (const Value value : body.node(id).operands) {
      const auto* input = std::get_if<InputAttributes>(&body.node(value.node).attributes);
      if (!input || input->position != static_cast<std::int64_t>(operand)) continue;
      if (id > writes || !is_elementwise(body.node(id).op)) return false;
    }
  return true;
}

}  // namespace

const OpRecord fused_elementwise = {.name = "fused_elementwise",
                                    .arity = Arity{1, 1 << 12},
                                    .attributes = attribute_kind<FusedElementwiseAttributes>(),
                                    .trait = Trait::none,
                                    .infer = infer_fused_elementwise,
                                    .gradient = no_gradient,
                                    .evaluate = evaluate_fused_elementwise,
                                    .may_overwrite = overwrites_what_was_read};

}  // namespace records
}  // namespace coil

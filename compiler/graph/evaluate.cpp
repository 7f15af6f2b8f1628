#include "compiler/graph/evaluate.hpp"

#include <cmath>

#include "compiler/source/internal_error.hpp"

namespace coil {
namespace {

Array sized(const Type& type, std::int64_t batch) {
  return {concrete_dims(type.shape, batch),
          std::vector<double>(static_cast<std::size_t>(count(type.shape, batch)), 0.0)};
}

bool is_index(double value, std::int64_t bound) {
  return value >= 0 && value < static_cast<double>(bound) && value == std::floor(value);
}

const Array& fed(const Node& node, const Feeds& feeds, std::int64_t batch) {
  const auto found = feeds.find(std::string(leaf_name(node)));
  require(found != feeds.end(), "'{}' is not fed", leaf_name(node));
  const Array& array = found->second;
  require(array.dims == concrete_dims(node.types[0].shape, batch) &&
              array.values.size() == static_cast<std::size_t>(count(node.types[0].shape, batch)),
          "'{}' is fed another shape than {}", leaf_name(node), to_string(node.types[0]));
  if (node.types[0].element == Element::index)
    for (const double index : array.values)
      require(is_index(index, std::get<InputAttributes>(node.attributes).bound),
              "'{}' is fed {}, which is no index", leaf_name(node), index);
  return array;
}

std::string output_key(const Output& output) {
  switch (output.kind) {
    case OutputKind::result:
      return output.name;
    case OutputKind::gradient:
      return "gradient:" + output.name;
    case OutputKind::update:
      return "update:" + output.name;
  }
  __builtin_unreachable();
}

std::vector<Array> run(const Node& node, const std::vector<std::vector<Array>>& computed,
                       std::int64_t batch) {
  std::vector<const Array*> operands;
  for (Value operand : node.operands) operands.push_back(&computed[operand.node][operand.result]);
  std::vector<Array> results;
  for (const Type& type : node.types) results.push_back(sized(type, batch));
  record(node.op).evaluate.value(node.attributes, operands, results);
  return results;
}

bool is_fed(Op op) { return op == Op::input || op == Op::weight || op == Op::state; }

}  // namespace

std::map<std::string, Array> evaluate(const Graph& graph, const Feeds& feeds, std::int64_t batch) {
  require(batch >= 1, "a batch of {} has no rows", batch);
  std::vector<std::vector<Array>> computed(graph.size());
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (is_fed(node.op))
      computed[id] = {fed(node, feeds, batch)};
    else
      computed[id] = run(node, computed, batch);
  }
  std::map<std::string, Array> outputs;
  for (const Output& output : graph.outputs)
    outputs[output_key(output)] = computed[output.value.node][output.value.result];
  return outputs;
}

}  // namespace coil

#include "compiler/passes/attach_adam.hpp"

#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/attach_loss.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil {
namespace {

Value scalar_input(Builder& build, const char* name, std::size_t position) {
  return build.leaf(Op::input, InputAttributes{{name}, static_cast<std::int64_t>(position), 0},
                    {Element::real, {}});
}

// The one that a dropout counts by, where there is any.
Value step_input(Builder& build, std::size_t position) {
  for (const NodeId id : leaves(build.graph(), Op::input))
    if (leaf_name(build.graph().node(id)) == step_name) return {id, 0};
  return scalar_input(build, step_name, position);
}

Value weight_named(const Graph& graph, const std::string& name) {
  for (NodeId id : leaves(graph, Op::weight))
    if (leaf_name(graph.node(id)) == name) return {id, 0};
  throw InternalError("no weight is called " + name);
}

}  // namespace

std::string mean_name(const std::string& weight) { return "adam.mean." + weight; }
std::string variance_name(const std::string& weight) { return "adam.variance." + weight; }

Graph attach_adam(const Graph& graph) {
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < graph.size(); ++id) rewriter.keep(id);
  Builder& build = rewriter.build();
  build.at({});
  Graph result;
  std::vector<std::string> names;
  std::vector<Value> weights, gradients, means, variances;
  for (const Output& output : graph.outputs) {
    if (output.kind != OutputKind::gradient) continue;
    names.push_back(output.name);
    weights.push_back(weight_named(build.graph(), output.name));
    gradients.push_back(rewriter.mapped(output.value));
    const Type type = build.type(weights.back());
    means.push_back(build.leaf(Op::state, StateAttributes{{mean_name(output.name)}}, type));
    variances.push_back(build.leaf(Op::state, StateAttributes{{variance_name(output.name)}}, type));
  }
  const std::size_t inputs = leaves(graph, Op::input).size();
  std::vector<Value> operands = {scalar_input(build, rate_name, inputs),
                                 step_input(build, inputs + 1)};
  for (const auto* part : {&weights, &gradients, &means, &variances})
    operands.insert(operands.end(), part->begin(), part->end());
  const NodeId adam = build.node(Op::adam, AdamAttributes{}, operands);

  result = rewriter.finish();
  std::erase_if(result.outputs, [](const Output& o) { return o.kind == OutputKind::gradient; });
  const auto count = static_cast<std::uint32_t>(names.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    result.outputs.push_back({names[i], {adam, i}, OutputKind::update});
    result.outputs.push_back({mean_name(names[i]), {adam, count + i}, OutputKind::update});
    result.outputs.push_back({variance_name(names[i]), {adam, 2 * count + i}, OutputKind::update});
  }
  return result;
}

}  // namespace coil

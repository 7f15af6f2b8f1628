#include "compiler/passes/attach_update.hpp"

#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/attach_loss.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil {
namespace {

Value weight_named(const Graph& graph, const std::string& name) {
  for (NodeId id : leaves(graph, Op::weight))
    if (leaf_name(graph.node(id)) == name) return {id, 0};
  throw InternalError("no weight is called " + name);
}

// Scalar inputs behind those that there are.
class ScalarInputs {
 public:
  explicit ScalarInputs(Builder& build)
      : build_(build), next_(std::ssize(leaves(build.graph(), Op::input))) {}
  Value add(const char* name) {
    return build_.leaf(Op::input, InputAttributes{{name}, next_++, 0}, {Element::real, {}});
  }

 private:
  Builder& build_;
  std::int64_t next_;
};

struct Updated {
  std::vector<std::string> names;
  std::vector<Value> weights, gradients;
  std::vector<std::vector<Value>> moments;  // of each kind, one a weight
};

// That of a joint is the joint of its parts' moments.
StateAttributes moment_of(const Node& leaf, const std::string& prefix) {
  const auto& weight = std::get<WeightAttributes>(leaf.attributes);
  StateAttributes moment{{prefix + weight.name.text}, weight.joint};
  for (Joint::Part& part : moment.joint.parts) part.name = prefix + part.name;
  return moment;
}

Updated collect(const Graph& graph, Rewriter& rewriter, const OptimizerNode& optimizer) {
  Builder& build = rewriter.build();
  Updated all;
  all.moments.resize(optimizer.moments.size());
  for (const Output& output : graph.outputs) {
    if (output.kind != OutputKind::gradient) continue;
    all.names.push_back(output.name);
    all.weights.push_back(weight_named(build.graph(), output.name));
    all.gradients.push_back(rewriter.mapped(output.value));
    const Type type = build.type(all.weights.back());
    for (std::size_t m = 0; m < optimizer.moments.size(); ++m)
      all.moments[m].push_back(build.leaf(
          Op::state, moment_of(build.graph().node(all.weights.back().node), optimizer.moments[m]),
          type));
  }
  return all;
}

NodeId add_optimizer(Builder& build, const OptimizerNode& optimizer, const Updated& all,
                     Value norm) {
  ScalarInputs inputs(build);
  const Value rate = inputs.add(rate_name), second = inputs.add(optimizer.second);
  const Value clip = inputs.add(clip_name), decay = inputs.add(decay_name);
  std::vector<Value> operands = {rate, second, norm, clip, decay};
  const auto append = [&](const std::vector<Value>& values) {
    operands.insert(operands.end(), values.begin(), values.end());
  };
  append(all.weights);
  append(all.gradients);
  for (const auto& moments : all.moments) append(moments);
  return build.node(optimizer.op, optimizer.attributes, operands);
}

}  // namespace

Graph attach_update(const Graph& graph, const OptimizerNode& optimizer) {
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < graph.size(); ++id) rewriter.keep(id);
  Builder& build = rewriter.build();
  build.at({});
  const Updated all = collect(graph, rewriter, optimizer);
  const Value norm = build.add(Op::global_norm, all.gradients);
  const NodeId node = add_optimizer(build, optimizer, all, norm);

  Graph result = rewriter.finish();
  std::erase_if(result.outputs, [](const Output& o) { return o.kind == OutputKind::gradient; });
  result.outputs.push_back({norm_name, norm, OutputKind::result});
  const auto count = static_cast<std::uint32_t>(all.names.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    result.outputs.push_back({all.names[i], {node, i}, OutputKind::update});
    for (std::uint32_t m = 0; m < optimizer.moments.size(); ++m)
      result.outputs.push_back(
          {optimizer.moments[m] + all.names[i], {node, (m + 1) * count + i}, OutputKind::update});
  }
  return result;
}

}  // namespace coil

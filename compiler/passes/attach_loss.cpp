#include "compiler/passes/attach_loss.hpp"

#include <set>

#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/attach_adam.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil {
namespace {

// The leaves that training adds.
std::set<std::string> names_of_training(const Graph& graph) {
  std::set<std::string> names{target_name, rate_name, step_name};
  for (NodeId id : leaves(graph, Op::weight)) {
    const std::string weight(leaf_name(graph.node(id)));
    names.insert(mean_name(weight));
    names.insert(variance_name(weight));
  }
  return names;
}

}  // namespace

std::optional<std::string> why_untrainable(const Graph& graph) {
  if (graph.outputs.size() != 1 || graph.outputs[0].kind != OutputKind::result)
    return fmt::format("training needs a model with one output; {} has {}", graph.name,
                       graph.outputs.size());
  const Node& output = graph.node(graph.outputs[0].value.node);
  if (output.op != Op::softmax)
    return fmt::format(
        "training needs an output that is a probability for each class, and the output of {} is a "
        "{}; end the model with a softmax, as in `output dense(vocab, softmax)`",
        graph.name, to_string(output.op));
  if (!output.types[0].shape.is_batched())
    return fmt::format("the output of {} does not depend on its input", graph.name);
  if (leaves(graph, Op::weight).empty())
    return fmt::format("{} has no weights to train", graph.name);
  const auto taken = names_of_training(graph);
  for (const Node& node : graph.nodes())
    if (taken.contains(std::string(leaf_name(node))))
      return fmt::format("training needs the name '{}' for itself; rename that {} of {}",
                         leaf_name(node), to_string(node.op), graph.name);
  return std::nullopt;
}

Graph attach_loss(const Graph& graph) {
  const auto why = why_untrainable(graph);
  require(!why, "{}", why.value_or(""));
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < graph.size(); ++id) rewriter.keep(id);
  const Node& softmax = graph.node(graph.outputs[0].value.node);
  const Value logits = rewriter.mapped(softmax.operands[0]);

  Builder& build = rewriter.build();
  build.at(softmax.place);
  Shape predictions = softmax.types[0].shape;
  const std::int64_t classes = predictions.dims.back();
  predictions.dims.pop_back();
  const auto position = static_cast<std::int64_t>(leaves(graph, Op::input).size());
  const Value target = build.leaf(Op::input, InputAttributes{{target_name}, position, classes},
                                  {Element::index, predictions});
  const Value loss = build.add(Op::cross_entropy, {logits, target});
  Graph result = rewriter.finish();
  result.outputs = {{loss_name, loss, OutputKind::result}};
  return result;
}

}  // namespace coil

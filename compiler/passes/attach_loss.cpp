#include "compiler/passes/attach_loss.hpp"

#include <algorithm>
#include <set>

#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/attach_adam.hpp"
#include "compiler/passes/attach_sgd.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil {
namespace {

// The leaves that training adds.
std::set<std::string> names_of_training(const Graph& graph) {
  std::set<std::string> names{target_name,        seed_name,     step_name, rate_name,
                              update_number_name, momentum_name, clip_name, decay_name};
  for (NodeId id : leaves(graph, Op::weight)) {
    const std::string weight(leaf_name(graph.node(id)));
    names.insert(mean_name(weight));
    names.insert(variance_name(weight));
    names.insert(velocity_name(weight));
  }
  return names;
}

std::vector<Output> results_of(const Graph& graph) {
  std::vector<Output> results;
  for (const Output& output : graph.outputs)
    if (output.kind == OutputKind::result) results.push_back(output);
  return results;
}

// What a probability is the softmax of, in the new graph.
Value logits_of(Rewriter& rewriter, Value probability) {
  const Node& node = rewriter.from().node(probability.node);
  if (node.op == Op::softmax) return rewriter.mapped(node.operands[0]);
  std::vector<Value> parts;
  for (const Value operand : node.operands) parts.push_back(logits_of(rewriter, operand));
  return rewriter.build().add(Op::concat, parts, node.attributes);
}

}  // namespace

bool is_probability(const Graph& graph, Value value) {
  const Node& node = graph.node(value.node);
  if (node.op == Op::softmax) return true;
  const auto* concat = std::get_if<ConcatAttributes>(&node.attributes);
  if (!concat || concat->axis + 1 >= std::ssize(node.types[0].shape.dims)) return false;
  return std::ranges::all_of(
      node.operands, [&](Value operand) { return graph.node(operand.node).op == Op::softmax; });
}

std::optional<std::string> why_untrainable(const Graph& graph) {
  const auto results = results_of(graph);
  if (results.size() != 1)
    return fmt::format("training needs a model with one output; {} has {}", graph.name,
                       results.size());
  const Node& output = graph.node(results[0].value.node);
  if (!is_probability(graph, results[0].value))
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
  const Value output = results_of(graph)[0].value;
  Builder& build = rewriter.build();
  build.at(graph.node(output.node).place);
  const Value logits = logits_of(rewriter, output);
  Shape predictions = graph.type(output).shape;
  const std::int64_t classes = predictions.dims.back();
  predictions.dims.pop_back();
  const auto position = static_cast<std::int64_t>(leaves(graph, Op::input).size());
  const Value target = build.leaf(Op::input, InputAttributes{{target_name}, position, classes},
                                  {Element::index, predictions});
  const Value loss = build.add(Op::cross_entropy, {logits, target});
  Graph result = rewriter.finish();
  std::erase_if(result.outputs, [](const Output& o) { return o.kind == OutputKind::result; });
  result.outputs.insert(result.outputs.begin(), {loss_name, loss, OutputKind::result});
  return result;
}

}  // namespace coil

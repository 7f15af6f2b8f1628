#include "runtime/train/first_broken.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "compiler/graph/faces.hpp"
#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/runner.hpp"

#include "runtime/model/weights.hpp"

namespace coil {
namespace {

constexpr const char* logits_name = "logits";

// Loss and gradients, and the logits as well.
Graph with_logits(const Graph& canonical) {
  Graph graph = Runner().derive(canonical, Entry::gradients);
  for (NodeId id = 0; id < graph.size(); ++id)
    if (graph.node(id).op == Op::cross_entropy)
      graph.outputs.push_back({logits_name, graph.node(id).operands[0], OutputKind::result});
  return graph;
}

// Those whose last part was computed first come first.
std::vector<Output> gradients_in_order(const Graph& graph) {
  std::vector<Output> gradients;
  for (const Output& output : graph.outputs)
    if (output.kind == OutputKind::gradient) gradients.push_back(output);
  std::ranges::stable_sort(gradients, {}, [](const Output& output) { return output.value.node; });
  return gradients;
}

// As people know the weight whose gradient it is, whatever pieces the graph has of it.
std::string name_of(const Output& gradient, const Graph& graph) {
  for (const NodeId id : leaves(graph, Op::weight))
    if (leaf_name(graph.node(id)) == gradient.name)
      return stored_name(std::get<WeightAttributes>(graph.node(id).attributes));
  return gradient.name;
}

std::string in_program(const Program& program) {
  const Graph& graph = program.plan().graph;
  if (!all_finite(program.output(logits_name))) return "the logits are not finite";
  if (!all_finite(program.output(loss_name))) return "the loss is not finite";
  for (const Output& gradient : gradients_in_order(graph))
    if (!all_finite(program.output(gradient.name)))
      return fmt::format("the gradient of '{}' is not finite", name_of(gradient, graph));
  return "the norm of all gradients together is past the largest number";
}

}  // namespace

std::string first_broken(Model& model, const TextFace& face, const Batch& batch,
                         const StepNumbers& numbers, const Carried& states, int threads) {
  if (const auto weight = broken_weight(model))
    return fmt::format("the weight '{}' is not finite", *weight);
  for (const auto& [name, values] : states)
    if (!all_finite(values)) return fmt::format("the state '{}' is not finite", name);
  onednn::PackedWeights packed;
  Program program(make_plan(with_logits(model.graph), static_cast<std::int64_t>(batch.size)),
                  model.store, packed, threads);
  for (const auto& [name, values] : states) std::ranges::copy(values, program.state(name).begin());
  feed(program, face, batch, numbers);
  program.run();
  return in_program(program);
}

}  // namespace coil

#include "runtime/train/run_state.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/ranges.h>

#include "compiler/passes/attach_adam.hpp"
#include "compiler/passes/attach_sgd.hpp"
#include "compiler/source/run_error.hpp"

namespace coil {
namespace {

// A tensor of the file and where its values are in memory.
struct Held {
  std::string name;
  std::vector<std::int64_t> shape;
  std::span<float> values;
  bool never_negative = false;
};

struct Moment {
  const char* word;
  std::string (*state)(const std::string& weight);
  bool never_negative;
};

std::vector<Moment> moments_of(Optimizer optimizer) {
  switch (optimizer) {
    case Optimizer::adam:
      return {{"mean", mean_name, false}, {"variance", variance_name, true}};
    case Optimizer::sgd:
      return {{"velocity", velocity_name, false}};
  }
  __builtin_unreachable();
}

void add_moments(Model& model, Optimizer optimizer, std::vector<Held>& all) {
  for (const Moment& moment : moments_of(optimizer))
    for (const NodeId id : leaves(model.graph, Op::weight)) {
      const std::string weight(leaf_name(model.graph.node(id)));
      all.push_back({fmt::format("{}{}/{}", training_prefix, moment.word, weight),
                     model.graph.node(id).types[0].shape.dims,
                     model.store.values(moment.state(weight)), moment.never_negative});
    }
}

void add_states(Program& program, std::vector<Held>& all) {
  const Graph& graph = program.plan().graph;
  for (const NodeId id : leaves(graph, Op::state)) {
    const Shape& shape = graph.node(id).types[0].shape;
    if (!shape.is_batched()) continue;
    const std::string name(leaf_name(graph.node(id)));
    all.push_back({fmt::format("{}state/{}", training_prefix, name),
                   concrete_dims(shape, program.batch()), program.state(name)});
  }
}

std::vector<Held> held_by(Model& model, Optimizer optimizer, Program* carrying) {
  std::vector<Held> all;
  add_moments(model, optimizer, all);
  if (carrying) add_states(*carrying, all);
  return all;
}

// Why a tensor is not what belongs there; empty where it is.
std::string why_not(const Tensor& tensor, const Held& held) {
  if (tensor.shape != held.shape)
    return fmt::format("'{}' is [{}], and [{}] is needed", held.name, fmt::join(tensor.shape, ", "),
                       fmt::join(held.shape, ", "));
  for (const float x : tensor.values)
    if (!std::isfinite(x) || (held.never_negative && x < 0))
      return fmt::format("'{}' holds {}", held.name, x);
  return "";
}

}  // namespace

Entry entry_of(Optimizer optimizer) {
  switch (optimizer) {
    case Optimizer::adam:
      return Entry::train_step;
    case Optimizer::sgd:
      return Entry::train_step_sgd;
  }
  __builtin_unreachable();
}

void read_states(Program& program, Carried& into) {
  for (const NodeId id : leaves(program.plan().graph, Op::state)) {
    if (!program.plan().graph.node(id).types[0].shape.is_batched()) continue;
    const std::string name(leaf_name(program.plan().graph.node(id)));
    const auto values = program.state(name);
    into[name].assign(values.begin(), values.end());
  }
}

void write_states(const Carried& states, Program& program) {
  for (const auto& [name, values] : states) std::ranges::copy(values, program.state(name).begin());
}

void zero_moments(Model& model, Optimizer optimizer) {
  for (const Held& held : held_by(model, optimizer, nullptr)) std::ranges::fill(held.values, 0.0f);
}

std::vector<Tensor> run_state(Model& model, Optimizer optimizer, Program* carrying) {
  std::vector<Tensor> tensors;
  for (const Held& held : held_by(model, optimizer, carrying))
    tensors.push_back({held.name, held.shape, {held.values.begin(), held.values.end()}});
  return tensors;
}

void set_run_state(std::span<const Tensor> tensors, Model& model, Optimizer optimizer,
                   Program* carrying) {
  const std::vector<Held> all = held_by(model, optimizer, carrying);
  std::map<std::string_view, const Tensor*> given;
  for (const Tensor& tensor : tensors) given[tensor.name] = &tensor;
  for (const Held& held : all) {
    const auto found = given.find(held.name);
    if (found == given.end())
      fail(ExitCode::bad_artifact,
           "what resuming needs is not in the model's file: '{}' is missing; without resuming, its "
           "weights can be trained on",
           held.name);
    if (const std::string why = why_not(*found->second, held); !why.empty())
      fail(ExitCode::bad_artifact, "the model's file holds what no training leaves: {}", why);
    given.erase(found);
  }
  if (!given.empty())
    fail(ExitCode::bad_artifact, "the model's file holds what no training leaves: '{}'",
         given.begin()->first);
  for (const Held& held : all)
    std::ranges::copy(std::ranges::find(tensors, held.name, &Tensor::name)->values,
                      held.values.begin());
}

}  // namespace coil

// recurrent as oneDNN's primitives over whole sequences.

#include <algorithm>

#include "runtime/onednn/recurrence.hpp"

namespace coil::onednn {
namespace {

// Whether a gradient is computed from what this node leaves behind.
bool is_trained(const NodeView& view) {
  const RecurrentPlaces places(std::get<RecurrentAttributes>(view.node().attributes).cell);
  return std::ranges::any_of(view.plan.graph.nodes(), [&](const Node& node) {
    return node.op == Op::recurrent_grad &&
           node.operands[places.forward_results()] == Value{view.id, 0};
  });
}

// Where h of all steps and the last one are left, which are bf16 where products are: beside where they lie as reals.
RecurrentResults results_of(const NodeView& view, bool is_rounded, Workshop& shop) {
  constexpr auto sequence = RecurrentPlaces::sequence, last_h = RecurrentPlaces::last_h;
  if (!is_rounded) return {view.out(sequence), view.out(last_h)};
  const auto rounded = [&](std::uint32_t i) {
    const auto size = static_cast<std::size_t>(view.size(view.result_shape(i)));
    shop.buffers.emplace_back(size * sizeof(kernels::Bf16));
    return shop.buffers.back().data();
  };
  return {rounded(sequence), rounded(last_h)};
}

RecurrentPart forward_part(const dnnl::primitive_desc& descriptor, Recurrence& recurrence,
                           const NodeView& view, std::int64_t index, float* biases,
                           const RecurrentResults& results) {
  const RecurrentLayout as(recurrence.description(index));
  Binder binder(descriptor);
  recurrence.bind_operands(binder, index, biases);
  recurrence.bind_rows(binder, DNNL_ARG_DST_LAYER, as.dst, results.sequence, index);
  recurrence.bind_rows(binder, DNNL_ARG_DST_ITER, as.h, results.last_h, index);
  if (recurrence.places().has_c)
    recurrence.bind_rows(binder, DNNL_ARG_DST_ITER_C, as.c, view.out(RecurrentPlaces::last_c),
                         index);
  binder.bind(DNNL_ARG_SCRATCHPAD, recurrence.scratchpad(descriptor));
  return {.primitive = recurrence.made([&] { return dnnl::primitive(descriptor); }),
          .arguments = binder.finish()};
}

// Runs, and gives as reals what was left in bf16.
std::function<void()> widening(std::function<void()> run, const NodeView& view,
                               const RecurrentResults& results) {
  constexpr auto sequence = RecurrentPlaces::sequence, last_h = RecurrentPlaces::last_h;
  const auto widen = [](const void* from, float* to, std::int64_t size) {
    kernels::widen_bf16(static_cast<const kernels::Bf16*>(from), to, size);
  };
  return [=, run = std::move(run), all = view.out(sequence), last = view.out(last_h),
          size = view.size(view.result_shape(sequence)),
          last_size = view.size(view.result_shape(last_h))] {
    run();
    widen(results.sequence, all, size);
    widen(results.last_h, last, last_size);
  };
}

}  // namespace

Step lower_recurrent(const NodeView& view, Workshop& shop) {
  Recurrence recurrence(view, shop);
  const bool trains = is_trained(view);
  float* biases = recurrence.biases();
  const RecurrentResults results = results_of(view, recurrence.is_rounded(), shop);
  std::vector<RecurrentPart> parts;
  Step step;
  for (std::int64_t i = 0; i < recurrence.parts(); ++i) {
    dnnl::primitive_desc descriptor;
    if (trains) {
      const RecurrentTraining training =
          recurrence.made([&] { return recurrent_training(recurrence.description(i)); });
      descriptor = training.forward;
      shop.traces[view.id].push_back(
          {training.backward,
           shop.own_scratchpad(descriptor.query_md(dnnl::query::exec_arg_md, DNNL_ARG_WORKSPACE)),
           results});
    } else {
      descriptor = recurrence.made([&] { return recurrent_inference(recurrence.description(i)); });
    }
    step = recurrence.told(descriptor);
    parts.push_back(forward_part(descriptor, recurrence, view, i, biases, results));
    if (trains)
      parts.back().arguments.emplace(DNNL_ARG_WORKSPACE, shop.traces[view.id].back().workspace);
  }
  step.run = recurrence.run_of(std::move(parts));
  if (recurrence.is_rounded()) step.run = widening(std::move(step.run), view, results);
  return step;
}

}  // namespace coil::onednn

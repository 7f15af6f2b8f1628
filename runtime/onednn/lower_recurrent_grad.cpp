// recurrent_grad as oneDNN's primitives, back through all steps. Gradients are f32 in every precision.

#include "compiler/source/internal_error.hpp"

#include "runtime/kernels/parallel.hpp"
#include "runtime/onednn/recurrence.hpp"

namespace coil::onednn {
namespace {

// What one thread adds up in about 10 us.
constexpr std::int64_t worth_adding = 1 << 16;

// Gradients of weights, added up over a part of the batch.
struct WeightGradients {
  float *kernel, *recurrent_kernel, *bias;
};

RecurrentPart backward_part(const RecurrentTrace& trace, Recurrence& recurrence,
                            const NodeView& view, std::int64_t index, float* biases,
                            const WeightGradients& to) {
  const RecurrentPlaces& places = recurrence.places();
  const RecurrentLayout as(recurrence.description(index));
  Binder binder(trace.backward);
  recurrence.bind_operands(binder, index, biases);
  const auto rows = [&](int argument, const memory::desc& lies_as, void* all) {
    recurrence.bind_rows(binder, argument, lies_as, all, index);
  };
  const std::size_t given = places.gradients();
  rows(DNNL_ARG_DST_LAYER, as.dst, trace.results.sequence);
  rows(DNNL_ARG_DST_ITER, as.h, trace.results.last_h);
  rows(DNNL_ARG_DIFF_DST_LAYER, as.diff_dst, view.in(given + RecurrentPlaces::sequence));
  rows(DNNL_ARG_DIFF_DST_ITER, as.c, view.in(given + RecurrentPlaces::last_h));
  rows(DNNL_ARG_DIFF_SRC_LAYER, as.diff_src, view.out(RecurrentPlaces::src));
  rows(DNNL_ARG_DIFF_SRC_ITER, as.c, view.out(RecurrentPlaces::h));
  if (places.has_c) {
    rows(DNNL_ARG_DST_ITER_C, as.c, view.in(places.forward_results() + RecurrentPlaces::last_c));
    rows(DNNL_ARG_DIFF_DST_ITER_C, as.c, view.in(given + RecurrentPlaces::last_c));
    rows(DNNL_ARG_DIFF_SRC_ITER_C, as.c, view.out(RecurrentPlaces::c));
  }
  binder.bind(DNNL_ARG_DIFF_WEIGHTS_LAYER, as.diff_kernel, to.kernel);
  binder.bind(DNNL_ARG_DIFF_WEIGHTS_ITER, as.diff_recurrent_kernel, to.recurrent_kernel);
  binder.bind(DNNL_ARG_DIFF_BIAS, as.bias, to.bias);
  binder.bind(DNNL_ARG_WORKSPACE, trace.workspace);
  binder.bind(DNNL_ARG_SCRATCHPAD, recurrence.scratchpad(trace.backward));
  return {.zeroed = {{to.kernel, bytes_of(as.diff_kernel)},
                     {to.recurrent_kernel, bytes_of(as.diff_recurrent_kernel)},
                     {to.bias, bytes_of(as.bias)}},
          .primitive = recurrence.made([&] { return dnnl::primitive(trace.backward); }),
          .arguments = binder.finish()};
}

// to[0] += to[1] + .. in this order, each of `size` elements.
void add_up(const std::vector<float*>& to, std::int64_t size) {
  if (to.size() == 1) return;
  kernels::split(size * std::ssize(to), worth_adding, {size, 16},
                 [&](std::int64_t begin, std::int64_t end) {
                   for (std::size_t part = 1; part < to.size(); ++part)
                     for (std::int64_t i = begin; i < end; ++i) to[0][i] += to[part][i];
                 });
}

}  // namespace

Step lower_recurrent_grad(const NodeView& view, Workshop& shop) {
  Recurrence recurrence(view, shop);
  const RecurrentPlaces& places = recurrence.places();
  const auto forward = shop.traces.find(view.operand(places.forward_results()).node);
  require(forward != shop.traces.end(), "a recurrent_grad follows its recurrent");
  const auto& traces = forward->second;
  float* biases = recurrence.biases();
  const auto size_of = [&](std::size_t i) { return view.size(view.shape(i)); };
  const std::int64_t bias_size =
      size_of(places.bias) + (places.has_recurrent_bias ? recurrence.units() : 0);
  std::vector<RecurrentPart> parts;
  std::vector<float*> kernels, recurrent_kernels, all_biases;
  for (std::int64_t i = 0; i < recurrence.parts(); ++i) {
    const bool is_first = i == 0;
    kernels.push_back(is_first ? view.out(static_cast<std::uint32_t>(places.kernel))
                               : shop.new_reals(size_of(places.kernel)));
    recurrent_kernels.push_back(is_first
                                    ? view.out(static_cast<std::uint32_t>(places.recurrent_kernel))
                                    : shop.new_reals(size_of(places.recurrent_kernel)));
    all_biases.push_back(is_first && !places.has_recurrent_bias
                             ? view.out(static_cast<std::uint32_t>(places.bias))
                             : shop.new_reals(bias_size));
    parts.push_back(backward_part(traces[static_cast<std::size_t>(i)], recurrence, view, i, biases,
                                  {kernels.back(), recurrent_kernels.back(), all_biases.back()}));
  }
  Step step = recurrence.told(traces[0].backward);
  step.what += ", gradient";
  step.run = [=, run = recurrence.run_of(std::move(parts)), kernel_size = size_of(places.kernel),
              recurrent_size = size_of(places.recurrent_kernel)] {
    run();
    add_up(kernels, kernel_size);
    add_up(recurrent_kernels, recurrent_size);
    add_up(all_biases, bias_size);
  };
  if (!places.has_recurrent_bias) return step;
  step.run = [run = std::move(step.run), from = all_biases[0],
              bias = view.out(static_cast<std::uint32_t>(places.bias)),
              recurrent = view.out(static_cast<std::uint32_t>(places.recurrent_bias)),
              units = recurrence.units(), size = size_of(places.bias)] {
    run();
    move_to(bias, from, size);
    move_to(recurrent, from + size, units);
  };
  return step;
}

}  // namespace coil::onednn

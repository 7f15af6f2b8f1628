#include "runtime/onednn/recurrence.hpp"

#include <algorithm>

#include "compiler/source/internal_error.hpp"

#include "runtime/kernels/parallel.hpp"
#include "runtime/onednn/product.hpp"

namespace coil::onednn {
namespace {

constexpr std::int64_t most_parts = 8;
// Rows that are worth a part, which reads all weights at each step.
constexpr std::int64_t least_rows = 64;

// One row is divided among threads by its columns, and the last bits of an LSTM of 130 units tell how.
bool is_same_for_any_threads(std::int64_t rows) {
  return rows > 1 && effective_isa().starts_with("avx512");
}

}  // namespace

void RecurrentPart::run() const {
  for (const auto& [data, bytes] : zeroed) std::memset(data, 0, bytes);
  primitive.execute(stream(), arguments);
}

void Binder::bind(int argument, const memory& value) {
  require(wanted(argument) == value.get_desc(), "argument {} lies as the primitive wants it",
          argument);
  arguments_.emplace(argument, value);
}

Recurrence::Recurrence(const NodeView& view, Workshop& shop)
    : view_(view),
      shop_(shop),
      attributes_(std::get<RecurrentAttributes>(view.node().attributes)),
      asked_(attributes_.rounded ? "bf16" : to_string(shop.asked)),
      places_(attributes_.cell),
      steps_(view.shape(places_.src).dims[1]),
      inputs_(view.shape(places_.src).last()),
      units_(view.shape(places_.h).last()) {
  attributes_.rounded = attributes_.rounded && multiplies_bf16();
}

std::int64_t Recurrence::parts() const {
  return std::clamp<std::int64_t>(view_.plan.batch / least_rows, 1, most_parts);
}

std::int64_t Recurrence::first_row(std::int64_t part) const {
  return kernels::first_item({view_.plan.batch}, part, parts());
}

RecurrentDescription Recurrence::description(std::int64_t part) const {
  return {attributes_, steps_, first_row(part + 1) - first_row(part), inputs_, units_};
}

bool Recurrence::is_whole() const {
  return parts() == 1 && is_same_for_any_threads(view_.plan.batch);
}

std::function<void()> Recurrence::run_of(std::vector<RecurrentPart> parts) const {
  if (is_whole()) return [part = std::move(parts[0])] { part.run(); };
  return [parts = std::move(parts)] { run_side_by_side(parts); };
}

Step Recurrence::told(const dnnl::primitive_desc& descriptor) const {
  std::string what = fmt::format("{} [{}x{}x{}], {} units", to_string(attributes_.cell),
                                 view_.plan.batch, steps_, inputs_, units_);
  return {.what = std::move(what),
          .implementation = recurrent_implementation(descriptor, description(0)),
          .run = {},
          .requested_type = asked_,
          .actual_type = is_rounded() ? "bf16" : "f32"};
}

float* Recurrence::biases() {
  if (!places_.has_recurrent_bias) return view_.in(places_.bias);
  float* joined = shop_.new_reals((places_.gates + 1) * units_);
  Step step = kernel_step(fmt::format("{} biases", places_.gates + 1), "copy",
                          [joined, bias = view_.in(places_.bias), size = places_.gates * units_,
                           recurrent = view_.in(places_.recurrent_bias), units = units_] {
                            move_to(joined, bias, size);
                            move_to(joined + size, recurrent, units);
                          });
  step.node = view_.id;
  const bool stays = shop_.stays[view_.operand(places_.bias).node] &&
                     shop_.stays[view_.operand(places_.recurrent_bias).node];
  (stays ? shop_.once : shop_.before).push_back(std::move(step));
  return joined;
}

void Recurrence::bind_rows(Binder& binder, int argument, const memory::desc& lies_as, void* all,
                           std::int64_t part) const {
  const auto bytes_of_row =
      static_cast<std::int64_t>(bytes_of(lies_as)) / (first_row(part + 1) - first_row(part));
  binder.bind(argument, lies_as, static_cast<std::byte*>(all) + bytes_of_row * first_row(part));
}

void* Recurrence::operand(std::size_t i) {
  if (view_.plan.graph.type(view_.operand(i)).element != Element::bf16) return view_.in(i);
  if (is_rounded()) return view_.rounded_in(i);
  return widened(view_, i, shop_);
}

void Recurrence::bind_kernel(Binder& binder, int argument, std::size_t i,
                             const memory::desc& from) {
  const memory::desc to = binder.wanted(argument);
  binder.bind(argument, in_layout({view_.operand(i), to}, from, operand(i),
                                  fmt::format("{} bytes, weights", bytes_of(to)), shop_));
}

void Recurrence::bind_operands(Binder& binder, std::int64_t part, float* biases) {
  const RecurrentLayout as(description(part));
  bind_rows(binder, DNNL_ARG_SRC_LAYER, as.src, operand(RecurrentPlaces::src), part);
  bind_rows(binder, DNNL_ARG_SRC_ITER, as.h, operand(RecurrentPlaces::h), part);
  if (places_.has_c)
    bind_rows(binder, DNNL_ARG_SRC_ITER_C, as.c, operand(RecurrentPlaces::c), part);
  bind_kernel(binder, DNNL_ARG_WEIGHTS_LAYER, places_.kernel, as.kernel);
  bind_kernel(binder, DNNL_ARG_WEIGHTS_ITER, places_.recurrent_kernel, as.recurrent_kernel);
  binder.bind(DNNL_ARG_BIAS, as.bias, biases);
}

memory Recurrence::scratchpad(const dnnl::primitive_desc& descriptor) {
  const memory::desc desc = descriptor.query_md(dnnl::query::exec_arg_md, DNNL_ARG_SCRATCHPAD);
  return parts() == 1 ? shop_.scratchpad(desc) : shop_.own_scratchpad(desc);
}

}  // namespace coil::onednn

// recurrent and recurrent_grad as oneDNN's primitives over whole sequences.
//
// The batch is divided by rows, as its size alone decides, and one thread runs a part of it through all steps: no
// thread waits for another between two steps, and the bits are the same for any number of threads. A batch of one part
// is run by all threads where oneDNN's products have the same bits for any number of them, which is so with AVX-512.
//
// Computed in f32 whatever the precision: primitives for bf16 round the states between steps as well, which is not what
// the ops mean. A step tells what was asked for, so that a run can insist on it.

#include <algorithm>
#include <array>

#include "compiler/graph/ops/recurrent.hpp"
#include "compiler/source/internal_error.hpp"

#include "runtime/kernels/parallel.hpp"
#include "runtime/onednn/lowering.hpp"
#include "runtime/onednn/side_by_side.hpp"

namespace coil::onednn {
namespace {

constexpr std::int64_t most_parts = 8;
// Rows that are worth a part, which reads all weights at each step.
constexpr std::int64_t least_rows = 64;
// What one thread adds up in about 10 us.
constexpr std::int64_t worth_adding = 1 << 16;

// What is to run on one thread has to be made so; a copy of weights is not.
template <typename Make>
auto by_one_thread(const Make& make) {
  const Threads one(1);
  return make();
}

// One row is divided among threads by its columns, and the last bits of an LSTM of 130 units tell how.
bool is_same_for_any_threads(std::int64_t rows) {
  return rows > 1 && effective_isa().starts_with("avx512");
}

// A part of the batch, as primitives run it.
struct Part {
  std::vector<std::pair<float*, std::size_t>> zeroed = {};  // what is added to
  dnnl::primitive primitive;
  Arguments arguments;

  void run() const {
    for (const auto& [data, bytes] : zeroed) std::memset(data, 0, bytes);
    primitive.execute(stream(), arguments);
  }
};

// A node of either op.
class Recurrence {
 public:
  Recurrence(const NodeView& view, Workshop& shop)
      : view_(view),
        shop_(shop),
        attributes_(std::get<RecurrentAttributes>(view.node().attributes)),
        places_(attributes_.cell),
        steps_(view.shape(places_.src).dims[1]),
        inputs_(view.shape(places_.src).last()),
        units_(view.shape(places_.h).last()) {}

  const RecurrentPlaces& places() const { return places_; }
  std::int64_t units() const { return units_; }
  std::int64_t parts() const {
    return std::clamp<std::int64_t>(view_.plan.batch / least_rows, 1, most_parts);
  }
  std::int64_t first_row(std::int64_t part) const {
    return kernels::first_item({view_.plan.batch}, part, parts());
  }
  RecurrentDescription description(std::int64_t part) const {
    return {attributes_, steps_, first_row(part + 1) - first_row(part), inputs_, units_};
  }

  // Makes what the parts are to run.
  template <typename Make>
  auto made(const Make& make) const {
    return is_whole() ? make() : by_one_thread(make);
  }
  std::function<void()> step(std::vector<Part> parts) const {
    if (is_whole()) return [part = std::move(parts[0])] { part.run(); };
    return [parts = std::move(parts)] { run_side_by_side(parts); };
  }

  std::string what() const {
    return fmt::format("{} [{}x{}x{}], {} units", to_string(attributes_.cell), view_.plan.batch,
                       steps_, inputs_, units_);
  }

  // Operand `i` in the layout `to`, which differs from that in which it lies as `from`.
  memory laid_out(std::size_t i, const memory::desc& from, const memory::desc& to);
  // The biases of an operation, which oneDNN wants one behind the other.
  float* biases();

  memory scratchpad(const dnnl::primitive_desc& descriptor) {
    const memory::desc desc = descriptor.query_md(dnnl::query::exec_arg_md, DNNL_ARG_SCRATCHPAD);
    return parts() == 1 ? shop_.scratchpad(desc) : shop_.own_scratchpad(desc);
  }

 private:
  bool is_whole() const { return parts() == 1 && is_same_for_any_threads(view_.plan.batch); }

  const NodeView& view_;
  Workshop& shop_;
  RecurrentAttributes attributes_;
  RecurrentPlaces places_;
  std::int64_t steps_, inputs_, units_;
};

memory Recurrence::laid_out(std::size_t i, const memory::desc& from, const memory::desc& to) {
  return in_layout({view_.operand(i), to}, from, view_.in(i),
                   fmt::format("{} bytes, weights", bytes_of(to)), shop_);
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

// Collects the arguments of a primitive. Each lies as the primitive wants it: what oneDNN is given otherwise it reads
// all the same, and computes something else.
class Binder {
 public:
  explicit Binder(const dnnl::primitive_desc& descriptor) : descriptor_(descriptor) {}

  void bind(int argument, const memory::desc& lies_as, float* data) {
    bind(argument, memory(lies_as, engine(), data));
  }
  void bind(int argument, const memory& value) {
    require(wanted(argument) == value.get_desc(), "argument {} lies as the primitive wants it",
            argument);
    arguments_.emplace(argument, value);
  }
  memory::desc wanted(int argument) const {
    return descriptor_.query_md(dnnl::query::exec_arg_md, argument);
  }
  Arguments finish() { return std::move(arguments_); }

 private:
  const dnnl::primitive_desc& descriptor_;
  Arguments arguments_;
};

// What both directions are given, from row `row` on.
void bind_operands(Binder& binder, Recurrence& recurrence, const NodeView& view,
                   const RecurrentLayout& as, std::int64_t row, float* biases) {
  const RecurrentPlaces& places = recurrence.places();
  const auto rows_of = [&](std::size_t i) { return view.in(i) + row * (*count(view.shape(i))); };
  binder.bind(DNNL_ARG_SRC_LAYER, as.src, rows_of(RecurrentPlaces::src));
  binder.bind(DNNL_ARG_SRC_ITER, as.h, rows_of(RecurrentPlaces::h));
  if (places.has_c) binder.bind(DNNL_ARG_SRC_ITER_C, as.h, rows_of(RecurrentPlaces::c));
  binder.bind(DNNL_ARG_WEIGHTS_LAYER,
              recurrence.laid_out(places.kernel, as.kernel, binder.wanted(DNNL_ARG_WEIGHTS_LAYER)));
  binder.bind(DNNL_ARG_WEIGHTS_ITER,
              recurrence.laid_out(places.recurrent_kernel, as.recurrent_kernel,
                                  binder.wanted(DNNL_ARG_WEIGHTS_ITER)));
  binder.bind(DNNL_ARG_BIAS, as.bias, biases);
}

// Whether a gradient is computed from what this node leaves behind.
bool is_trained(const NodeView& view) {
  const RecurrentPlaces places(std::get<RecurrentAttributes>(view.node().attributes).cell);
  return std::ranges::any_of(view.plan.graph.nodes(), [&](const Node& node) {
    return node.op == Op::recurrent_grad &&
           node.operands[places.forward_results()] == Value{view.id, 0};
  });
}

Part forward_part(const dnnl::primitive_desc& descriptor, Recurrence& recurrence,
                  const NodeView& view, std::int64_t index, float* biases) {
  const RecurrentLayout as(recurrence.description(index));
  const std::int64_t row = recurrence.first_row(index);
  const auto result = [&](std::uint32_t i) {
    return view.out(i) + row * (*count(view.result_shape(i)));
  };
  Binder binder(descriptor);
  bind_operands(binder, recurrence, view, as, row, biases);
  binder.bind(DNNL_ARG_DST_LAYER, as.dst, result(RecurrentPlaces::sequence));
  binder.bind(DNNL_ARG_DST_ITER, as.h, result(RecurrentPlaces::last_h));
  if (recurrence.places().has_c)
    binder.bind(DNNL_ARG_DST_ITER_C, as.h, result(RecurrentPlaces::last_c));
  binder.bind(DNNL_ARG_SCRATCHPAD, recurrence.scratchpad(descriptor));
  return {.primitive = recurrence.made([&] { return dnnl::primitive(descriptor); }),
          .arguments = binder.finish()};
}

// Gradients of weights, added up over a part of the batch.
struct WeightGradients {
  float *kernel, *recurrent_kernel, *bias;
};

Part backward_part(const RecurrentTrace& trace, Recurrence& recurrence, const NodeView& view,
                   std::int64_t index, float* biases, const WeightGradients& to) {
  const RecurrentPlaces& places = recurrence.places();
  const RecurrentLayout as(recurrence.description(index));
  const std::int64_t row = recurrence.first_row(index);
  Binder binder(trace.backward);
  const auto rows_of = [&](int argument, const memory::desc& desc, std::size_t operand) {
    binder.bind(argument, desc, view.in(operand) + row * (*count(view.shape(operand))));
  };
  bind_operands(binder, recurrence, view, as, row, biases);
  const auto bind_results = [&](std::size_t from, const std::array<int, 3>& arguments) {
    rows_of(arguments[0], as.dst, from + RecurrentPlaces::sequence);
    rows_of(arguments[1], as.h, from + RecurrentPlaces::last_h);
    if (places.has_c) rows_of(arguments[2], as.h, from + RecurrentPlaces::last_c);
  };
  bind_results(places.forward_results(),
               {DNNL_ARG_DST_LAYER, DNNL_ARG_DST_ITER, DNNL_ARG_DST_ITER_C});
  bind_results(places.gradients(),
               {DNNL_ARG_DIFF_DST_LAYER, DNNL_ARG_DIFF_DST_ITER, DNNL_ARG_DIFF_DST_ITER_C});
  const auto gradient = [&](std::uint32_t i) {
    return view.out(i) + row * (*count(view.result_shape(i)));
  };
  binder.bind(DNNL_ARG_DIFF_SRC_LAYER, as.src, gradient(RecurrentPlaces::src));
  binder.bind(DNNL_ARG_DIFF_SRC_ITER, as.h, gradient(RecurrentPlaces::h));
  if (places.has_c) binder.bind(DNNL_ARG_DIFF_SRC_ITER_C, as.h, gradient(RecurrentPlaces::c));
  binder.bind(DNNL_ARG_DIFF_WEIGHTS_LAYER, as.kernel, to.kernel);
  binder.bind(DNNL_ARG_DIFF_WEIGHTS_ITER, as.recurrent_kernel, to.recurrent_kernel);
  binder.bind(DNNL_ARG_DIFF_BIAS, as.bias, to.bias);
  binder.bind(DNNL_ARG_WORKSPACE, trace.workspace);
  binder.bind(DNNL_ARG_SCRATCHPAD, recurrence.scratchpad(trace.backward));
  return {.zeroed = {{to.kernel, bytes_of(as.kernel)},
                     {to.recurrent_kernel, bytes_of(as.recurrent_kernel)},
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

Step lower_recurrent(const NodeView& view, Workshop& shop) {
  Recurrence recurrence(view, shop);
  const bool trains = is_trained(view);
  float* biases = recurrence.biases();
  std::vector<Part> parts;
  std::string chosen;
  for (std::int64_t i = 0; i < recurrence.parts(); ++i) {
    dnnl::primitive_desc descriptor;
    if (trains) {
      const RecurrentTraining training =
          recurrence.made([&] { return recurrent_training(recurrence.description(i)); });
      descriptor = training.forward;
      shop.traces[view.id].push_back(
          {training.backward,
           shop.own_scratchpad(descriptor.query_md(dnnl::query::exec_arg_md, DNNL_ARG_WORKSPACE))});
    } else {
      descriptor = recurrence.made([&] { return recurrent_inference(recurrence.description(i)); });
    }
    chosen = implementation(descriptor);
    parts.push_back(forward_part(descriptor, recurrence, view, i, biases));
    if (trains)
      parts.back().arguments.emplace(DNNL_ARG_WORKSPACE, shop.traces[view.id].back().workspace);
  }
  return {0, recurrence.what(), chosen, recurrence.step(std::move(parts)), to_string(shop.asked)};
}

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
  std::vector<Part> parts;
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
  Step step{0,
            recurrence.what() + ", gradient",
            implementation(traces[0].backward),
            {},
            to_string(shop.asked)};
  step.run = [=, run = recurrence.step(std::move(parts)), kernel_size = size_of(places.kernel),
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

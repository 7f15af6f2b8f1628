// Time of each kernel at the sizes of the Char3 model (512 rows; widths 42, 57 and 256; 93,843
// parameters) and at larger ones, by thread count. `per_element` is the time of one element,
// `memory` the rate at which its arrays are read and written.
// The copy at the top is the machine's own speed, to compare with.
#include <benchmark/benchmark.h>
#include <cstdint>
#include <cstring>
#include <omp.h>
#include <random>
#include <vector>

#include "runtime/kernels/activation_gradient.hpp"
#include "runtime/kernels/adam.hpp"
#include "runtime/kernels/binary.hpp"
#include "runtime/kernels/column_sum.hpp"
#include "runtime/kernels/cross_entropy.hpp"
#include "runtime/kernels/gather.hpp"
#include "runtime/kernels/scatter.hpp"
#include "runtime/kernels/softmax.hpp"
#include "runtime/kernels/squared_norm.hpp"
#include "runtime/kernels/unary.hpp"

namespace coil::bench {
namespace {

using namespace kernels;  // each benchmark bears its kernel's name: calls say kernels::

using Index = std::int64_t;
constexpr Index kTableRows = 57;

std::vector<float> random_floats(Index size, float deviation = 1.0f) {
  std::mt19937 engine(1);
  std::normal_distribution<float> draw(0.0f, deviation);
  std::vector<float> values(static_cast<std::size_t>(size));
  for (float& value : values) value = draw(engine);
  return values;
}

std::vector<std::int32_t> random_indices(Index size) {
  std::mt19937 engine(2);
  std::uniform_int_distribution<std::int32_t> draw(0, kTableRows - 1);
  std::vector<std::int32_t> values(static_cast<std::size_t>(size));
  for (std::int32_t& value : values) value = draw(engine);
  return values;
}

// Runs `body` over and over with the thread count of the last argument. `floats` is how many the
// kernel reads and writes for each of its `elements`.
template <typename Body>
void measure(benchmark::State& state, Index threads, Index elements, double floats, Body body) {
  omp_set_num_threads(static_cast<int>(threads));
  for (auto _ : state) {
    body();
    benchmark::ClobberMemory();
  }
  using Counter = benchmark::Counter;
  const auto size = static_cast<double>(elements);
  state.counters["per_element"] =
      Counter(size, Counter::kIsIterationInvariantRate | Counter::kInvert);
  state.counters["memory"] =
      Counter(size * floats * sizeof(float), Counter::kIsIterationInvariantRate);
}

void sizes(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"rows", "width", "threads"})->UseRealTime()->Unit(benchmark::kMicrosecond);
  for (const Index rows : {512, 4096}) {
    for (const Index width : {42, 57, 256}) {
      for (const Index threads : {1, 2}) bench->Args({rows, width, threads});
    }
  }
}

void lengths(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"size", "threads"})->UseRealTime()->Unit(benchmark::kMicrosecond);
  for (const Index size : {512 * 57, 512 * 256, 4096 * 256}) {
    for (const Index threads : {1, 2}) bench->Args({size, threads});
  }
}

void copy(benchmark::State& state) {
  const auto in = random_floats(state.range(0));
  std::vector<float> out(in.size());
  measure(state, state.range(1), state.range(0), 2,
          [&] { std::memcpy(out.data(), in.data(), in.size() * sizeof(float)); });
}
BENCHMARK(copy)->Apply(lengths);

void empty_region(benchmark::State& state) {
  measure(state, state.range(0), 1, 0, [] {
#pragma omp parallel
    benchmark::ClobberMemory();
  });
}
BENCHMARK(empty_region)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime();

void gather(benchmark::State& state) {
  const Index rows = state.range(0), width = state.range(1);
  const auto table = random_floats(kTableRows * width);
  const auto index = random_indices(rows);
  std::vector<float> out(static_cast<std::size_t>(rows * width));
  measure(state, state.range(2), rows * width, 2, [&] {
    gather_rows({table.data(), {kTableRows, width}}, index, out.data());
  });
}
BENCHMARK(gather)->Apply(sizes);

void scatter(benchmark::State& state) {
  const Index rows = state.range(0), width = state.range(1);
  const auto values = random_floats(rows * width);
  const auto index = random_indices(rows);
  std::vector<float> table(static_cast<std::size_t>(kTableRows * width));
  measure(state, state.range(2), rows * width, 1, [&] {
    scatter_add_rows(values.data(), index, {table.data(), {kTableRows, width}});
  });
}
BENCHMARK(scatter)->Apply(sizes);

void column_sum(benchmark::State& state) {
  const Index rows = state.range(0), width = state.range(1);
  const auto in = random_floats(rows * width);
  std::vector<float> out(static_cast<std::size_t>(width));
  measure(state, state.range(2), rows * width, 1, [&] {
    kernels::column_sum({in.data(), {rows, width}}, out.data());
  });
}
BENCHMARK(column_sum)->Apply(sizes);

void softmax(benchmark::State& state) {
  const Index rows = state.range(0), width = state.range(1);
  const auto in = random_floats(rows * width, 3);
  std::vector<float> out(in.size());
  measure(state, state.range(2), rows * width, 2, [&] {
    kernels::softmax({in.data(), {rows, width}}, out.data());
  });
}
BENCHMARK(softmax)->Apply(sizes);

void cross_entropy(benchmark::State& state) {
  const Index rows = state.range(0), width = state.range(1);
  const auto logits = random_floats(rows * width, 3);
  auto target = random_indices(rows);
  for (std::int32_t& t : target) t %= static_cast<std::int32_t>(width);
  std::vector<float> gradient(logits.size());
  std::vector<float> losses(target.size());
  measure(state, state.range(2), rows * width, 2, [&] {
    benchmark::DoNotOptimize(softmax_cross_entropy({logits.data(), {rows, width}}, target.data(),
                                                   losses.data(), gradient.data()));
  });
}
BENCHMARK(cross_entropy)->Apply(sizes);

void bias(benchmark::State& state) {
  const Index rows = state.range(0), width = state.range(1);
  const auto in = random_floats(rows * width);
  const auto row = random_floats(width);
  std::vector<float> out(in.size());
  measure(state, state.range(2), rows * width, 2, [&] {
    binary(Binary::add, Broadcast::right_row, in.data(), row.data(), out.data(), {rows, width});
  });
}
BENCHMARK(bias)->Apply(sizes);

// Char3's tensors: embedding, three kernels with their biases, the output's kernel and bias.
std::vector<Index> char3_sizes() { return {57 * 42, 42 * 256, 256, 256 * 256, 256, 57 * 256, 57}; }

// `deviation` of the gradients: small ones leave denormal variances behind.
void adam(benchmark::State& state, float deviation) {
  std::vector<std::vector<float>> arrays;
  std::vector<AdamTensor> tensors;
  Index total = 0;
  for (const Index size : char3_sizes()) {
    for (const float d : {1.0f, deviation, deviation}) arrays.push_back(random_floats(size, d));
    arrays.push_back(random_floats(size, deviation));
    for (float& x : arrays.back()) x *= x;
    const auto last = arrays.end();
    tensors.push_back({last[-4].data(), last[-3].data(), last[-2].data(), last[-1].data(), size});
    total += size;
  }
  measure(state, state.range(0), total, 7, [&] { kernels::adam({}, 1000, tensors); });
}
BENCHMARK_CAPTURE(adam, normal, 1e-2f)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK_CAPTURE(adam, denormal, 1e-20f)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime();

void squared_norm(benchmark::State& state) {
  const auto in = random_floats(state.range(0));
  const NormTensor tensor{in.data(), state.range(0)};
  measure(state, state.range(1), state.range(0), 1, [&] {
    benchmark::DoNotOptimize(kernels::squared_norm({&tensor, 1}));
  });
}
BENCHMARK(squared_norm)->Apply(lengths)->Args({93'843, 1})->Args({93'843, 2});

void add(benchmark::State& state) {
  const auto in = random_floats(state.range(0));
  std::vector<float> out(in.size());
  measure(state, state.range(1), state.range(0), 3, [&] {
    binary(Binary::add, Broadcast::none, in.data(), out.data(), out.data(), {1, state.range(0)});
  });
}
BENCHMARK(add)->Apply(lengths);

void unary(benchmark::State& state, Unary op) {
  auto in = random_floats(state.range(0));
  std::vector<float> out(in.size());
  for (float& x : in) x = op == Unary::log ? x * x : x;
  measure(state, state.range(1), state.range(0), 2,
          [&] { kernels::unary(op, in.data(), out.data(), state.range(0)); });
}
BENCHMARK_CAPTURE(unary, tanh, Unary::tanh)->Apply(lengths);
BENCHMARK_CAPTURE(unary, sigmoid, Unary::sigmoid)->Apply(lengths);
BENCHMARK_CAPTURE(unary, hard_sigmoid, Unary::hard_sigmoid)->Apply(lengths);
BENCHMARK_CAPTURE(unary, relu, Unary::relu)->Apply(lengths);
BENCHMARK_CAPTURE(unary, exp, Unary::exp)->Apply(lengths);
BENCHMARK_CAPTURE(unary, log, Unary::log)->Apply(lengths);

void tanh_gradient(benchmark::State& state) {
  const auto dy = random_floats(state.range(0));
  const auto y = random_floats(state.range(0), 0.3f);
  std::vector<float> dx(dy.size());
  measure(state, state.range(1), state.range(0), 3, [&] {
    activation_gradient(Activation::tanh, dy.data(), y.data(), dx.data(), state.range(0));
  });
}
BENCHMARK(tanh_gradient)->Apply(lengths);

}  // namespace
}  // namespace coil::bench

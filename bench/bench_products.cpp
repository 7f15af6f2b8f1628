// The matrix products that a training step of an LSTM cannot do without, each alone at its best: both sides packed as
// oneDNN likes them, nothing else in between. The sum is the least that such a step takes on this machine.
//
//     bench_products [ROWS STEPS FACTORS UNITS CLASSES THREADS SECONDS]      64 8 42 512 57 2 1
//
// Prints an object of JSON. With N rows, T steps, I factors, H units, C classes:
//   forward    x @ W of all steps at once; h @ U a step; h @ V of all steps
//   backward   what goes back through V, and a step through U; through W into the looked-up rows;
//              and the gradients of V, U and W, each of all steps at once
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <omp.h>
#include <string>

#include "compiler/source/internal_error.hpp"

#include "runtime/execute/rounds.hpp"
#include "runtime/onednn/aligned_buffer.hpp"
#include "runtime/onednn/onednn.hpp"

namespace coil::bench {
namespace {

using onednn::memory;

struct Product {
  const char* name;
  std::int64_t rows, inner, columns;
  std::int64_t times;  // in a step of training
};

// Memory of its own, of ones.
struct Operand {
  AlignedBuffer buffer;
  memory data;

  explicit Operand(const memory::desc& desc)
      : buffer(onednn::bytes_of(desc)), data(desc, onednn::engine(), buffer.data()) {
    auto* values = static_cast<float*>(buffer.data());
    for (std::size_t i = 0; i < buffer.bytes() / sizeof(float); ++i) values[i] = 1.0f;
  }
};

std::function<void()> body_of(const Product& product) {
  const auto descriptor =
      onednn::matmul_descriptor({.src = onednn::any_format(product.rows, product.inner),
                                 .weights = onednn::any_format(product.inner, product.columns),
                                 .dst = onednn::any_format(product.rows, product.columns)});
  struct Held {
    Operand src, weights, dst, scratchpad;
    dnnl::matmul primitive;
    onednn::Arguments arguments;
  };
  auto held = std::make_shared<Held>(Held{Operand(descriptor.src_desc()),
                                          Operand(descriptor.weights_desc()),
                                          Operand(descriptor.dst_desc()),
                                          Operand(descriptor.scratchpad_desc()),
                                          dnnl::matmul(descriptor),
                                          {}});
  held->arguments = {{DNNL_ARG_SRC, held->src.data},
                     {DNNL_ARG_WEIGHTS, held->weights.data},
                     {DNNL_ARG_DST, held->dst.data},
                     {DNNL_ARG_SCRATCHPAD, held->scratchpad.data}};
  return [held] {
    held->primitive.execute(onednn::stream(), held->arguments);
    onednn::stream().wait();
  };
}

std::vector<Product> products_of_step(std::int64_t n, std::int64_t t, std::int64_t i,
                                      std::int64_t h, std::int64_t c) {
  return {{"x @ W", n * t, i, 4 * h, 1},       {"h @ U", n, h, 4 * h, t},
          {"h @ V", n * t, h, c, 1},           {"dz @ V'", n * t, c, h, 1},
          {"dg @ U'", n, 4 * h, h, t},         {"dg @ W'", n * t, 4 * h, i, 1},
          {"dV = h' @ dz", h, n * t, c, 1},    {"dU = h' @ dg", h, n * t, 4 * h, 1},
          {"dW = x' @ dg", i, n * t, 4 * h, 1}};
}

void run(const std::array<double, 7>& settings) {
  const auto whole = [&](std::size_t i) { return static_cast<std::int64_t>(settings[i]); };
  omp_set_num_threads(static_cast<int>(whole(5)));
  const auto products = products_of_step(whole(0), whole(1), whole(2), whole(3), whole(4));
  std::vector<std::function<void()>> bodies;
  for (const Product& product : products) bodies.push_back(body_of(product));
  RoundOptions options;
  options.seconds = settings[6];
  const auto timings = time_in_turn(bodies, options);
  nlohmann::ordered_json json = {{"threads", whole(5)}, {"products", nlohmann::json::array()}};
  double sum = 0;
  for (std::size_t i = 0; i < products.size(); ++i) {
    const Product& product = products[i];
    const double seconds = quartiles(timings[i].seconds).median;
    const double flop = 2.0 * static_cast<double>(product.rows * product.inner * product.columns);
    sum += seconds * static_cast<double>(product.times);
    json["products"].push_back({{"name", product.name},
                                {"shape", {product.rows, product.inner, product.columns}},
                                {"times", product.times},
                                {"seconds", seconds},
                                {"gflops", flop / seconds * 1e-9}});
  }
  json["seconds"] = sum;
  std::puts(json.dump(2).c_str());
}

}  // namespace
}  // namespace coil::bench

int main(int argc, char** argv) {
  std::array<double, 7> settings = {64, 8, 42, 512, 57, 2, 1};
  const auto given = static_cast<std::size_t>(argc - 1);
  bool is_wrong = given > settings.size();
  for (std::size_t i = 0; i < given && !is_wrong; ++i) {
    char* end = nullptr;
    settings[i] = std::strtod(argv[i + 1], &end);
    const double least = i == 6 ? 1e-3 : 1;
    is_wrong = end == argv[i + 1] || *end != '\0' || !(settings[i] >= least && settings[i] <= 1e5);
  }
  if (is_wrong) {
    std::fprintf(
        stderr, "bench_products: give numbers: ROWS STEPS FACTORS UNITS CLASSES THREADS SECONDS\n");
    return 2;
  }
  coil::bench::run(settings);
  return 0;
}

#include <catch2/catch.hpp>
#include <cmath>
#include <omp.h>

#include "compiler/graph/builder.hpp"

#include "tests/model/small_model.hpp"

namespace coil::test {
namespace {

// A model that is one weight.
Model one_weight(Shape shape, Initializer initializer) {
  Model model;
  Builder build(model.graph);
  const Value w = build.leaf(Op::weight, WeightAttributes{{"w"}, initializer},
                             {Element::real, std::move(shape)});
  model.graph.outputs = {{"output", w, OutputKind::result}};
  model.store.add_leaves_of(model.graph);
  return model;
}

std::vector<float> drawn(Shape shape, Initializer initializer, std::uint64_t seed = 1) {
  Model model = one_weight(std::move(shape), initializer);
  initialize_weights(model, seed);
  const auto values = model.store.copy_of("w");
  return {values.begin(), values.end()};
}

Model ready_lstm() {
  const SourceFile file("lstm.model",
                        "model M(vocab = 30) {\n  input c[4]: index(vocab)\n  output c |> "
                        "embedding(vocab, 6) |> lstm(10) |> last |> dense(vocab, softmax)\n}\n");
  Diagnostics diagnostics(file);
  Runner runner;
  auto compiled = compile(file, {}, diagnostics, runner);
  if (!compiled) throw std::logic_error(diagnostics.render());
  Model model = Model::from(std::move(*compiled));
  initialize_weights(model, 3);
  return model;
}

double mean_square(const std::vector<float>& values) {
  double sum = 0;
  for (const float x : values) sum += double{x} * x;
  return sum / static_cast<double>(values.size());
}

}  // namespace

TEST_CASE("uniform and glorot stay in their limits and fill them") {
  const auto [limit, values] = GENERATE(
      std::pair(0.05, drawn({{300, 40}}, {InitializerKind::uniform, 0.05})),
      std::pair(std::sqrt(6.0 / 340), drawn({{300, 40}}, {InitializerKind::glorot_uniform, 0})));
  for (const float x : values) CHECK(std::abs(x) <= limit);
  CHECK(*std::max_element(values.begin(), values.end()) > 0.99 * limit);
  CHECK(*std::min_element(values.begin(), values.end()) < -0.99 * limit);
  CHECK(mean_square(values) == Approx(limit * limit / 3).epsilon(0.05));
}

TEST_CASE("zeros and ones") {
  CHECK(drawn({{3}}, {InitializerKind::zeros, 0}) == std::vector<float>(3, 0.0f));
  CHECK(drawn({{3}}, {InitializerKind::ones, 0}) == std::vector<float>(3, 1.0f));
}

TEST_CASE("orthogonal matrices are orthogonal, tall, wide and square") {
  const auto [rows, columns] = GENERATE(std::pair(7, 7), std::pair(20, 6), std::pair(5, 40));
  const auto w = drawn({{rows, columns}}, {InitializerKind::orthogonal, 0});
  const bool tall = rows > columns;
  const int few = std::min(rows, columns), many = std::max(rows, columns);
  const auto at = [&, width = columns](int basis, int i) {
    return double{w[static_cast<std::size_t>(tall ? i * width + basis : basis * width + i)]};
  };
  for (int a = 0; a < few; ++a)
    for (int b = 0; b < few; ++b) {
      double dot = 0;
      for (int i = 0; i < many; ++i) dot += at(a, i) * at(b, i);
      CHECK(dot == Approx(a == b ? 1 : 0).margin(1e-6));
    }
}

TEST_CASE("an orthogonal matrix is drawn evenly: its elements have mean 0 and variance 1 / n") {
  const auto w = drawn({{64, 64}}, {InitializerKind::orthogonal, 0}, 5);
  double sum = 0;
  for (const float x : w) sum += double{x};
  CHECK(std::abs(sum / 4096) < 4 / std::sqrt(4096.0 * 64));
  CHECK(mean_square(w) == Approx(1.0 / 64).epsilon(1e-6));
  CHECK(w != drawn({{64, 64}}, {InitializerKind::orthogonal, 0}, 6));
}

TEST_CASE("the weights of an LSTM start as Keras's, whole, whatever pieces the graph has") {
  Model model = ready_lstm();
  const auto kernel = model.store.stored("lstm.kernel");
  const double limit = std::sqrt(6.0 / (6 + 4 * 10));
  for (const float x : kernel) CHECK(std::abs(x) <= limit);
  CHECK(*std::max_element(kernel.begin(), kernel.end()) > 0.9 * limit);
  const auto recurrent = model.store.stored("lstm.recurrent_kernel");
  for (int a = 0; a < 10; ++a)
    for (int b = 0; b < 10; ++b) {
      double dot = 0;
      for (int i = 0; i < 40; ++i)
        dot += double{recurrent[static_cast<std::size_t>(a * 40 + i)]} *
               double{recurrent[static_cast<std::size_t>(b * 40 + i)]};
      CHECK(dot == Approx(a == b ? 1 : 0).margin(1e-6));
    }
  std::vector<float> bias(40, 0.0f);
  std::fill_n(bias.begin() + 10, 10, 1.0f);
  CHECK(model.store.stored("lstm.bias") == bias);
  for (const float x : model.store.stored("embedding.embeddings")) CHECK(std::abs(x) <= 0.05f);
}

TEST_CASE("weights are the same at any number of threads") {
  const int before = omp_get_max_threads();
  omp_set_num_threads(1);
  const auto one = drawn({{40, 160}}, {InitializerKind::orthogonal, 0});
  omp_set_num_threads(2);
  const auto two = drawn({{40, 160}}, {InitializerKind::orthogonal, 0});
  omp_set_num_threads(before);
  CHECK(one == two);
}

TEST_CASE("the seed decides, and weights of one seed differ") {
  const Initializer glorot{InitializerKind::glorot_uniform, 0};
  CHECK(drawn({{4, 4}}, glorot, 7) == drawn({{4, 4}}, glorot, 7));
  CHECK(drawn({{4, 4}}, glorot, 7) != drawn({{4, 4}}, glorot, 8));
  Model model = ready_model();
  const auto a = model.store.copy_of("encode.kernel"), b = model.store.copy_of("mix.kernel");
  CHECK(a[0] / a[1] != Approx(b[0] / b[1]));
}

}  // namespace coil::test

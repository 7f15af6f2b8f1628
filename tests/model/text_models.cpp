#include "tests/model/text_models.hpp"

#include "tests/model/small_model.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

constexpr std::int64_t vocabulary = 30;

Model ready(Graph graph) {
  Runner runner;
  Compiled compiled;
  compiled.flat = graph;
  compiled.canonical = runner.canonicalise(std::move(graph));
  Model model = Model::from(std::move(compiled));
  model.vocabulary = Vocabulary::of_text(small_text(), "text");
  initialize_weights(model, 1);
  return model;
}

Value weight(Sketch& sketch, const std::string& name, Shape shape, Piece piece = {}) {
  const Initializer start{InitializerKind::uniform, 0.3};
  return sketch.build.leaf(Op::weight, WeightAttributes{{name}, start, std::move(piece)},
                           {Element::real, std::move(shape)});
}

Value product(Sketch& sketch, Value x, Value w) {
  return sketch.add(Op::matmul, {x, w}, MatmulAttributes{});
}

}  // namespace

Model stateful_model() {
  Sketch sketch("Stateful");
  constexpr std::int64_t units = 24;
  const Value c = sketch.index({{batch_dim}}, vocabulary, "c");
  const Value h = sketch.state({{batch_dim, units}}, "h");
  const Value x = sketch.add(Op::gather, {weight(sketch, "embed", {{vocabulary, units}}), c});
  const Value next = sketch.add(
      Op::tanh, {sketch.add(Op::add, {x, product(sketch, h,
                                                 weight(sketch, "recurrent", {{units, units}}))})});
  sketch.output(sketch.add(Op::softmax, {product(sketch, next,
                                                 weight(sketch, "decode", {{units, vocabulary}}))}),
                "output");
  sketch.output(next, "h", OutputKind::update);
  return ready(sketch.finish());
}

Model bigram_model(std::int64_t steps) {
  Sketch sketch("Bigram");
  const Value c = sketch.index({{batch_dim, steps}}, vocabulary, "c");
  const Value x = sketch.add(Op::gather, {weight(sketch, "embed", {{vocabulary, 8}}), c});
  sketch.output(
      sketch.add(Op::softmax, {product(sketch, x, weight(sketch, "decode", {{8, vocabulary}}))}),
      "output");
  return ready(sketch.finish());
}

Model cut_model() {
  Sketch sketch("Cut");
  const Value c = sketch.index({{batch_dim}}, vocabulary, "c");
  const Value x = sketch.add(Op::gather, {weight(sketch, "embed", {{vocabulary, 8}}), c});
  const auto half = [&](std::int64_t begin) {
    const Piece piece{"kernel", {{8, 9}}, {0, begin}, {8, 4}};
    return product(
        sketch, x,
        weight(sketch, fmt::format("kernel[:, {}:{}]", begin, begin + 4), {{8, 4}}, piece));
  };
  const Value gated = sketch.add(Op::mul, {sketch.add(Op::tanh, {half(0)}), half(4)});
  sketch.output(sketch.add(Op::softmax,
                           {product(sketch, gated, weight(sketch, "decode", {{4, vocabulary}}))}),
                "output");
  return ready(sketch.finish());
}

}  // namespace coil::test

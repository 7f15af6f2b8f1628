#include "tests/support/random_graph.hpp"

#include <cmath>
#include <optional>

#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

constexpr double largest_bound = 1e4;

// A value and what its elements cannot exceed.
struct Bounded {
  Value value;
  double bound;
};

class Generator {
 public:
  Generator(Rng& rng, Sketch& sketch) : rng_(rng), sketch_(sketch) {
    const std::int64_t rows = rng.between(2, 5);
    Value index = sketch.index({{batch_dim}}, rows);
    put(sketch.add(Op::gather, {sketch.weight({{rows, random_size(rng)}}), index}), 1.5);
    for (int i = 0; i < 3; ++i) put(sketch.operand(random_shape(rng), rng), 1.5);
    put(sketch.state({{batch_dim, random_size(rng)}}), 1.5);
    sketch.input({{batch_dim, 2}}, "unused");
  }

  void grow(std::int64_t steps) {
    for (std::int64_t i = 0; i < steps; ++i) step();
  }

  Value any() { return pick().value; }
  // A value with a batch in front and one more dimension.
  Value any_rows() {
    std::vector<Value> rows;
    for (const Bounded& b : pool_)
      if (shape(b.value).is_batched() && shape(b.value).rank() == 2) rows.push_back(b.value);
    return rng_.pick(rows);
  }

 private:
  const Bounded& pick() {
    // Late values more often, so that graphs grow deep.
    const std::int64_t last = std::ssize(pool_) - 1;
    return pool_[static_cast<std::size_t>(
        rng_.coin() ? rng_.between(0, last)
                    : rng_.between(std::max<std::int64_t>(0, last - 4), last))];
  }
  const Shape& shape(Value value) { return sketch_.type(value).shape; }
  void put(Value value, double bound) {
    if (bound <= largest_bound) pool_.push_back({value, bound});
  }
  Value apply(Op op, std::vector<Value> operands) { return sketch_.add(op, std::move(operands)); }

  void step() {
    const Bounded x = pick();
    switch (rng_.between(0, 8)) {
      case 0:
        return activate(x);
      case 1:
      case 2:
        return combine(x, pick());
      case 3:
        return combine(x, number(x));
      case 4:
      case 5:
        return multiply(x);
      case 6:
        return divide(x, pick());
      case 7:
        return reshape(x);
      case 8:
        return put(apply(Op::neg, {x.value}), x.bound);
    }
  }

  // Zeros and ones often, as a scalar or in the other's shape.
  Bounded number(const Bounded& other) {
    const double value = rng_.pick<double>({0, 0, 1, 1, -0.5, 2});
    const Shape own = rng_.coin() ? Shape{} : shape(other.value);
    return {sketch_.build.constant(value, own), std::abs(value)};
  }

  void activate(const Bounded& x) {
    const Op op = rng_.pick<Op>(
        {Op::relu, Op::tanh, Op::sigmoid, Op::hard_sigmoid, Op::exp, Op::log, Op::softmax});
    if (op == Op::log) return put(apply(op, {above_half(x.value)}), 1);
    if (op == Op::exp && x.bound > 4) return;
    if (op == Op::softmax && !sketch_.build.why_not(op, NoAttributes{}, {x.value}).empty()) return;
    put(apply(op, {x.value}), op == Op::exp ? std::exp(x.bound) : std::max(1.0, x.bound));
  }

  // sigmoid(x) + 0.5 is between 0.5 and 1.5.
  Value above_half(Value x) {
    return apply(Op::add, {apply(Op::sigmoid, {x}), sketch_.build.constant(0.5)});
  }

  void combine(Bounded x, Bounded y) {
    if (rng_.coin()) std::swap(x, y);
    if (!broadcast(shape(x.value), shape(y.value))) return;
    const Op op = rng_.pick<Op>({Op::add, Op::add, Op::sub, Op::mul});
    const double bound = op == Op::mul ? x.bound * y.bound : x.bound + y.bound;
    if (bound <= largest_bound) put(apply(op, {x.value, y.value}), bound);
  }

  void divide(const Bounded& x, const Bounded& y) {
    const Value by = rng_.coin() ? above_half(y.value) : sketch_.build.constant(1);
    if (!broadcast(shape(x.value), shape(by))) return;
    put(apply(Op::div, {x.value, by}), 2 * x.bound);
  }

  // A dense layer around x, with a tied weight where a fitting one exists, or zeros @ W.
  void multiply(const Bounded& x) {
    const Shape from = shape(x.value);
    if (from.is_scalar() || from.last() == batch_dim) return;
    const std::int64_t k = from.last();
    Value left = x.value;
    if (rng_.chance(0.15)) left = sketch_.build.constant(0, from);
    const bool transposed = rng_.chance(0.25);
    const Value weight = tied_weight(transposed, k);
    Value y = sketch_.add(Op::matmul, {left, weight}, MatmulAttributes{false, transposed});
    const double bound = 1.5 * static_cast<double>(k) * x.bound;
    if (rng_.coin()) {
      const Value bias = sketch_.weight({{shape(y).last()}});
      y = rng_.coin() ? apply(Op::add, {y, bias}) : apply(Op::add, {bias, y});
    }
    put(rng_.coin() ? apply(Op::tanh, {y}) : y, bound + 1.5);
  }

  Value tied_weight(bool transposed, std::int64_t k) {
    for (Value weight : weights_)
      if (shape(weight).dims[transposed ? 1 : 0] == k && rng_.coin()) return weight;
    const std::int64_t n = random_size(rng_);
    weights_.push_back(sketch_.weight(transposed ? Shape{{n, k}} : Shape{{k, n}}));
    return weights_.back();
  }

  void reshape(const Bounded& x) {
    const Shape from = shape(x.value);
    if (rng_.coin()) {
      const Value sum = sketch_.add(Op::sum_to, {x.value}, ShapeAttributes{shrunk(from, rng_)});
      return put(sum, x.bound * 5 * static_cast<double>(*count(from)));
    }
    Shape to = from;
    if (to.rank() < 3 && !to.is_batched()) to.dims.insert(to.dims.begin(), rng_.between(1, 3));
    put(sketch_.add(Op::broadcast_to, {x.value}, ShapeAttributes{to}), x.bound);
  }

  Rng& rng_;
  Sketch& sketch_;
  std::vector<Bounded> pool_;
  std::vector<Value> weights_;
};

}  // namespace

Graph random_graph(Rng& rng) {
  Sketch sketch("random");
  Generator generator(rng, sketch);
  generator.grow(rng.between(1, 30));
  const std::int64_t outputs = rng.between(1, 3);
  for (std::int64_t i = 0; i < outputs; ++i) sketch.output(generator.any());
  return sketch.finish();
}

Graph random_trainable_graph(Rng& rng) {
  Sketch sketch("trainable");
  Generator generator(rng, sketch);
  generator.grow(rng.between(1, 25));
  const Value rows = sketch.add(Op::tanh, {generator.any_rows()});
  const Value kernel = sketch.weight({{sketch.type(rows).shape.last(), rng.between(2, 5)}});
  const Value logits = sketch.add(Op::matmul, {rows, kernel}, MatmulAttributes{});
  return sketch.finish(sketch.add(Op::softmax, {logits}));
}

Graph char3_graph() {
  Sketch sketch("Char3");
  const auto dense = [&](Value x, Value kernel, Value bias) {
    return sketch.add(Op::add, {sketch.add(Op::matmul, {x, kernel}, MatmulAttributes{}), bias});
  };
  std::vector<Value> characters;
  for (const char* name : {"c1", "c2", "c3"})
    characters.push_back(sketch.index({{batch_dim}}, 7, name));
  const Value table = sketch.weight({{7, 3}}, "embed.embeddings");
  const Value encode = sketch.weight({{3, 5}}, "encode.kernel");
  const Value encode_bias = sketch.weight({{5}}, "encode.bias");
  const Value mix = sketch.weight({{5, 5}}, "mix.kernel"),
              mix_bias = sketch.weight({{5}}, "mix.bias");
  std::optional<Value> h;
  for (Value character : characters) {
    const Value row = sketch.add(Op::gather, {table, character});
    const Value x = sketch.add(Op::relu, {dense(row, encode, encode_bias)});
    const Value sum = h ? sketch.add(Op::add, {*h, x}) : x;
    h = sketch.add(Op::tanh, {dense(sum, mix, mix_bias)});
  }
  const Value decode = sketch.weight({{5, 7}}, "decode.kernel");
  const Value decode_bias = sketch.weight({{7}}, "decode.bias");
  sketch.output(sketch.add(Op::softmax, {dense(*h, decode, decode_bias)}), "output");
  return sketch.finish();
}

}  // namespace coil::test

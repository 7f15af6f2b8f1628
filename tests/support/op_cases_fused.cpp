// Random expressions: bodies of fused_elementwise.

#include "tests/support/op_cases.hpp"

namespace coil::test {
namespace {

// What a body may choose its operands from.
struct Pool {
  std::vector<Value> whole;  // of the expression's shape
  std::vector<Value> any;    // rows and numbers too
};

// A part of a value that is wider than the expression.
Value columns(Sketch& body, Shape shape, Rng& rng) {
  const std::int64_t width = shape.last(), before = rng.between(0, 5);
  const auto axis = static_cast<std::int64_t>(shape.rank()) - 1;
  shape.dims.back() = before + width + rng.between(1, 9);
  return body.add(Op::slice, {body.input(shape)}, SliceAttributes{axis, before, width, false});
}

// Rows of a table; some tables have one index.
Value rows(Sketch& body, const Shape& shape, std::vector<Value>& indices, Rng& rng) {
  constexpr std::int64_t fewest = 3;
  if (indices.empty() || rng.coin()) {
    Shape each = shape;
    each.dims.pop_back();
    indices.push_back(body.index(each, fewest));
  }
  const Value table = body.input({{fewest + rng.between(0, 4), shape.last()}});
  return body.add(Op::gather, {table, rng.pick(indices)});
}

Pool random_pool(Sketch& body, const Shape& shape, Rng& rng) {
  Pool pool;
  for (std::int64_t i = rng.between(1, 3); i > 0; --i) pool.whole.push_back(body.input(shape));
  if (rng.coin()) pool.whole.push_back(columns(body, shape, rng));
  std::vector<Value> indices;
  for (std::int64_t i = rng.between(-1, 2); i > 0; --i)
    pool.whole.push_back(rows(body, shape, indices, rng));
  pool.any = pool.whole;
  if (rng.coin()) pool.any.push_back(body.input({{shape.last()}}));
  if (rng.chance(0.3)) pool.any.push_back(body.input({}));
  if (rng.chance(0.3)) pool.any.push_back(body.build.constant(rng.uniform(-2, 2)));
  return pool;
}

Value random_op(Sketch& body, const Pool& pool, Rng& rng) {
  switch (rng.between(0, 3)) {
    case 0:
      return body.add(rng.pick<Op>({Op::neg, Op::relu, Op::tanh, Op::sigmoid, Op::hard_sigmoid}),
                      {rng.pick(pool.whole)});
    case 1:
      return body.add(rng.pick<Op>({Op::add, Op::sub, Op::mul}),
                      {rng.pick(pool.any), rng.pick(pool.whole)});
    case 2: {
      std::vector<Value> terms{rng.pick(pool.whole)};
      for (std::int64_t i = rng.between(2, 3); i > 0; --i) terms.push_back(rng.pick(pool.any));
      return body.add(rng.pick<Op>({Op::add, Op::mul}), terms);
    }
    default:
      return body.add(rng.pick<Op>({Op::tanh_grad, Op::sigmoid_grad}),
                      {rng.pick(pool.whole), rng.pick(pool.whole)});
  }
}

// Results alone and side by side, some of them both.
void random_outputs(Sketch& body, const std::vector<Value>& computed, const Shape& shape,
                    Rng& rng) {
  body.output(computed.back());
  for (const Value value : computed)
    if (rng.chance(0.3) && value != computed.back()) body.output(value);
  if (rng.coin()) return;
  std::vector<Value> parts{rng.pick(computed)};
  for (std::int64_t i = rng.between(1, 3); i > 0; --i)
    parts.push_back(rng.chance(0.2) ? body.build.constant(rng.uniform(-2, 2), shape)
                                    : rng.pick(computed));
  const auto axis = static_cast<std::int64_t>(shape.rank()) - 1;
  body.output(body.add(Op::concat, parts, ConcatAttributes{axis, false}));
}

Graph random_expression(Rng& rng, const Shape& shape) {
  Sketch body;
  Pool pool = random_pool(body, shape, rng);
  std::vector<Value> computed;
  for (std::int64_t i = rng.between(1, 12); i > 0; --i) {
    const Value value = random_op(body, pool, rng);
    computed.push_back(value);
    pool.whole.push_back(value);
    pool.any.push_back(value);
  }
  random_outputs(body, computed, shape, rng);
  return body.finish();
}

Value operand_for(const Node& input, Sketch& sketch, Rng& rng) {
  const Shape& shape = input.types[0].shape;
  const auto bound = std::get<InputAttributes>(input.attributes).bound;
  return bound > 0 ? sketch.index(shape, bound) : sketch.operand(shape, rng);
}

Graph around(const Graph& body, Rng& rng) {
  Sketch sketch;
  std::vector<Value> operands;
  for (const NodeId id : leaves(body, Op::input))
    operands.push_back(operand_for(body.node(id), sketch, rng));
  const NodeId fused = sketch.build.node(Op::fused_elementwise,
                                         FusedElementwiseAttributes{make_body(body)}, operands);
  for (std::uint32_t i = 0; i < body.outputs.size(); ++i) sketch.output({fused, i});
  return sketch.finish();
}

OpCase expression(std::string name, std::function<Shape(Rng&)> shape) {
  const auto build = [shape = std::move(shape)](Rng& rng) {
    return around(random_expression(rng, shape(rng)), rng);
  };
  return {std::move(name), Op::fused_elementwise, Differentiable::no, build, {}};
}

}  // namespace

std::vector<OpCase> fused_cases() {
  return {expression("fused_elementwise",
                     [](Rng& rng) {
                       return Shape{{batch_dim, rng.between(1, 40)}};
                     }),
          expression("fused_elementwise/of sequences",
                     [](Rng& rng) {
                       return Shape{{batch_dim, rng.between(1, 5), rng.between(1, 9)}};
                     }),
          expression("fused_elementwise/of weights",
                     [](Rng& rng) {
                       return Shape{{rng.between(1, 7), rng.between(1, 30)}};
                     }),
          expression("fused_elementwise/wider than a block", [](Rng& rng) {
            return Shape{{rng.between(1, 2), rng.between(500, 1100)}};
          })};
}

}  // namespace coil::test

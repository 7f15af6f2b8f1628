#include "tests/compare/recurrent.hpp"

namespace coil::test {
namespace {

Value product(Sketch& sketch, Value a, Value b) {
  return sketch.add(Op::matmul, {a, b}, MatmulAttributes{});
}

// h' = f(x + h @ U)
Graph cell_body(const Variant& variant) {
  Sketch body("step");
  body.build.at({3, 1});
  const Value x = body.input({{batch_dim, variant.hidden}}, "x");
  const Value h = body.input({{batch_dim, variant.hidden}}, "h");
  const Value u = body.input({{variant.hidden, variant.hidden}}, "U");
  const Value sum = body.add(Op::add, {x, product(body, h, u)});
  body.output(body.add(variant.activation, {sum}), "h");
  return body.finish();
}

}  // namespace

Graph simple_rnn(const Variant& v) {
  Sketch s;
  s.build.at({1, 5});
  const Value c = s.index({{batch_dim, v.steps}}, vocab, "c");
  Value x = s.add(Op::gather, {s.weight({{vocab, factors}}, "embed"), c});
  std::int64_t width = factors;
  if (v.encode) {
    s.build.at({2, 5});
    const Value dense = product(s, x, s.weight({{factors, v.hidden}}, "encode.kernel"));
    x = s.add(Op::relu, {s.add(Op::add, {dense, s.weight({{v.hidden}}, "encode.bias")})});
    width = v.hidden;
  }
  s.build.at({3, 5});
  const Value kernel = s.weight({{width, v.hidden}}, "kernel");
  x = product(s, x, kernel);
  if (v.bias) x = s.add(Op::add, {x, s.weight({{v.hidden}}, "bias")});
  const Value recurrent = v.tied ? kernel : s.weight({{v.hidden, v.hidden}}, "recurrent_kernel");
  const Shape carried{{batch_dim, v.hidden}};
  const Value first = v.stateful ? s.state(carried, "h") : s.build.constant(0, carried);
  const Value h = s.add(Op::scan, {x, first, recurrent},
                        ScanAttributes{v.steps, 1, 1, v.reverse, make_body(cell_body(v))});
  s.build.at({4, 5});
  const Value decode = product(s, h, s.weight({{v.hidden, vocab}}, "decode.kernel"));
  const Value logits = s.add(Op::add, {decode, s.weight({{vocab}}, "decode.bias")});
  s.output(s.add(v.head, {logits}), "output");
  if (v.stateful) s.output(h, "h", OutputKind::update);
  return s.finish();
}

Graph two_carries(Crossed crossed) {
  const Shape shape{{batch_dim, 4}};
  Sketch body("step");
  body.build.at({2, 3});
  const Value x = body.input(shape, "x");
  Value s = body.input(shape, "s"), h = body.input(shape, "h");
  if (crossed == Crossed::in_the_body) std::swap(s, h);
  const Value next = body.add(Op::tanh, {body.add(Op::add, {x, s})});
  body.output(next, "s");
  body.output(body.add(Op::mul, {next, body.add(Op::sigmoid, {h})}), "h");
  Sketch sketch;
  sketch.build.at({1, 3});
  const Value zero = sketch.build.constant(0, shape);
  const NodeId scan =
      sketch.build.node(Op::scan, ScanAttributes{8, 1, 2, false, make_body(body.finish())},
                        {sketch.input({{batch_dim, 8, 4}}, "x"), zero, zero});
  return sketch.finish({scan, crossed == Crossed::in_the_end ? 0U : 1U});
}

}  // namespace coil::test

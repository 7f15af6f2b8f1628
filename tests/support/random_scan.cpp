#include "tests/support/random_scan.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

Shape rows_of(std::int64_t width) { return {{batch_dim, width}}; }

// What a scan is given; shapes of elements, of carried values and of captures.
struct Surroundings {
  std::int64_t steps = 1;
  bool reverse = false;
  std::vector<Shape> sequences, carries, captures;
  // A last sequence of indices, and a last capture they look up.
  bool has_index = false;
};

constexpr std::int64_t table_rows = 5;
const Shape table_shape{{table_rows, 2}};

Surroundings random_surroundings(Rng& rng) {
  Surroundings s;
  s.steps = rng.between(1, 4);
  s.reverse = rng.coin();
  const auto width = [&] { return rng.between(1, 3); };
  for (std::int64_t i = rng.between(0, 2); i > 0; --i) s.sequences.push_back(rows_of(width()));
  for (std::int64_t i = rng.between(1, 3); i > 0; --i) s.carries.push_back(rows_of(width()));
  for (std::int64_t i = rng.between(1, 3); i > 0; --i) s.captures.push_back({{width(), width()}});
  if (rng.coin()) s.captures.push_back({{width()}});
  if (rng.coin()) s.captures.push_back({});
  if (rng.coin()) s.captures.push_back(rows_of(width()));
  return s;
}

// Builds a random step. Its values are [batch, width], and small where its inputs are.
class BodyGenerator {
 public:
  BodyGenerator(Rng& rng, const Surroundings& around) : rng_(rng), around_(around) {
    for (const Shape& shape : around.sequences) take(sketch_.input(shape), shape);
    Value index;
    if (around.has_index) index = sketch_.index({{batch_dim}}, table_rows);
    for (const auto* shapes : {&around.carries, &around.captures})
      for (const Shape& shape : *shapes) take(sketch_.input(shape), shape);
    if (around.has_index)
      pool_.push_back(sketch_.add(Op::gather, {sketch_.input(table_shape), index}));
  }

  // An inner scan over values of the body itself, as one of them.
  void add_scan();

  Graph finish() {
    for (std::int64_t i = rng_.between(2, 10); i > 0; --i) step();
    for (const Shape& carry : around_.carries) sketch_.output(next_carry(carry.last()));
    for (std::int64_t i = rng_.between(0, 3); i > 0; --i)
      sketch_.output(rng_.chance(0.2) && !yielded_.empty() ? rng_.pick(yielded_) : next_yield());
    return sketch_.finish();
  }

 private:
  void take(Value input, const Shape& shape) {
    if (shape.is_batched())
      pool_.push_back(input);
    else if (shape.rank() == 2)
      matrices_.push_back(input);
    else
      rows_.push_back(input);
  }

  std::int64_t width(Value value) { return sketch_.type(value).shape.last(); }
  Value apply(Op op, std::vector<Value> operands) { return sketch_.add(op, std::move(operands)); }
  Value pick() { return pool_[static_cast<std::size_t>(rng_.between(0, std::ssize(pool_) - 1))]; }

  // x with another number of columns: repeated, then cut.
  Value with_width(Value x, std::int64_t columns) {
    if (width(x) < columns) x = sketch_.add(Op::concat, {x, x, x}, ConcatAttributes{1, false});
    if (width(x) == columns) return x;
    return sketch_.add(Op::slice, {x},
                       SliceAttributes{1, rng_.between(0, width(x) - columns), columns, false});
  }

  void step() {
    const Value x = pick();
    switch (rng_.between(0, 6)) {
      case 0:
        return activate(x);
      case 1:
      case 2:
        return combine(x, with_width(pick(), width(x)));
      case 3:
      case 4:
        return multiply(x, rng_.pick(matrices_));
      case 5:
        return rows_.empty() ? activate(x) : bias(x, rng_.pick(rows_));
      case 6:
        return pool_.push_back(apply(Op::sub, {sketch_.build.constant(1), x}));
    }
  }

  void activate(Value x) {
    const Op op = rng_.pick<Op>({Op::tanh, Op::sigmoid, Op::neg, Op::softmax, Op::exp});
    pool_.push_back(apply(op, {op == Op::exp ? apply(Op::tanh, {x}) : x}));
  }

  void combine(Value x, Value y) {
    const Op op = rng_.pick<Op>({Op::add, Op::sub, Op::mul, Op::mul, Op::div});
    if (op != Op::div) return pool_.push_back(apply(op, {apply(Op::tanh, {x}), y}));
    const Value above_half = apply(Op::add, {apply(Op::sigmoid, {y}), sketch_.build.constant(0.5)});
    pool_.push_back(apply(op, {x, above_half}));
  }

  void multiply(Value x, Value matrix) {
    const Shape shape = sketch_.type(matrix).shape;
    const bool transposed = rng_.coin();
    const Value left = with_width(x, shape.dims[transposed ? 1 : 0]);
    pool_.push_back(sketch_.add(Op::matmul, {left, matrix}, MatmulAttributes{false, transposed}));
  }

  // With something computed of the row alone, at times.
  void bias(Value x, Value row) {
    const Shape shape = sketch_.type(row).shape;
    if (!shape.is_scalar()) x = with_width(x, shape.last());
    const Value by = rng_.coin() ? row : apply(Op::tanh, {row});
    pool_.push_back(apply(rng_.pick<Op>({Op::add, Op::sub, Op::mul}), {x, by}));
  }

  Value next_carry(std::int64_t columns) {
    const Value x = with_width(pick(), columns);
    return rng_.chance(0.15) ? x : apply(Op::tanh, {x});
  }
  Value next_yield() {
    yielded_.push_back(pick());
    return yielded_.back();
  }

  Rng& rng_;
  const Surroundings& around_;
  Sketch sketch_{"body"};
  std::vector<Value> pool_, matrices_, rows_, yielded_;
};

ScanAttributes attributes_of(const Surroundings& around, Body body) {
  return {around.steps, std::ssize(around.sequences) + (around.has_index ? 1 : 0),
          std::ssize(around.carries), around.reverse, std::move(body)};
}

void BodyGenerator::add_scan() {
  Surroundings inner = random_surroundings(rng_);
  inner.sequences = {rows_of(2)};
  inner.carries = {rows_of(rng_.between(1, 3))};
  inner.captures = {sketch_.type(rng_.pick(matrices_)).shape};
  BodyGenerator generator(rng_, inner);
  const Body body = make_body(generator.finish());
  std::vector<Value> elements;
  for (std::int64_t t = 0; t < inner.steps; ++t) elements.push_back(with_width(pick(), 2));
  std::vector<Value> operands{sketch_.add(Op::concat, elements, ConcatAttributes{1, true}),
                              with_width(pick(), inner.carries[0].last())};
  for (const Value matrix : matrices_)
    if (operands.size() < 3 && sketch_.type(matrix).shape == inner.captures[0])
      operands.push_back(matrix);
  const NodeId scan = sketch_.build.node(Op::scan, attributes_of(inner, body), operands);
  pool_.push_back({scan, 0});
  if (body.graph->outputs.size() > 1)
    pool_.push_back(sketch_.add(Op::slice, {{scan, 1}},
                                SliceAttributes{1, rng_.between(0, inner.steps - 1), 1, true}));
}

Shape sequence_of(Shape element, std::int64_t steps) {
  element.dims.insert(element.dims.begin() + 1, steps);
  return element;
}

Graph scan_over_leaves(Rng& rng, const Surroundings& around, Body body) {
  Sketch sketch("scan");
  std::vector<Value> operands;
  for (const Shape& shape : around.sequences)
    operands.push_back(sketch.input(sequence_of(shape, around.steps)));
  if (around.has_index) operands.push_back(sketch.index({{batch_dim, around.steps}}, table_rows));
  for (const Shape& shape : around.carries)
    operands.push_back(rng.chance(0.2) ? sketch.build.constant(0, shape) : sketch.input(shape));
  for (const Shape& shape : around.captures) operands.push_back(sketch.operand(shape, rng));
  if (around.has_index) operands.push_back(sketch.weight(table_shape));
  const NodeId scan = sketch.build.node(Op::scan, attributes_of(around, std::move(body)), operands);
  const auto results = static_cast<std::uint32_t>(sketch.build.graph().node(scan).types.size());
  for (std::uint32_t i = 0; i < results; ++i) sketch.output({scan, i});
  return sketch.finish();
}

// Grows a model around scans.
class ModelGenerator {
 public:
  explicit ModelGenerator(Rng& rng) : rng_(rng), steps_(rng.between(1, 4)) {}

  void grow() {
    std::vector<Value> sequences{first_sequence()};
    for (std::int64_t layers = rng_.between(1, 2); layers > 0; --layers) {
      const NodeId scan = add_scan(sequences);
      const Graph& graph = sketch.build.graph();
      sequences.clear();
      for (std::uint32_t i = 0; i < graph.node(scan).types.size(); ++i)
        (graph.type({scan, i}).shape.rank() == 3 ? sequences : finals_).push_back({scan, i});
      if (sequences.empty()) sequences.push_back(first_sequence());
    }
    sequences_ = sequences;
  }

  // [batch, width] or [batch, steps, width].
  Value any_rows() { return rng_.coin() ? rng_.pick(finals_) : rng_.pick(sequences_); }
  Value any_final() { return rng_.pick(finals_); }

  Sketch sketch{"recurrence"};

 private:
  Value first_sequence() {
    const std::int64_t columns = rng_.between(1, 3);
    if (rng_.coin()) {
      const Value index = sketch.index({{batch_dim, steps_}}, 5);
      return sketch.add(Op::gather, {sketch.weight({{5, columns}}), index});
    }
    if (rng_.coin()) {
      const Value x = sketch.input({{batch_dim, steps_, 2}});
      return sketch.add(Op::matmul, {x, sketch.weight({{2, columns}})}, MatmulAttributes{});
    }
    std::vector<Value> elements;
    for (std::int64_t t = 0; t < steps_; ++t) elements.push_back(sketch.input(rows_of(columns)));
    return sketch.add(Op::concat, elements, ConcatAttributes{1, true});
  }

  NodeId add_scan(const std::vector<Value>& sequences) {
    Surroundings around = random_surroundings(rng_);
    around.steps = steps_;
    around.sequences.clear();
    std::vector<Value> operands = sequences;
    for (const Value sequence : sequences)
      around.sequences.push_back(rows_of(sketch.type(sequence).shape.last()));
    for (const Shape& shape : around.carries) operands.push_back(first_value(shape));
    for (const Shape& shape : around.captures)
      operands.push_back(shape.is_batched() ? sketch.input(shape) : sketch.weight(shape));
    BodyGenerator generator(rng_, around);
    const NodeId scan =
        sketch.build.node(Op::scan, attributes_of(around, make_body(generator.finish())), operands);
    const auto first = static_cast<std::size_t>(std::ssize(around.sequences));
    for (std::uint32_t c = 0; c < around.carries.size(); ++c)
      if (const Node& leaf = sketch.build.graph().node(operands[first + c].node);
          leaf.op == Op::state)
        sketch.output({scan, c}, std::string(leaf_name(leaf)), OutputKind::update);
    return scan;
  }

  Value first_value(const Shape& shape) {
    switch (rng_.between(0, 2)) {
      case 0:
        return sketch.build.constant(0, shape);
      case 1:
        return sketch.state(shape);
      default:
        return sketch.add(
            Op::tanh,
            {sketch.add(Op::matmul, {sketch.input(rows_of(2)), sketch.weight({{2, shape.last()}})},
                        MatmulAttributes{})});
    }
  }

  Rng& rng_;
  std::int64_t steps_;
  std::vector<Value> sequences_, finals_;
};

}  // namespace

Graph random_scan(Rng& rng) {
  Surroundings around = random_surroundings(rng);
  around.has_index = rng.chance(0.25);
  return scan_over_leaves(rng, around, make_body(BodyGenerator(rng, around).finish()));
}

Graph random_nested_scan(Rng& rng) {
  const Surroundings around = random_surroundings(rng);
  BodyGenerator generator(rng, around);
  generator.add_scan();
  return scan_over_leaves(rng, around, make_body(generator.finish()));
}

Graph random_recurrent_graph(Rng& rng) {
  ModelGenerator model(rng);
  model.grow();
  for (std::int64_t i = rng.between(1, 3); i > 0; --i) model.sketch.output(model.any_rows());
  return model.sketch.finish();
}

Graph random_trainable_recurrence(Rng& rng) {
  ModelGenerator model(rng);
  model.grow();
  const Value rows = model.sketch.add(Op::tanh, {model.any_rows()});
  const std::int64_t classes = rng.between(2, 4);
  const Value kernel = model.sketch.weight({{model.sketch.type(rows).shape.last(), classes}});
  const Value logits = model.sketch.add(Op::matmul, {rows, kernel}, MatmulAttributes{});
  model.sketch.output(model.sketch.add(Op::softmax, {logits}), "output");
  return model.sketch.finish();
}

}  // namespace coil::test

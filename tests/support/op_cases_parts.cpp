#include <fmt/format.h>

#include "tests/support/op_cases.hpp"
#include "tests/support/random_scan.hpp"

namespace coil::test {
namespace {

// Rank one to four; half of those with more than one dimension start with a batch.
Shape shape_to_cut(Rng& rng) {
  Shape shape = random_fixed_shape(rng, 1, 4);
  if (shape.rank() > 1 && rng.coin()) shape.dims.front() = batch_dim;
  return shape;
}

// A dimension that is not the batch, of the shape or (where `stack`) of one with one more.
std::int64_t random_axis(const Shape& shape, Rng& rng, bool stack) {
  const auto rank = static_cast<std::int64_t>(shape.rank());
  return rng.between(shape.is_batched() ? 1 : 0, stack ? rank : rank - 1);
}

SliceAttributes random_slice(const Shape& shape, Rng& rng, bool drop) {
  const std::int64_t axis = random_axis(shape, rng, false);
  const std::int64_t extent = shape.dims[static_cast<std::size_t>(axis)];
  const std::int64_t size = drop ? 1 : rng.between(1, extent);
  return {axis, rng.between(0, extent - size), size, drop};
}

OpCase slice(bool drop) {
  const auto build = [drop](Rng& rng) {
    Sketch sketch;
    const Shape shape = shape_to_cut(rng);
    const Value x = sketch.operand(shape, rng, "x");
    return sketch.finish(sketch.add(Op::slice, {x}, random_slice(shape, rng, drop)));
  };
  return {drop ? "slice/drop" : "slice", Op::slice, Differentiable::yes, build, {}};
}

std::vector<Value> random_row(Sketch& sketch, Rng& rng, Shape shape, const ConcatAttributes& c) {
  std::vector<Value> row;
  for (std::int64_t i = rng.between(1, 4); i > 0; --i) {
    if (!c.stack) shape.dims[static_cast<std::size_t>(c.axis)] = random_size(rng);
    row.push_back(sketch.operand(shape, rng));
  }
  if (c.stack && rng.coin()) row.push_back(row.front());
  return row;
}

OpCase concat(bool stack) {
  const auto build = [stack](Rng& rng) {
    Sketch sketch;
    const Shape shape = shape_to_cut(rng);
    const ConcatAttributes c{random_axis(shape, rng, stack), stack};
    return sketch.finish(sketch.add(Op::concat, random_row(sketch, rng, shape, c), c));
  };
  return {stack ? "concat/stack" : "concat", Op::concat, Differentiable::yes, build, {}};
}

// Indices cut and put together before they are looked up.
OpCase gather_of(const char* name, std::function<Value(Sketch&, Rng&, std::int64_t)> make) {
  const auto build = [make](Rng& rng) {
    Sketch sketch;
    const std::int64_t rows = random_size(rng);
    const Value table = sketch.weight({{rows, random_size(rng)}}, "table");
    return sketch.finish(sketch.add(Op::gather, {table, make(sketch, rng, rows)}));
  };
  return {name, Op::gather, Differentiable::yes, build, {}};
}

Value sliced_index(Sketch& sketch, Rng& rng, std::int64_t rows) {
  const Shape shape = shape_to_cut(rng);
  const Value index = sketch.index(shape, rng.between(1, rows));
  return sketch.add(Op::slice, {index}, random_slice(shape, rng, rng.coin()));
}

Value joined_index(Sketch& sketch, Rng& rng, std::int64_t rows) {
  const Shape shape = shape_to_cut(rng);
  const bool stack = rng.coin();
  std::vector<Value> row;
  for (std::int64_t i = rng.between(1, 3); i > 0; --i)
    row.push_back(sketch.index(shape, rng.between(1, rows)));
  return sketch.add(Op::concat, row, ConcatAttributes{random_axis(shape, rng, stack), stack});
}

}  // namespace

std::vector<OpCase> parts_cases() {
  return {
      slice(false),
      slice(true),
      concat(false),
      concat(true),
      gather_of("gather/of sliced indices", sliced_index),
      gather_of("gather/of joined indices", joined_index),
      {"scan", Op::scan, Differentiable::yes, random_scan, {}},
      {"scan/nested", Op::scan, Differentiable::yes, random_nested_scan, {}},
  };
}

}  // namespace coil::test

#include "tests/support/sketch.hpp"

#include <fmt/format.h>

namespace coil::test {

std::string Sketch::named(std::string name, const char* kind) {
  return name.empty() ? fmt::format("{}{}", kind, leaves_++) : name;
}

Value Sketch::input(Shape shape, std::string name) {
  return build.leaf(Op::input, InputAttributes{{named(std::move(name), "x")}, inputs_++, 0},
                    {Element::real, std::move(shape)});
}

Value Sketch::index(Shape shape, std::int64_t bound, std::string name) {
  return build.leaf(Op::input, InputAttributes{{named(std::move(name), "i")}, inputs_++, bound},
                    {Element::index, std::move(shape)});
}

Value Sketch::weight(Shape shape, std::string name) {
  return build.leaf(Op::weight, WeightAttributes{{named(std::move(name), "w")}, {}},
                    {Element::real, std::move(shape)});
}

Value Sketch::state(Shape shape, std::string name) {
  return build.leaf(Op::state, StateAttributes{{named(std::move(name), "s")}},
                    {Element::real, std::move(shape)});
}

Value Sketch::operand(Shape shape, Rng& rng, std::string name) {
  if (shape.is_batched() || rng.coin()) return input(std::move(shape), std::move(name));
  return weight(std::move(shape), std::move(name));
}

void Sketch::output(Value value, std::string name, OutputKind kind) {
  if (name.empty()) name = fmt::format("output{}", graph_.outputs.size());
  graph_.outputs.push_back({std::move(name), value, kind});
}

std::int64_t random_size(Rng& rng) { return rng.pick<std::int64_t>({1, 2, 3, 4, 5, 7}); }

Shape random_fixed_shape(Rng& rng, std::size_t least_rank, std::size_t most_rank) {
  Shape shape;
  const auto rank =
      rng.between(static_cast<std::int64_t>(least_rank), static_cast<std::int64_t>(most_rank));
  for (std::int64_t i = 0; i < rank; ++i) shape.dims.push_back(random_size(rng));
  return shape;
}

Shape random_shape(Rng& rng) {
  Shape shape = random_fixed_shape(rng, 0, 3);
  if (!shape.is_scalar() && rng.coin()) shape.dims.front() = batch_dim;
  return shape;
}

Shape shrunk(const Shape& shape, Rng& rng) {
  Shape small = shape;
  const std::int64_t left_out =
      rng.chance(0.4) ? rng.between(0, static_cast<std::int64_t>(shape.rank())) : 0;
  small.dims.erase(small.dims.begin(), small.dims.begin() + left_out);
  for (std::int64_t& dim : small.dims)
    if (rng.chance(0.25)) dim = 1;
  return small;
}

}  // namespace coil::test

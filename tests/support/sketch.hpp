#pragma once

#include <string>

#include "compiler/graph/builder.hpp"

#include "tests/support/rng.hpp"

namespace coil::test {

// Shorthand for building a small graph: leaves get positions and names by themselves where none is given.
class Sketch {
 public:
  explicit Sketch(const std::string& name = "test") : build(graph_) { graph_.name = name; }

  Value input(Shape shape, std::string name = "");
  Value index(Shape shape, std::int64_t bound, std::string name = "");
  Value weight(Shape shape, std::string name = "");
  Value state(Shape shape, std::string name = "");
  // A weight, an input or (where batched) an input: what an op may find in front of it.
  Value operand(Shape shape, Rng& rng, std::string name = "");

  Value add(Op op, std::vector<Value> operands, Attributes attributes = NoAttributes{}) {
    return build.add(op, std::move(operands), std::move(attributes));
  }
  void output(Value value, std::string name = "", OutputKind kind = OutputKind::result);

  const Type& type(Value value) const { return graph_.type(value); }
  // The graph, with `value` as its output where one is given.
  Graph finish() { return std::move(graph_); }
  Graph finish(Value value) {
    output(value);
    return finish();
  }

 private:
  Graph graph_;
  std::int64_t inputs_ = 0;
  int leaves_ = 0;

  std::string named(std::string name, const char* kind);

 public:
  Builder build;
};

// Rank 0 to 3, dimensions small and mostly odd, half of them with a batch.
Shape random_shape(Rng& rng);
// Without a batch.
Shape random_fixed_shape(Rng& rng, std::size_t least_rank, std::size_t most_rank);
std::int64_t random_size(Rng& rng);
// A shape that broadcasts to `shape`: dimensions in front left out, others set to one.
Shape shrunk(const Shape& shape, Rng& rng);

}  // namespace coil::test

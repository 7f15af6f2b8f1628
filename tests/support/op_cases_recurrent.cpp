// Well-known cells over whole sequences.

#include <fmt/format.h>

#include "compiler/graph/ops/recurrent.hpp"

#include "tests/support/op_cases.hpp"

namespace coil::test {
namespace {

constexpr RecurrentAttributes all_cells[] = {{RecurrentCell::vanilla, Activation::tanh},
                                             {RecurrentCell::vanilla, Activation::sigmoid},
                                             {RecurrentCell::lstm},
                                             {RecurrentCell::gru},
                                             {RecurrentCell::gru_reset_after}};

// So that no function saturates: a slope told from a float next to one has few digits.
const Range small{-0.6, 0.6, {}};
const Ranges ranges = {{"kernel", small}, {"recurrent", small}, {"bias", small}};

// A cell over leaves. First values are zeros at times, and one weight may be both kernels.
NodeId random_recurrence(Sketch& sketch, RecurrentAttributes attributes, Rng& rng) {
  const RecurrentPlaces places(attributes.cell);
  const std::int64_t steps = rng.pick<std::int64_t>({1, 1, 2, 3, 5});
  const std::int64_t units = rng.pick<std::int64_t>({1, 2, 3, 5, 16, 17});
  const bool tied = rng.chance(0.3);
  const std::int64_t inputs = tied ? units : rng.pick<std::int64_t>({1, 2, 3, 7, 16});
  const Shape row{{batch_dim, units}};
  const auto first = [&](const char* name) {
    return rng.chance(0.3) ? sketch.build.constant(0, row) : sketch.input(row, name);
  };
  std::vector<Value> operands{sketch.input({{batch_dim, steps, inputs}}, "src"), first("h")};
  if (places.has_c) operands.push_back(first("c"));
  const std::int64_t columns = places.gates * units;
  operands.push_back(sketch.weight({{inputs, columns}}, "kernel"));
  operands.push_back(tied ? operands.back() : sketch.weight({{units, columns}}, "recurrent"));
  operands.push_back(sketch.weight({{columns}}, "bias"));
  if (places.has_recurrent_bias) operands.push_back(sketch.weight({{units}}, "recurrent_bias"));
  return sketch.build.node(Op::recurrent, attributes, operands);
}

void output_all(Sketch& sketch, NodeId node) {
  const auto results = static_cast<std::uint32_t>(sketch.build.graph().node(node).types.size());
  for (std::uint32_t i = 0; i < results; ++i) sketch.output({node, i});
}

std::string name_of(Op op, RecurrentAttributes attributes) {
  return fmt::format("{}/{} {}", to_string(op), to_string(attributes.cell),
                     to_string(attributes.activation));
}

OpCase forward(RecurrentAttributes attributes) {
  const auto build = [attributes](Rng& rng) {
    Sketch sketch;
    output_all(sketch, random_recurrence(sketch, attributes, rng));
    return sketch.finish();
  };
  return {name_of(Op::recurrent, attributes), Op::recurrent, Differentiable::yes, build, ranges};
}

OpCase backward(RecurrentAttributes attributes) {
  const auto build = [attributes](Rng& rng) {
    Sketch sketch;
    const NodeId node = random_recurrence(sketch, attributes, rng);
    const std::vector<Type> types = sketch.build.graph().node(node).types;
    std::vector<Value> operands = sketch.build.graph().node(node).operands;
    for (std::uint32_t i = 0; i < types.size(); ++i) operands.push_back({node, i});
    for (const Type& type : types)
      operands.push_back(rng.chance(0.2) ? sketch.build.constant(0, type.shape)
                                         : sketch.input(type.shape));
    output_all(sketch, sketch.build.node(Op::recurrent_grad, attributes, operands));
    return sketch.finish();
  };
  return {name_of(Op::recurrent_grad, attributes), Op::recurrent_grad, Differentiable::no, build,
          ranges};
}

}  // namespace

std::vector<OpCase> recurrent_cases() {
  std::vector<OpCase> cases;
  for (const RecurrentAttributes& attributes : all_cells) {
    cases.push_back(forward(attributes));
    cases.push_back(backward(attributes));
  }
  return cases;
}

}  // namespace coil::test

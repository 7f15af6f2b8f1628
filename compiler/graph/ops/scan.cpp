// The recurrence: a body run step after step.

#include "compiler/graph/evaluate.hpp"
#include "compiler/graph/op_traits.hpp"
#include "compiler/graph/ops/common.hpp"
#include "compiler/graph/ops/records.hpp"

namespace coil::records {
namespace {

// [batch, steps, ..] as [batch, ..], or why it is no sequence of that many steps.
std::optional<Shape> element_of(const Shape& sequence, std::int64_t steps) {
  if (!sequence.is_batched() || sequence.rank() < 2 || sequence.dims[1] != steps)
    return std::nullopt;
  return shape_of_element(sequence);
}

// What the body is given at each step, by position.
Inferred step_types(std::span<const Type> x, const ScanAttributes& scan) {
  Inferred types;
  for (std::size_t i = 0; i < x.size(); ++i) {
    Type type = x[i];
    const bool is_sequence = i < static_cast<std::size_t>(scan.sequences);
    if (!is_sequence && type.element != Element::real)
      return refuses("takes reals, not {}", to_string(type));
    if (is_for_products(type.element)) return refuses("takes no {}", to_string(type));
    if (is_sequence) {
      const auto element = element_of(type.shape, scan.steps);
      if (!element) return refuses("{} is no sequence of {} steps", to_string(type), scan.steps);
      type.shape = *element;
    }
    types.types.push_back(type);
  }
  return types;
}

// Why the body's inputs are not what each step is given, one for one.
std::string why_unfit(const Graph& body, std::span<const Type> given) {
  std::size_t inputs = 0;
  for (const Node& node : body.nodes()) {
    const auto* input = std::get_if<InputAttributes>(&node.attributes);
    if (!input) continue;
    ++inputs;
    const auto position = static_cast<std::size_t>(input->position);
    if (input->position < 0 || position >= given.size())
      return fmt::format("input {} of the body is given nothing", input->position);
    if (given[position] != node.types[0])
      return fmt::format("input {} of the body is {}, not {}", input->position,
                         to_string(node.types[0]), to_string(given[position]));
  }
  if (inputs == given.size()) return {};
  return fmt::format("the body takes {} inputs, not {}", inputs, given.size());
}

Inferred step_results(const Graph& body, std::span<const Type> first, std::int64_t steps) {
  Inferred results;
  for (std::size_t i = 0; i < body.outputs.size(); ++i) {
    Type type = body.type(body.outputs[i].value);
    if (i < first.size()) {
      if (type != first[i])
        return refuses("carries {} on as {}", to_string(first[i]), to_string(type));
    } else {
      if (!type.shape.is_batched()) return refuses("yields {} without a batch", to_string(type));
      type.shape = shape_of_sequence(type.shape, steps);
      if (auto why = why_invalid(type.shape)) return refuses("{}", *why);
    }
    results.types.push_back(type);
  }
  if (results.types.empty()) return refuses("computes nothing");
  return results;
}

Inferred infer_scan(std::span<const Type> x, const Attributes& attributes) {
  const auto& scan = std::get<ScanAttributes>(attributes);
  if (!scan.body.graph) return refuses("has no body");
  const Graph& body = *scan.body.graph;
  const auto operands = static_cast<std::int64_t>(x.size());
  const auto outputs = static_cast<std::int64_t>(body.outputs.size());
  if (scan.steps < 1 || scan.steps > largest_value)
    return refuses("{} steps are not from 1 to {}", scan.steps, largest_value);
  if (scan.sequences < 0 || scan.sequences > operands || scan.carries < 0 ||
      scan.carries > operands - scan.sequences || scan.carries > outputs)
    return refuses("{} sequences and {} carries with {} operands and {} outputs of the body",
                   scan.sequences, scan.carries, operands, outputs);
  const Inferred given = step_types(x, scan);
  if (!given.error.empty()) return given;
  if (std::string why = why_unfit(body, given.types); !why.empty()) return refuses("{}", why);
  return step_results(
      body,
      x.subspan(static_cast<std::size_t>(scan.sequences), static_cast<std::size_t>(scan.carries)),
      scan.steps);
}

// Where element (n, .., step, ..) of a sequence lies, for the i-th of [batch, ..].
std::size_t place_in(const Array& sequence, std::size_t row, std::size_t step, std::size_t i) {
  const auto steps = static_cast<std::size_t>(sequence.dims[1]);
  return (i / row * steps + step) * row + i % row;
}

Array element_at(const Array& sequence, std::size_t step) {
  Array element{sequence.dims, {}};
  element.dims.erase(element.dims.begin() + 1);
  const std::size_t size = sequence.values.size() / static_cast<std::size_t>(sequence.dims[1]);
  const std::size_t row = size / static_cast<std::size_t>(sequence.dims[0]);
  for (std::size_t i = 0; i < size; ++i)
    element.values.push_back(sequence.values[place_in(sequence, row, step, i)]);
  return element;
}

void put_element(Array& sequence, std::size_t step, const Array& element) {
  const std::size_t row = element.values.size() / static_cast<std::size_t>(sequence.dims[0]);
  for (std::size_t i = 0; i < element.values.size(); ++i)
    sequence.values[place_in(sequence, row, step, i)] = element.values[i];
}

// The batch, which a body that holds only what has none does not care about.
std::int64_t batch_of(const ScanAttributes& scan, std::span<const Array* const> x,
                      std::span<const Array> y) {
  const Graph& body = *scan.body.graph;
  for (std::size_t i = 0; i < y.size(); ++i)
    if (body.type(body.outputs[i].value).shape.is_batched()) return y[i].dims[0];
  for (const Node& node : body.nodes())
    if (const auto* input = std::get_if<InputAttributes>(&node.attributes);
        input && node.types[0].shape.is_batched())
      return x[static_cast<std::size_t>(input->position)]->dims[0];
  return 1;
}

void evaluate_scan(const Attributes& attributes, std::span<const Array* const> x,
                   std::span<Array> y) {
  const auto& scan = std::get<ScanAttributes>(attributes);
  const auto sequences = static_cast<std::size_t>(scan.sequences);
  const auto carries = static_cast<std::size_t>(scan.carries);
  const auto steps = static_cast<std::size_t>(scan.steps);
  const std::int64_t batch = batch_of(scan, x, y);
  for (std::size_t c = 0; c < carries; ++c) y[c] = *x[sequences + c];
  for (std::size_t i = 0; i < steps; ++i) {
    const std::size_t step = scan.reverse ? steps - 1 - i : i;
    std::vector<Array> elements;
    for (std::size_t s = 0; s < sequences; ++s) elements.push_back(element_at(*x[s], step));
    std::vector<const Array*> given;
    for (const Array& element : elements) given.push_back(&element);
    for (std::size_t c = 0; c < carries; ++c) given.push_back(&y[c]);
    given.insert(given.end(), x.begin() + static_cast<std::ptrdiff_t>(sequences + carries),
                 x.end());
    const auto computed = evaluate_body(*scan.body.graph, given, batch);
    for (std::size_t c = 0; c < carries; ++c) y[c] = computed[c];
    for (std::size_t k = carries; k < computed.size(); ++k) put_element(y[k], step, computed[k]);
  }
}

}  // namespace

const OpRecord scan = {.name = "scan",
                       .arity = Arity{0, 1 << 16},
                       .attributes = attribute_kind<ScanAttributes>(),
                       .trait = Trait::none,
                       .infer = infer_scan,
                       .gradient = gradient_of_scan,
                       .evaluate = evaluate_scan,
                       .may_overwrite = overwrites_nothing};

}  // namespace coil::records

// Taking values apart along a dimension and putting them together: each the gradient of the other.

#include <algorithm>

#include "compiler/graph/ops/common.hpp"
#include "compiler/graph/ops/records.hpp"

namespace coil::records {
namespace {

using Gradients = std::vector<std::optional<Value>>;

// ---- slice

Inferred infer_slice(std::span<const Type> x, const Attributes& attributes) {
  const auto& s = std::get<SliceAttributes>(attributes);
  Type type = x[0];
  if (is_for_products(type.element)) return refuses("takes no {}", to_string(type));
  const auto rank = static_cast<std::int64_t>(type.shape.rank());
  if (s.axis < 0 || s.axis >= rank)
    return refuses("{} has no dimension {}", to_string(type), s.axis);
  std::int64_t& dim = type.shape.dims[static_cast<std::size_t>(s.axis)];
  if (dim == batch_dim) return refuses("the batch of {} is not cut", to_string(type));
  if (s.size < 1 || s.begin < 0 || s.begin > dim || s.size > dim - s.begin)
    return refuses("{} from {} is not inside {}", s.size, s.begin, dim);
  if (s.drop && s.size != 1) return refuses("{} elements are not one", s.size);
  dim = s.size;
  if (s.drop) type.shape.dims.erase(type.shape.dims.begin() + s.axis);
  return fits(type);
}

// Elements behind one of dimension `axis`.
std::size_t inner(const std::vector<std::int64_t>& dims, std::int64_t axis) {
  std::size_t total = 1;
  for (std::size_t d = static_cast<std::size_t>(axis) + 1; d < dims.size(); ++d)
    total *= static_cast<std::size_t>(dims[d]);
  return total;
}

void evaluate_slice(const Attributes& attributes, std::span<const Array* const> x,
                    std::span<Array> y) {
  const auto& s = std::get<SliceAttributes>(attributes);
  const std::size_t behind = inner(x[0]->dims, s.axis);
  const std::size_t run = behind * static_cast<std::size_t>(s.size);
  const std::size_t stride =
      behind * static_cast<std::size_t>(x[0]->dims[static_cast<std::size_t>(s.axis)]);
  const std::size_t begin = behind * static_cast<std::size_t>(s.begin);
  for (std::size_t i = 0; i < y[0].values.size(); ++i)
    y[0].values[i] = x[0]->values.at(i / run * stride + begin + i % run);
}

// Zeros before, the gradient, zeros behind.
Gradients gradient_of_slice(const GradientRequest& r) {
  const auto s = std::get<SliceAttributes>(r.graph.node(r.node).attributes);
  const Shape whole = shape_of(r, operand(r, 0));
  const auto axis = static_cast<std::size_t>(s.axis);
  Value g = *r.result_gradients[0];
  if (s.drop) g = r.build.add(Op::concat, {g}, ConcatAttributes{s.axis, true});
  const auto zeros = [&](std::int64_t size) {
    Shape shape = whole;
    shape.dims[axis] = size;
    return r.build.constant(0, shape);
  };
  std::vector<Value> row;
  const std::int64_t behind = whole.dims[axis] - s.begin - s.size;
  if (s.begin > 0) row.push_back(zeros(s.begin));
  row.push_back(g);
  if (behind > 0) row.push_back(zeros(behind));
  if (row.size() == 1) return {g};
  return {r.build.add(Op::concat, row, ConcatAttributes{s.axis, false})};
}

// ---- concat

bool differ_only_along(std::size_t axis, const Type& a, Type b) {
  if (a.shape.rank() != b.shape.rank()) return false;
  b.shape.dims[axis] = a.shape.dims[axis];
  return a == b;
}

Inferred infer_concat(std::span<const Type> x, const Attributes& attributes) {
  const auto& c = std::get<ConcatAttributes>(attributes);
  Type type = x[0];
  if (is_for_products(type.element)) return refuses("takes no {}", to_string(type));
  const auto rank = static_cast<std::int64_t>(type.shape.rank());
  if (c.axis < 0 || c.axis >= rank + (c.stack ? 1 : 0))
    return refuses("{} has no dimension {}", to_string(type), c.axis);
  const auto axis = static_cast<std::size_t>(c.axis);
  if (type.shape.is_batched() && axis == 0) return refuses("batches are not put side by side");
  if (c.stack) {
    for (const Type& other : x)
      if (other != type) return refuses("{} and {} differ", to_string(type), to_string(other));
    type.shape.dims.insert(type.shape.dims.begin() + c.axis, static_cast<std::int64_t>(x.size()));
  } else {
    std::int64_t total = 0;
    for (const Type& other : x) {
      if (!differ_only_along(axis, x[0], other))
        return refuses("{} and {} differ", to_string(x[0]), to_string(other));
      total += other.shape.dims[axis];
      if (total > largest_value) return refuses("more than {} elements", largest_value);
    }
    type.shape.dims[axis] = total;
  }
  if (auto why = why_invalid(type.shape)) return refuses("{}", *why);
  return fits(type);
}

void evaluate_concat(const Attributes& attributes, std::span<const Array* const> x,
                     std::span<Array> y) {
  const auto& c = std::get<ConcatAttributes>(attributes);
  const std::size_t behind = inner(y[0].dims, c.axis);
  const std::size_t stride =
      behind * static_cast<std::size_t>(y[0].dims[static_cast<std::size_t>(c.axis)]);
  std::size_t at = 0;
  for (const Array* part : x) {
    const std::size_t run = part->values.size() * stride / y[0].values.size();
    for (std::size_t i = 0; i < part->values.size(); ++i)
      y[0].values.at(i / run * stride + at + i % run) = part->values[i];
    at += run;
  }
}

Gradients gradient_of_concat(const GradientRequest& r) {
  const Node& node = r.graph.node(r.node);
  const auto c = std::get<ConcatAttributes>(node.attributes);
  const std::vector<Value> operands = node.operands;
  Gradients gradients;
  std::int64_t at = 0;
  for (const Value operand : operands) {
    const std::int64_t size =
        c.stack ? 1 : shape_of(r, operand).dims[static_cast<std::size_t>(c.axis)];
    gradients.push_back(r.build.add(Op::slice, {*r.result_gradients[0]},
                                    SliceAttributes{c.axis, at, size, c.stack}));
    at += size;
  }
  return gradients;
}

}  // namespace

// Either overwrites its operand only where both have one size, so that nothing moves.
const OpRecord slice = {.name = "slice",
                        .arity = Arity{1, 1},
                        .attributes = attribute_kind<SliceAttributes>(),
                        .trait = Trait::none,
                        .infer = infer_slice,
                        .gradient = gradient_of_slice,
                        .evaluate = evaluate_slice,
                        .may_overwrite = overwrites_first};
const OpRecord concat = {.name = "concat",
                         .arity = Arity{1, 1 << 20},
                         .attributes = attribute_kind<ConcatAttributes>(),
                         .trait = Trait::none,
                         .infer = infer_concat,
                         .gradient = gradient_of_concat,
                         .evaluate = evaluate_concat,
                         .may_overwrite = overwrites_first};

}  // namespace coil::records

#include "compiler/graph/type.hpp"

#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/source/internal_error.hpp"

namespace coil {
namespace {

constexpr Element all_elements[] = {Element::real, Element::index, Element::bf16, Element::int8};

std::string dim_text(std::int64_t dim) {
  return dim == batch_dim ? std::string("batch") : fmt::format("{}", dim);
}

std::optional<std::int64_t> parse_dim(std::string_view text) {
  if (text == "batch") return batch_dim;
  std::int64_t dim = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), dim);
  if (error != std::errc{} || end != text.data() + text.size() || dim < 1 || text[0] == '0')
    return std::nullopt;
  return dim;
}

// Takes "real[" and the like off the front.
std::optional<Element> take_element(std::string_view& text) {
  for (const Element element : all_elements) {
    const std::string_view name = to_string(element);
    if (!text.starts_with(name) || !text.substr(name.size()).starts_with('[')) continue;
    text.remove_prefix(name.size() + 1);
    return element;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Element element) {
  switch (element) {
    case Element::real:
      return "real";
    case Element::index:
      return "index";
    case Element::bf16:
      return "bf16";
    case Element::int8:
      return "int8";
  }
  __builtin_unreachable();
}

std::optional<std::int64_t> count(const Shape& shape) {
  std::int64_t total = 1;
  for (std::int64_t dim : shape.dims) {
    if (dim == batch_dim) continue;
    if (__builtin_mul_overflow(total, dim, &total) || total > largest_value) return std::nullopt;
  }
  return total;
}

std::int64_t count(const Shape& shape, std::int64_t batch) {
  std::int64_t total = 1;
  for (const std::int64_t dim : shape.dims)
    // Not `require`: the shape is put into words where it is needed only.
    if (__builtin_mul_overflow(total, dim == batch_dim ? batch : dim, &total))
      throw InternalError(fmt::format("{} overflows", to_string(shape)));
  return total;
}

std::vector<std::int64_t> concrete_dims(const Shape& shape, std::int64_t batch) {
  std::vector<std::int64_t> dims = shape.dims;
  if (shape.is_batched()) dims.front() = batch;
  return dims;
}

std::optional<std::string> why_invalid(const Shape& shape) {
  if (shape.rank() > largest_rank)
    return fmt::format("{} dimensions are more than {}", shape.rank(), largest_rank);
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    if (i == 0 && shape.dims[i] == batch_dim) continue;
    if (shape.dims[i] < 1) return fmt::format("dimension {} is not positive", shape.dims[i]);
  }
  if (!count(shape))
    return fmt::format("{} has more than {} elements", to_string(shape), largest_value);
  return std::nullopt;
}

std::optional<Shape> broadcast(const Shape& a, const Shape& b) {
  const Shape& longer = a.rank() >= b.rank() ? a : b;
  const Shape& shorter = a.rank() >= b.rank() ? b : a;
  Shape result = longer;
  const std::size_t offset = longer.rank() - shorter.rank();
  for (std::size_t i = 0; i < shorter.rank(); ++i) {
    std::int64_t& dim = result.dims[offset + i];
    const std::int64_t other = shorter.dims[i];
    if (dim == other || other == 1) continue;
    if (dim != 1) return std::nullopt;
    dim = other;
  }
  // The batch may only stand in front: [batch] against [8, 1] would put it in the middle.
  for (std::size_t i = 1; i < result.rank(); ++i)
    if (result.dims[i] == batch_dim) return std::nullopt;
  return result;
}

bool broadcasts_to(const Shape& from, const Shape& to) { return broadcast(from, to) == to; }

std::string to_string(const Shape& shape) {
  std::vector<std::string> dims;
  for (std::int64_t dim : shape.dims) dims.push_back(dim_text(dim));
  return fmt::format("[{}]", fmt::join(dims, ", "));
}

std::string to_string(const Type& type) {
  return std::string(to_string(type.element)) + to_string(type.shape);
}

std::optional<Type> parse_type(std::string_view text) {
  const auto element = take_element(text);
  if (!element) return std::nullopt;
  Type type{*element, {}};
  if (!text.ends_with(']')) return std::nullopt;
  text.remove_suffix(1);
  while (!text.empty()) {
    const std::size_t comma = text.find(", ");
    const auto dim = parse_dim(text.substr(0, comma));
    if (!dim) return std::nullopt;
    type.shape.dims.push_back(*dim);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 2);
    if (text.empty()) return std::nullopt;
  }
  if (why_invalid(type.shape)) return std::nullopt;
  return type;
}

}  // namespace coil

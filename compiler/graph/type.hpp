#pragma once

// What a value is: an element kind and a shape. The batch is a dimension without a number, so that one
// graph serves every batch size; only the first dimension can be the batch.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coil {

enum class Element : std::uint8_t {
  real,   // double in the reference interpreter, float when run
  index,  // a whole number from 0, below a bound that the input names
  bf16,   // a real of eight significant bits and a float's range; only products read such values
  int8,   // a whole number from -127 to 127; only products read such values
};
// Whether values of it are made for products alone.
constexpr bool is_for_products(Element element) {
  return element == Element::bf16 || element == Element::int8;
}
std::string_view to_string(Element element);

// Stands for the batch size in a shape.
inline constexpr std::int64_t batch_dim = -1;

// No single value may have more elements per batch row than this: 8 GiB of floats.
inline constexpr std::int64_t largest_value = std::int64_t{1} << 31;
inline constexpr std::size_t largest_rank = 8;

struct Shape {
  std::vector<std::int64_t> dims;

  std::size_t rank() const { return dims.size(); }
  bool is_scalar() const { return dims.empty(); }
  bool is_batched() const { return !dims.empty() && dims.front() == batch_dim; }
  std::int64_t last() const { return dims.back(); }
  bool operator==(const Shape&) const = default;
};

struct Type {
  Element element = Element::real;
  Shape shape;
  bool operator==(const Type&) const = default;
};

// Elements of one batch row (the batch counts as one). Nothing on overflow past `largest_value`.
std::optional<std::int64_t> count(const Shape& shape);
// Elements at a batch size. The shape must be valid.
std::int64_t count(const Shape& shape, std::int64_t batch);

// The shape with the batch written as a number.
std::vector<std::int64_t> concrete_dims(const Shape& shape, std::int64_t batch);

// Positive sizes, the batch only in front, at most `largest_rank` dimensions, no overflow; else why not.
std::optional<std::string> why_invalid(const Shape& shape);

// The shape both sides stretch to, aligned at the last dimension, a one or a missing dimension
// stretching to the other's: [batch, 256] and [256] give [batch, 256]. Nothing where they clash.
std::optional<Shape> broadcast(const Shape& a, const Shape& b);
bool broadcasts_to(const Shape& from, const Shape& to);

std::string to_string(const Shape& shape);  // [batch, 256]
std::string to_string(const Type& type);    // real[batch, 256], index[batch], bf16[512, 2048]
std::optional<Type> parse_type(std::string_view text);

}  // namespace coil

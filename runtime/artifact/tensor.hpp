#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace coil {

// How a file stores the elements of a tensor. All are little-endian; all become float in memory.
enum class StoredType { f32, bf16, i32, i64 };

constexpr std::size_t width_of(StoredType type) {
  switch (type) {
    case StoredType::f32:
      return 4;
    case StoredType::bf16:
      return 2;
    case StoredType::i32:
      return 4;
    case StoredType::i64:
      return 8;
  }
  return 0;
}

// A named array in row-major order: values.size() is the product of shape (1 for a scalar, whose
// shape is empty; 0 where a size is 0).
struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;

  bool operator==(const Tensor&) const = default;
};

}  // namespace coil

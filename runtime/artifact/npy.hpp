#pragma once

// NumPy's .npy files (versions 1.0 and 2.0), the numbers in and out of `coil run`:
//   "\x93NUMPY" | major minor | header length, u16 (1.0) or u32 (2.0) little-endian | header | data
//   header: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }   spaces   \n
// The data start at a multiple of 64 bytes.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace coil {

// Row-major; the number of values is the product of shape.
struct NpyArray {
  std::vector<std::int64_t> shape;
  std::variant<std::vector<float>, std::vector<std::int32_t>> values;

  bool operator==(const NpyArray&) const = default;
};

// Reads <f4 and <f8 as float, <i4, <i8 and |u1 as int32. RunError (bad_artifact) names `path` and the
// problem: another type or byte order, Fortran order, more than 8 dimensions, a shape that does not
// fit the file's size, an <i8 past int32 or a finite <f8 past float (with its position).
NpyArray decode_npy(std::string_view bytes, const std::string& path);

// The bytes numpy.save writes for this array as <f4 or <i4 (version 1.0). InternalError where the
// shape does not fit the values.
std::string encode_npy(const NpyArray& array);

// As above; RunError (io) where the file cannot be read or is past 8 GiB.
NpyArray read_npy(const std::string& path);
// Through write_atomically().
void write_npy(const std::string& path, const NpyArray& array);

}  // namespace coil

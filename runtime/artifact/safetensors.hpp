#pragma once

// The safetensors format:
//   u64 little-endian N | N bytes of JSON, padded with spaces | the tensors' bytes
//   JSON: {"__metadata__": {"key": "value", ...},
//          "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}
// Offsets count from the end of the JSON. The tensors tile the data: no hole, no overlap.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/artifact/byte_source.hpp"
#include "runtime/artifact/tensor.hpp"

namespace coil {

// Of the length that stands first.
inline constexpr std::size_t header_length_bytes = 8;

struct TensorFile {
  std::map<std::string, std::string> metadata;
  std::vector<Tensor> tensors;  // in the order of their data

  bool operator==(const TensorFile&) const = default;
};

// What a file may claim. Each is checked before anything of that size is allocated.
struct TensorFileLimits {
  std::uint64_t header_bytes = std::uint64_t{64} << 20;
  std::size_t tensors = 65'536;
  std::size_t rank = 8;
  std::size_t name_bytes = 1'024;  // a tensor's name or a metadata key
  std::size_t metadata_entries = 4'096;
  std::size_t metadata_value_bytes = std::size_t{64} << 20;
};

// The bytes of a file with these tensors, all as F32, in the given order; metadata sorted by key. The
// header is padded to a multiple of 8. Equal input gives equal bytes, and decode() reads them back.
// InternalError where the input is no such file: a name twice, a shape that does not fit its values,
// broken UTF-8, more than the default limits allow.
std::string encode(const TensorFile& file);

// Reads F32, BF16, I32 and I64, the latter two where float holds every value exactly. RunError
// (bad_artifact) names `path`, what is wrong, and the byte or tensor where.
//
// Of tensors that `wants` is there for and says no to, all is checked but no values are read: they are left out.
using TensorFilter = bool (*)(std::string_view name);
TensorFile decode(std::string_view bytes, const std::string& path,
                  const TensorFileLimits& limits = {}, TensorFilter wants = nullptr);
TensorFile decode(ByteSource& bytes, const std::string& path, const TensorFileLimits& limits = {},
                  TensorFilter wants = nullptr);

}  // namespace coil

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/artifact/safetensors.hpp"

namespace coil {

// One tensor as the header claims it to be; nothing here has met the data yet.
struct TensorEntry {
  std::string name;
  StoredType type = StoredType::f32;
  std::vector<std::int64_t> shape;  // sizes >= 0, at most limits.rank of them
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct TensorHeader {
  std::map<std::string, std::string> metadata;
  std::vector<TensorEntry> tensors;  // in the order of the text
};

// Parses the JSON part, which must be UTF-8. Only the exact form passes: known keys, each once, each
// of its type; sizes and offsets are unsigned integers. RunError (bad_artifact) otherwise.
TensorHeader read_tensor_header(std::string_view json, const std::string& path,
                                const TensorFileLimits& limits);

// Throws RunError (bad_artifact): "<path>: not a valid safetensors file: <problem>".
[[noreturn]] void refuse_tensor_file(const std::string& path, const std::string& problem);

}  // namespace coil

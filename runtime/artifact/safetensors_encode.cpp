#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

#include "compiler/source/internal_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/artifact/checked.hpp"
#include "runtime/artifact/little_endian.hpp"
#include "runtime/artifact/quote.hpp"
#include "runtime/artifact/safetensors.hpp"

namespace coil {

namespace {

void check_metadata(const TensorFile& file, const TensorFileLimits& limits) {
  require(file.metadata.size() <= limits.metadata_entries,
          "{} metadata entries are within the limit", file.metadata.size());
  for (const auto& [key, value] : file.metadata) {
    require(key.size() <= limits.name_bytes && value.size() <= limits.metadata_value_bytes,
            "the metadata entry {} is within the limits", quote(key));
    require(find_invalid_utf8(key) == std::string::npos &&
                find_invalid_utf8(value) == std::string::npos,
            "the metadata entry {} is UTF-8", quote(key));
  }
}

void check_tensors(const TensorFile& file, const TensorFileLimits& limits) {
  require(file.tensors.size() <= limits.tensors, "{} tensors are within the limit",
          file.tensors.size());
  std::set<std::string_view> names = {"__metadata__"};
  for (const Tensor& tensor : file.tensors) {
    const std::string name = quote(tensor.name);
    require(names.insert(tensor.name).second, "the tensor name {} is used once", name);
    require(tensor.name.size() <= limits.name_bytes && tensor.shape.size() <= limits.rank,
            "tensor {} is within the limits", name);
    require(find_invalid_utf8(tensor.name) == std::string::npos, "the tensor name {} is UTF-8",
            name);
    for (const std::int64_t size : tensor.shape) require(size >= 0, "tensor {}: sizes >= 0", name);
    const auto bytes = checked_bytes(tensor.shape, sizeof(float));
    require(bytes && *bytes == tensor.values.size() * sizeof(float),
            "tensor {}: shape {} holds its {} values", name, show_shape(tensor.shape),
            tensor.values.size());
  }
}

std::string json_string(const std::string& text) { return nlohmann::json(text).dump(); }

std::string header_of(const TensorFile& file) {
  std::string out = "{";
  const auto separate = [&out] {
    if (out.back() != '{') out += ',';
  };
  if (!file.metadata.empty()) {
    out += "\"__metadata__\":{";
    for (const auto& [key, value] : file.metadata) {
      separate();
      out += json_string(key) + ':' + json_string(value);
    }
    out += '}';
  }
  std::uint64_t offset = 0;
  for (const Tensor& tensor : file.tensors) {
    separate();
    const std::uint64_t end = offset + tensor.values.size() * sizeof(float);
    std::string shape = show_shape(tensor.shape);
    std::erase(shape, ' ');
    out += fmt::format(R"({}:{{"dtype":"F32","shape":{},"data_offsets":[{},{}]}})",
                       json_string(tensor.name), shape, offset, end);
    offset = end;
  }
  out += '}';
  out.append((8 - out.size() % 8) % 8, ' ');
  return out;
}

}  // namespace

std::string encode(const TensorFile& file) {
  const TensorFileLimits limits;
  check_metadata(file, limits);
  check_tensors(file, limits);
  const std::string header = header_of(file);
  require(header.size() <= limits.header_bytes, "a header of {} bytes is within the limit",
          header.size());

  std::size_t data_bytes = 0;
  for (const Tensor& tensor : file.tensors) data_bytes += tensor.values.size() * sizeof(float);
  std::string out;
  out.reserve(8 + header.size() + data_bytes);
  append_little(out, static_cast<std::uint64_t>(header.size()));
  out += header;
  for (const Tensor& tensor : file.tensors) {
    if (tensor.values.empty()) continue;
    out.append(reinterpret_cast<const char*>(tensor.values.data()),
               tensor.values.size() * sizeof(float));
  }
  return out;
}

}  // namespace coil

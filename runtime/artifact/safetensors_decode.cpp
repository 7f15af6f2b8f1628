#include <algorithm>
#include <array>
#include <bit>
#include <fmt/format.h>

#include "compiler/source/large_pages.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/artifact/checked.hpp"
#include "runtime/artifact/little_endian.hpp"
#include "runtime/artifact/quote.hpp"
#include "runtime/artifact/safetensors.hpp"
#include "runtime/artifact/safetensors_header.hpp"

namespace coil {

namespace {

// The JSON. What follows it in `bytes` are the tensors' data.
std::string read_header(ByteSource& bytes, const std::string& path,
                        const TensorFileLimits& limits) {
  if (bytes.size() < header_length_bytes) {
    refuse_tensor_file(path, fmt::format("it has {} bytes, fewer than 8", bytes.size()));
  }
  std::array<char, header_length_bytes> first{};
  bytes.read(first);
  const auto length = load_little<std::uint64_t>({first.data(), first.size()});
  if (length > limits.header_bytes) {
    refuse_tensor_file(path, fmt::format("byte 0: a header of {} bytes, more than {}", length,
                                         limits.header_bytes));
  }
  const auto data_start = checked_add(length, header_length_bytes);
  if (!data_start || *data_start > bytes.size()) {
    refuse_tensor_file(path, fmt::format("byte 0: a header of {} bytes in a file of {}; it was cut",
                                         length, bytes.size()));
  }
  std::string header(length, ' ');
  bytes.read(header);
  return header;
}

void check_text(std::string_view header, const std::string& path) {
  if (header.empty() || header.front() != '{') {
    refuse_tensor_file(path, "byte 8: its header does not start with '{'");
  }
  // The JSON parser would take a NUL for the end and never look at what follows.
  const std::size_t nul = header.find('\0');
  if (nul != header.npos) {
    refuse_tensor_file(path,
                       fmt::format("byte {}: a NUL in its header", header_length_bytes + nul));
  }
  const std::size_t broken = find_invalid_utf8(header);
  if (broken != std::string_view::npos) {
    refuse_tensor_file(
        path, fmt::format("byte {}: its header is not UTF-8", header_length_bytes + broken));
  }
}

// Tensors sorted by offset must follow one another from 0 to the end of the data, and each must be
// as large as its shape says. Once this holds, every [begin, end) lies in the data.
void check_tiling(const std::vector<TensorEntry>& sorted, std::uint64_t data_bytes,
                  const std::string& path) {
  std::uint64_t cursor = 0;
  for (const TensorEntry& tensor : sorted) {
    const std::string where = fmt::format("tensor {}: ", quote(tensor.name));
    if (tensor.begin != cursor) {
      refuse_tensor_file(
          path,
          where + fmt::format("its data starts at {}, {} at {}", tensor.begin,
                              tensor.begin > cursor ? "leaving a hole" : "overlapping", cursor));
    }
    if (tensor.end < tensor.begin || tensor.end > data_bytes) {
      refuse_tensor_file(path,
                         where + fmt::format("its data_offsets [{}, {}] leave the {} bytes of "
                                             "data; the file was cut or changed",
                                             tensor.begin, tensor.end, data_bytes));
    }
    const auto needed = checked_bytes(tensor.shape, width_of(tensor.type));
    if (!needed || *needed != tensor.end - tensor.begin) {
      refuse_tensor_file(
          path, where + fmt::format("its shape {} needs {} bytes, its data_offsets hold {}",
                                    show_shape(tensor.shape),
                                    needed ? std::to_string(*needed) : "far too many",
                                    tensor.end - tensor.begin));
    }
    cursor = tensor.end;
  }
  if (cursor != data_bytes) {
    refuse_tensor_file(
        path, fmt::format("its tensors end at byte {} of {} bytes of data", cursor, data_bytes));
  }
}

// The value at `index`, or nothing where float cannot hold it.
std::optional<float> load_element(StoredType type, std::string_view bytes, std::size_t index) {
  const std::size_t offset = index * width_of(type);
  switch (type) {
    case StoredType::f32:
      return load_little<float>(bytes, offset);
    case StoredType::bf16: {
      const auto high = static_cast<std::uint32_t>(load_little<std::uint16_t>(bytes, offset));
      return std::bit_cast<float>(high << 16);
    }
    case StoredType::i32:
    case StoredType::i64: {
      const std::int64_t value = type == StoredType::i32 ? load_little<std::int32_t>(bytes, offset)
                                                         : load_little<std::int64_t>(bytes, offset);
      constexpr std::int64_t largest_exact = 1 << 24;
      if (value < -largest_exact || value > largest_exact) return std::nullopt;
      return static_cast<float>(value);
    }
  }
  return std::nullopt;
}

std::vector<float> read_values(const TensorEntry& tensor, ByteSource& source,
                               const std::string& path) {
  std::vector<float> values;
  const std::size_t size = (tensor.end - tensor.begin) / width_of(tensor.type);
  // With room behind the values, which nobody writes to, so that large pages reach to their end.
  const std::size_t room = size * sizeof(float) < large_page_bytes ? 0 : large_page_bytes;
  values.reserve(size + room / sizeof(float));
  prefer_large_pages(values.data(), size * sizeof(float) + room);
  values.resize(size);
  if (tensor.type == StoredType::f32) {
    source.read({reinterpret_cast<char*>(values.data()), size * sizeof(float)});
    return values;
  }
  std::string bytes(tensor.end - tensor.begin, ' ');
  source.read(bytes);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = load_element(tensor.type, bytes, i);
    if (!value) {
      refuse_tensor_file(path, fmt::format("tensor {}: element {} is an integer past 2^24, which "
                                           "float cannot hold",
                                           quote(tensor.name), i));
    }
    values[i] = *value;
  }
  return values;
}

}  // namespace

TensorFile decode(std::string_view bytes, const std::string& path, const TensorFileLimits& limits,
                  TensorFilter wants) {
  MemorySource source(bytes);
  return decode(source, path, limits, wants);
}

TensorFile decode(ByteSource& bytes, const std::string& path, const TensorFileLimits& limits,
                  TensorFilter wants) {
  const std::string text = read_header(bytes, path, limits);
  check_text(text, path);
  TensorHeader header = read_tensor_header(text, path, limits);

  const auto offsets = [](const TensorEntry& tensor) {
    return std::pair(tensor.begin, tensor.end);
  };
  std::ranges::stable_sort(header.tensors, {}, offsets);
  check_tiling(header.tensors, bytes.size() - header_length_bytes - text.size(), path);

  TensorFile file{.metadata = std::move(header.metadata), .tensors = {}};
  file.tensors.reserve(header.tensors.size());
  for (TensorEntry& tensor : header.tensors) {
    if (wants && !wants(tensor.name)) {
      bytes.skip(tensor.end - tensor.begin);
      continue;
    }
    std::vector<float> values = read_values(tensor, bytes, path);
    file.tensors.push_back({std::move(tensor.name), std::move(tensor.shape), std::move(values)});
  }
  return file;
}

}  // namespace coil

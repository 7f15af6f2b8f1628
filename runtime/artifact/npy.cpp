#include "runtime/artifact/npy.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "compiler/source/internal_error.hpp"
#include "compiler/source/load.hpp"
#include "compiler/source/run_error.hpp"

#include "runtime/artifact/atomic_file.hpp"
#include "runtime/artifact/checked.hpp"
#include "runtime/artifact/little_endian.hpp"
#include "runtime/artifact/npy_header.hpp"
#include "runtime/artifact/quote.hpp"

namespace coil {

namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t version_end = 8;
constexpr std::size_t largest_npy_bytes = std::size_t{8} << 30;
constexpr std::size_t largest_header_bytes = 65'536;
constexpr std::size_t alignment = 64;

[[noreturn]] void refuse(const std::string& path, const std::string& problem) {
  fail(ExitCode::bad_artifact, "{}: not an .npy file Coil can read: {}", show_path(path), problem);
}

struct Parts {
  std::string_view header;
  std::size_t header_start = 0;
  std::string_view data;
};

void check_magic(std::string_view bytes, const std::string& path) {
  if (bytes.starts_with("PK"))
    refuse(path, "it looks like an .npz; save a single array with numpy.save");
  if (!bytes.starts_with(magic)) refuse(path, "it does not start with \\x93NUMPY");
  if (bytes.size() < version_end) refuse(path, "it ends before its version");
  const int major = static_cast<unsigned char>(bytes[6]);
  const int minor = static_cast<unsigned char>(bytes[7]);
  if ((major != 1 && major != 2) || minor != 0) {
    refuse(path, fmt::format("byte 6: version {}.{}, not 1.0 or 2.0", major, minor));
  }
}

Parts split(std::string_view bytes, const std::string& path) {
  check_magic(bytes, path);
  const bool is_short = bytes[6] == 1;
  const std::size_t header_start = version_end + (is_short ? 2 : 4);
  if (bytes.size() < header_start) refuse(path, "it ends before its header's length");
  const std::size_t length = is_short ? load_little<std::uint16_t>(bytes, version_end)
                                      : load_little<std::uint32_t>(bytes, version_end);
  if (length > largest_header_bytes) {
    refuse(path,
           fmt::format("byte 8: a header of {} bytes, more than {}", length, largest_header_bytes));
  }
  if (length > bytes.size() - header_start) {
    refuse(path, fmt::format("byte 8: a header of {} bytes in a file of {}; it was cut", length,
                             bytes.size()));
  }
  return {bytes.substr(header_start, length), header_start, bytes.substr(header_start + length)};
}

NpyHeader read_header(const Parts& parts, const std::string& path) {
  try {
    return parse_npy_header(parts.header);
  } catch (const NpyHeaderError& error) {
    refuse(path, fmt::format("byte {}: {}", parts.header_start + error.at(), error.what()));
  }
}

std::size_t width_of(const std::string& type, const std::string& path) {
  if (type == "<f4" || type == "<i4") return 4;
  if (type == "<f8" || type == "<i8") return 8;
  if (type == "|u1") return 1;
  refuse(path, fmt::format("elements of type {}, not <f4, <f8, <i4, <i8 or |u1; convert it with "
                           ".astype('float32') or .astype('int32')",
                           quote(type)));
}

void check_form(const NpyHeader& header, std::size_t width, std::size_t data_bytes,
                const std::string& path) {
  if (header.fortran_order) {
    refuse(path, "it is in Fortran order; save numpy.ascontiguousarray(a)");
  }
  const auto needed = checked_bytes(header.shape, width);
  if (!needed || *needed != data_bytes) {
    refuse(path, fmt::format("its shape {} of {} needs {} bytes of data, it has {}",
                             show_shape(header.shape), header.type,
                             needed ? std::to_string(*needed) : "far too many", data_bytes));
  }
}

// "[1, 2]": the place of the element at `index` in an array of this shape.
std::string show_position(std::size_t index, std::span<const std::int64_t> shape) {
  std::vector<std::int64_t> position(shape.size());
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    const auto size = static_cast<std::size_t>(shape[axis]);
    position[axis] = static_cast<std::int64_t>(index % size);
    index /= size;
  }
  return show_shape(position);
}

std::optional<float> to_float(float value) { return value; }
std::optional<float> to_float(double value) {
  if (std::isfinite(value) && std::abs(value) > std::numeric_limits<float>::max()) {
    return std::nullopt;
  }
  return static_cast<float>(value);
}

template <typename Whole>
std::optional<std::int32_t> to_int32(Whole value) {
  if (!std::in_range<std::int32_t>(value)) return std::nullopt;
  return static_cast<std::int32_t>(value);
}

// Every Stored of `data` through `convert`, which gives nothing where the value does not fit.
template <typename Stored, typename Convert>
auto convert_all(std::string_view data, const NpyHeader& header, const std::string& path,
                 Convert convert) {
  using Value = typename decltype(convert(Stored{}))::value_type;
  std::vector<Value> values(data.size() / sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto stored = load_little<Stored>(data, i * sizeof(Stored));
    const auto value = convert(stored);
    if (!value) {
      refuse(path, fmt::format("the element at {} is {}, past {}", show_position(i, header.shape),
                               stored, std::is_same_v<Value, float> ? "float" : "int32"));
    }
    values[i] = *value;
  }
  return values;
}

}  // namespace

NpyArray decode_npy(std::string_view bytes, const std::string& path) {
  const Parts parts = split(bytes, path);
  NpyHeader header = read_header(parts, path);
  check_form(header, width_of(header.type, path), parts.data.size(), path);

  const auto floats = [](auto value) { return to_float(value); };
  const auto integers = [](auto value) { return to_int32(value); };
  NpyArray array{.shape = header.shape, .values = {}};
  if (header.type == "<f4") array.values = convert_all<float>(parts.data, header, path, floats);
  if (header.type == "<f8") array.values = convert_all<double>(parts.data, header, path, floats);
  if (header.type == "<i4") {
    array.values = convert_all<std::int32_t>(parts.data, header, path, integers);
  }
  if (header.type == "<i8") {
    array.values = convert_all<std::int64_t>(parts.data, header, path, integers);
  }
  if (header.type == "|u1") {
    array.values = convert_all<std::uint8_t>(parts.data, header, path, integers);
  }
  return array;
}

std::string encode_npy(const NpyArray& array) {
  const bool is_float = std::holds_alternative<std::vector<float>>(array.values);
  const std::string_view data = std::visit(
      [](const auto& values) {
        return std::string_view(reinterpret_cast<const char*>(values.data()), values.size() * 4);
      },
      array.values);
  require(array.shape.size() <= largest_npy_rank, "at most {} dimensions", largest_npy_rank);
  for (const std::int64_t size : array.shape) require(size >= 0, "the sizes are not negative");
  const auto needed = checked_bytes(array.shape, 4);
  require(needed && *needed == data.size(), "the shape {} holds {} values", show_shape(array.shape),
          data.size() / 4);

  std::string header = npy_header_text(
      {.type = is_float ? "<f4" : "<i4", .fortran_order = false, .shape = array.shape});
  const std::size_t unpadded = version_end + 2 + header.size() + 1;
  header.append(alignment - unpadded % alignment, ' ');  // a whole line where none is needed
  header += '\n';

  std::string out(magic);
  out += {'\x01', '\x00'};
  append_little(out, static_cast<std::uint16_t>(header.size()));
  out += header;
  out += data;
  return out;
}

NpyArray read_npy(const std::string& path) {
  return decode_npy(read_file(path, largest_npy_bytes), path);
}

void write_npy(const std::string& path, const NpyArray& array) {
  write_atomically(path, encode_npy(array));
}

}  // namespace coil

#pragma once

// Numbers in files: little-endian and at any alignment.

#include <bit>
#include <cstring>
#include <string>
#include <string_view>

#include "compiler/source/internal_error.hpp"

namespace coil {

static_assert(std::endian::native == std::endian::little,
              "files are copied without swapping bytes");

template <typename T>
T load_little(std::string_view bytes, std::size_t offset = 0) {
  require(offset <= bytes.size() && bytes.size() - offset >= sizeof(T),
          "a number lies in its bytes");
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

template <typename T>
void append_little(std::string& out, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

}  // namespace coil

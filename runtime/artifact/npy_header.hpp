#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace coil {

inline constexpr std::size_t largest_npy_rank = 8;

struct NpyHeader {
  std::string type;  // as written: "<f4"
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
};

// A header that is not the literal it must be. `at` counts bytes in the header.
class NpyHeaderError : public std::runtime_error {
 public:
  NpyHeaderError(std::size_t at, const std::string& problem)
      : std::runtime_error(problem), at_(at) {}
  std::size_t at() const { return at_; }

 private:
  std::size_t at_;
};

// Parses the Python dict literal: the three keys, each once, in any order. Throws NpyHeaderError.
NpyHeader parse_npy_header(std::string_view text);

// The dict as numpy.save writes it, with the spare room it leaves for the first size to grow, but
// without the padding that follows.
std::string npy_header_text(const NpyHeader& header);

}  // namespace coil

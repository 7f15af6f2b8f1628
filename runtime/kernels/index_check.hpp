#pragma once

#include "compiler/source/internal_error.hpp"

#include "runtime/kernels/gather.hpp"

namespace coil::kernels {

// What the indexed kernels demand of their caller, looked at in debug builds only.
inline void debug_check_indices([[maybe_unused]] std::span<const std::int32_t> index,
                                [[maybe_unused]] std::int64_t rows) {
#ifndef NDEBUG
  const std::int64_t bad = check_indices(index, rows);
  require(bad < 0, "index {} at position {} lies outside [0, {}): call check_indices first",
          bad < 0 ? 0 : index[static_cast<std::size_t>(bad)], bad, rows);
#endif
}

}  // namespace coil::kernels

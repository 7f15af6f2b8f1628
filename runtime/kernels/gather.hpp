#pragma once

#include <cstdint>
#include <span>

#include "runtime/kernels/matrix.hpp"

namespace coil::kernels {

// The position of the first index outside [0, rows), or -1. Run it once on a batch's indices
// before gather_rows, scatter_add_rows and softmax_cross_entropy: these trust their indices (a
// debug build throws InternalError).
std::int64_t check_indices(std::span<const std::int32_t> index, std::int64_t rows);

// out[i, :] = table[index[i], :], `out` is [index.size() x table columns] and overlaps nothing.
// Bits are copied: a NaN arrives as it was.
void gather_rows(ConstMatrix table, std::span<const std::int32_t> index, float* out);

}  // namespace coil::kernels

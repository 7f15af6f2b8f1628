#pragma once

#include <cstdint>
#include <span>

#include "runtime/kernels/matrix.hpp"

namespace coil::kernels {

// table_gradient[r, :] = sum of values[i, :] over the i with index[i] == r, in the order of i; a
// row no index names becomes zero. `values` is [index.size() x columns of table_gradient] and
// overlaps nothing. The gradient of gather_rows. Indices must lie in the table (check_indices). NaN
// and infinity stay in the rows and columns that they belong to.
void scatter_add_rows(const float* values, std::span<const std::int32_t> index,
                      Matrix table_gradient);

}  // namespace coil::kernels

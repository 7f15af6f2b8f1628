#pragma once

#include <cstdint>

namespace coil::kernels {

// Makes the rows of matrix[rows][columns], which must be independent of each other (so rows <= columns), orthonormal: Gram-Schmidt, twice over, for the second time removes what rounding left (Giraud, Langou and Rozloznik, 2005). The first row keeps its direction, each later one what no row before it has. The same bits on any instruction set and at any number of threads: from a seed, a
// model starts the same on any machine.
void orthonormalise(double* matrix, std::int64_t rows, std::int64_t columns);

}  // namespace coil::kernels

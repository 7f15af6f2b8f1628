#pragma once

#include <cstdint>

namespace coil::kernels {

// Rows and columns of a contiguous row-major array; either may be 0.
struct Extent {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t size() const { return rows * columns; }
};

// Views of contiguous row-major floats: element (i, j) is data[i * columns + j]. The pointer needs
// the alignment of a float only.
struct ConstMatrix {
  const float* data = nullptr;
  Extent extent;
};

struct Matrix {
  float* data = nullptr;
  Extent extent;
};

}  // namespace coil::kernels

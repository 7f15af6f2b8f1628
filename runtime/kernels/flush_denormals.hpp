#pragma once

#include <immintrin.h>

namespace coil::kernels {

// While it lives, this thread reads and writes denormal floats (below 1.2e-38) as zero: an
// arithmetic instruction that meets one takes some 150 cycles. The work must be a call that the
// compiler cannot look into, or it may move arithmetic across the switch.
class FlushDenormals {
 public:
  FlushDenormals() : before_(_mm_getcsr()) {
    _mm_setcsr(before_ | kFlushToZero | kDenormalsAreZero);
  }
  ~FlushDenormals() { _mm_setcsr(before_); }
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  static constexpr unsigned kFlushToZero = 0x8000;
  static constexpr unsigned kDenormalsAreZero = 0x0040;
  unsigned before_;
};

}  // namespace coil::kernels

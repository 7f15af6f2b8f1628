#pragma once

#include <cstdint>

#include "compiler/passes/lowering.hpp"
#include "compiler/passes/precision.hpp"
#include "compiler/passes/ranges.hpp"

namespace coil {

// What an entry is to run with: a matter of speed and, of its precision, of rounding.
struct Load {
  std::int64_t batch = 0;     // rows; 0: not known
  bool weights_stay = false;  // from run to run, so that what is made of them alone is made once
  Lowering lowering = Lowering::hoisted;
  Precision precision = Precision::f32;
  const Ranges* ranges = nullptr;  // of what int8 is for; null: none is known
};

}  // namespace coil

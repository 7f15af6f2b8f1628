#pragma once

#include <optional>

#include "compiler/passes/lowering.hpp"

namespace coil {

// How programs are to run; a matter of speed alone. A number of threads alone will do.
struct Execution {
  int threads = 1;
  std::optional<Lowering> lowering;  // none: the fastest, as measured on this machine

  Execution(int threads, std::optional<Lowering> lowering = Lowering::hoisted)
      : threads(threads), lowering(lowering) {}
};

}  // namespace coil

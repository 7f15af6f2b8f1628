#pragma once

#include <memory>
#include <optional>

#include "compiler/passes/lowering.hpp"
#include "compiler/passes/precision.hpp"
#include "compiler/passes/ranges.hpp"

#include "runtime/execute/requirement.hpp"
#include "runtime/execute/way.hpp"

namespace coil {

// How programs are to run: a matter of speed and, of their precision, of rounding. A number of threads alone will do.
struct Execution {
  int threads = 1;
  std::optional<Lowering> lowering;  // none: the fastest, as measured on this machine
  std::optional<Rows> rows =
      std::nullopt;  // none: measured with the lowering; together, where that is told
  Precision precision = Precision::f32;
  std::optional<Requirement> require;              // none: what the machine lacks is done otherwise
  std::shared_ptr<const Ranges> ranges = nullptr;  // of int8; null: products stay reals
  std::shared_ptr<Observed> observed = nullptr;    // where given, outputs tell such ranges

  Execution(int on_threads, std::optional<Lowering> by = Lowering::hoisted,
            Precision in = Precision::f32)
      : threads(on_threads), lowering(by), precision(in) {}
};

}  // namespace coil

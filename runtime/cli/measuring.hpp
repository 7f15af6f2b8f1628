#pragma once

#include "runtime/cli/progress.hpp"

namespace coil::cli {

// How measuring goes: the bar of training on stderr, where that is a terminal, and nothing elsewhere.
class Measuring {
 public:
  Measuring(std::int64_t samples, std::int64_t batch);

  // So many samples are measured, with that mean loss.
  void at(std::int64_t samples, double loss);
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  void draw();

  StepReport report_;
  std::int64_t batch_;
  bool is_shown_;
  Clock::time_point begun_ = Clock::now();
  Clock::time_point drawn_ = begun_;
  std::size_t width_ = 0;  // of the line on the screen
};

}  // namespace coil::cli

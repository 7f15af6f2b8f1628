#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "runtime/train/trainer.hpp"

namespace coil::cli {

// 222000 -> "222,000".
std::string grouped(std::int64_t number);

// `198/392 [=====>....] - 12,345 samples/s - loss: 2.4007 - 0:02 left`, at most `columns` wide; the bar
// takes the room that is left, up to 30 columns, and goes where there is none.
std::string bar_line(const StepReport& report, double seconds, int columns);

// `Epoch 1/3 - 0.9 s - 222,000 samples/s - loss: 2.3001`.
std::string epoch_line(const StepReport& report, std::int64_t last_epoch, double seconds);

// Shows how training goes: a bar on stderr where that is a terminal, redrawn ten times a second at most;
// and one line an epoch on stdout, but for where stdout is a terminal that already shows the bar.
class Progress {
 public:
  explicit Progress(std::int64_t last_epoch);
  // An epoch that was not finished leaves its bar; the next message goes below it.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void begin_epoch(std::int64_t epoch);
  void step(const StepReport& report);
  void end_epoch(const StepReport& report, double elapsed);

  double seconds() const;  // since the epoch began

 private:
  using Clock = std::chrono::steady_clock;
  void draw(const std::string& line);

  std::int64_t last_epoch_;
  bool has_bar_;
  bool prints_lines_;
  bool on_bar_line_ = false;
  Clock::time_point begun_;
  Clock::time_point drawn_;
  std::size_t width_ = 0;  // of the line on the screen
};

}  // namespace coil::cli

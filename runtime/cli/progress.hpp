#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "runtime/train/trainer.hpp"

namespace coil::cli {

// 222000 -> "222,000".
std::string grouped(std::int64_t number);

// Of the terminal that stderr is.
int terminal_columns();

// What was done since the clock was started: not all of an epoch where a run goes on in the midst of it.
struct Pace {
  double seconds = 0;
  std::int64_t samples = 0;
  double rate() const { return seconds > 0 ? static_cast<double>(samples) / seconds : 0; }
};

// `198/392 [=====>....] - 12,345 samples/s - loss: 2.4007 - 0:02 left`, at most `columns` wide; the bar
// takes the room that is left, up to 30 columns, and goes where there is none. A loss on held-out text that is
// no number is not shown.
std::string bar_line(const StepReport& report, const Pace& pace, double val_loss, int columns);

// `Epoch 1/3 - 0.9 s - 222,000 samples/s - loss: 2.3001 - val_loss: 2.3456`.
std::string epoch_line(const StepReport& report, const Pace& pace, double val_loss);

// Shows how training goes: a bar on stderr where that is a terminal, redrawn ten times a second at most;
// and one line an epoch on stdout, but for where stdout is a terminal that already shows the bar. Both name the
// learning rate where it is another one than in the epoch before.
class Progress {
 public:
  Progress();
  // An epoch that was not finished leaves its bar; the next message goes below it.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `report`: where the epoch stands, and the rate that it is to have.
  void begin_epoch(const StepReport& report);
  void step(const StepReport& report);
  // `val_loss` may be no number.
  void end_epoch(const StepReport& report, double val_loss, double elapsed);

  double seconds() const;  // since begin_epoch
  double rate(const StepReport& report) const { return pace(report, seconds()).rate(); }

 private:
  using Clock = std::chrono::steady_clock;
  Pace pace(const StepReport& report, double elapsed) const;
  void draw(const std::string& line);

  bool has_bar_;
  bool prints_lines_;
  bool on_bar_line_ = false;
  Clock::time_point begun_;
  Clock::time_point drawn_;
  std::size_t width_ = 0;  // of the line on the screen
  std::int64_t samples_before_ = 0;
  double rate_before_ = 0;    // of learning, in the last epoch; 0 before the first
  std::string rate_changed_;  // "learning rate: 0.0001" where it is another one in this epoch
};

}  // namespace coil::cli

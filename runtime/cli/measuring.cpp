#include "runtime/cli/measuring.hpp"

#include <cmath>
#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

namespace coil::cli {
namespace {

constexpr auto redraw_every = std::chrono::milliseconds(100);

}  // namespace

Measuring::Measuring(std::int64_t samples, std::int64_t batch)
    : batch_(batch), is_shown_(::isatty(STDERR_FILENO) == 1) {
  report_.all_samples = samples;
  report_.steps = (samples + batch - 1) / batch;
}

void Measuring::at(std::int64_t samples, double loss) {
  report_.samples = samples;
  report_.step = (samples + batch_ - 1) / batch_;
  report_.mean_loss = loss;
  if (is_shown_ && Clock::now() - drawn_ >= redraw_every) draw();
}

void Measuring::draw() {
  drawn_ = Clock::now();
  const double seconds = std::chrono::duration<double>(drawn_ - begun_).count();
  const std::string line =
      bar_line(report_, {seconds, report_.samples}, std::nan(""), terminal_columns() - 1);
  fmt::print(stderr, "\r{:<{}}", line, width_);
  std::fflush(stderr);
  width_ = line.size();
}

void Measuring::finish() {
  if (!is_shown_) return;
  draw();
  fmt::print(stderr, "\n");
}

}  // namespace coil::cli

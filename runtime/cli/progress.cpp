#include "runtime/cli/progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "runtime/cli/standard_output.hpp"

namespace coil::cli {
namespace {

constexpr auto redraw_every = std::chrono::milliseconds(100);
constexpr int usual_columns = 80;
constexpr int widest_bar = 30;
constexpr int narrowest_bar = 5;

// "1:02:03", "0:02".
std::string clock_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::min(seconds, 1e9));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

// "[=====>....] ", or nothing in too little room.
std::string bar(std::int64_t done, std::int64_t all, int room) {
  const int width = std::min(room - 3, widest_bar);
  if (width < narrowest_bar) return "";
  const auto filled = static_cast<std::size_t>(width * done / all);
  std::string inside(filled, '=');
  if (done < all) inside += '>';
  inside.resize(static_cast<std::size_t>(width), '.');
  return fmt::format("[{}] ", inside);
}

std::string rate_text(const Pace& pace) {
  return grouped(static_cast<std::int64_t>(pace.rate())) + " samples/s";
}

std::string loss_text(const StepReport& report, double val_loss) {
  const std::string loss = fmt::format("loss: {:.4f}", report.mean_loss);
  return std::isfinite(val_loss) ? fmt::format("{} - val_loss: {:.4f}", loss, val_loss) : loss;
}

}  // namespace

int terminal_columns() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : usual_columns;
}

std::string grouped(std::int64_t number) {
  if (number < 0) return fmt::format("-{}", grouped(-number));
  if (number < 1000) return fmt::format("{}", number);
  return fmt::format("{},{:03}", grouped(number / 1000), number % 1000);
}

std::string bar_line(const StepReport& report, const Pace& pace, double val_loss, int columns) {
  const std::string steps = fmt::format("{}/{} ", report.step, report.steps);
  const auto to_do = static_cast<double>(report.all_samples - report.samples);
  const std::string time = report.step == report.steps ? fmt::format("{:.1f} s", pace.seconds)
                           : pace.rate() > 0           ? clock_text(to_do / pace.rate()) + " left"
                                                       : "";
  const std::string numbers =
      fmt::format("- {} - {} - {}", rate_text(pace), loss_text(report, val_loss), time);
  const int room = columns - static_cast<int>(steps.size() + numbers.size());
  const std::string line = steps + bar(report.step, report.steps, room) + numbers;
  return line.substr(0, static_cast<std::size_t>(std::max(columns, 0)));
}

std::string epoch_line(const StepReport& report, const Pace& pace, double val_loss) {
  return fmt::format("Epoch {}/{} - {:.1f} s - {} - {}", report.epoch, report.epochs, pace.seconds,
                     rate_text(pace), loss_text(report, val_loss));
}

Progress::Progress()
    : has_bar_(::isatty(STDERR_FILENO) == 1),
      prints_lines_(!has_bar_ || !out_is_terminal()),
      begun_(Clock::now()),
      drawn_(begun_) {}

Progress::~Progress() {
  if (on_bar_line_) fmt::print(stderr, "\n");
}

double Progress::seconds() const {
  return std::chrono::duration<double>(Clock::now() - begun_).count();
}

// Blanks overwrite what a longer line left; escape codes are not needed.
void Progress::draw(const std::string& line) {
  fmt::print(stderr, "\r{:<{}}", line, width_);
  std::fflush(stderr);
  width_ = line.size();
  on_bar_line_ = true;
}

Pace Progress::pace(const StepReport& report, double elapsed) const {
  return {elapsed, report.samples - samples_before_};
}

void Progress::begin_epoch(const StepReport& report) {
  begun_ = drawn_ = Clock::now();
  samples_before_ = report.samples;
  const bool is_another = rate_before_ != 0 && rate_before_ != report.learning_rate;
  rate_changed_ = is_another ? fmt::format(" - learning rate: {}", report.learning_rate) : "";
  rate_before_ = report.learning_rate;
  if (has_bar_) fmt::print(stderr, "Epoch {}/{}{}\n", report.epoch, report.epochs, rate_changed_);
}

void Progress::step(const StepReport& report) {
  if (!has_bar_ || Clock::now() - drawn_ < redraw_every) return;
  drawn_ = Clock::now();
  draw(bar_line(report, pace(report, seconds()), std::nan(""), terminal_columns() - 1));
}

void Progress::end_epoch(const StepReport& report, double val_loss, double elapsed) {
  const Pace done = pace(report, elapsed);
  if (has_bar_) {
    draw(bar_line(report, done, val_loss, terminal_columns() - 1));
    fmt::print(stderr, "\n");
    on_bar_line_ = false;
    width_ = 0;
  }
  if (!prints_lines_) return;
  // Training is worth finishing though nobody reads along any more.
  try {
    write_out(epoch_line(report, done, val_loss) + rate_changed_ + '\n');
    flush_out();
  } catch (const ClosedOutput&) {
    prints_lines_ = false;
  }
}

}  // namespace coil::cli

#include "runtime/metrics/ticks.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace coil {
namespace {

// The round number nearest above.
double round_step(double rough) {
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double times : {1.0, 2.0, 5.0})
    if (rough <= times * power * (1 + 1e-9)) return times * power;
  return 10 * power;
}

std::string grouped(const std::string& digits) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

}  // namespace

Ticks ticks_for(Interval interval, int wanted, double least_step) {
  Ticks ticks;
  const double rough = interval.length() / wanted;
  if (!(rough > 0) || !std::isfinite(rough)) return ticks;
  ticks.step = std::max(round_step(rough), least_step);
  const double first = std::ceil(interval.low / ticks.step - 1e-9);
  const double last = std::floor(interval.high / ticks.step + 1e-9);
  for (double i = first; i <= last && ticks.at.size() < 100; ++i)
    ticks.at.push_back(i * ticks.step);
  return ticks;
}

std::string tick_label(double value, double step) {
  const int decimals = std::clamp(static_cast<int>(-std::floor(std::log10(step) + 1e-9)), 0, 12);
  const std::string text = fmt::format("{:.{}f}", std::abs(value), decimals);
  const std::size_t point = std::min(text.find('.'), text.size());
  const bool is_negative = value < 0 && text.find_first_not_of("0.") != text.npos;
  return (is_negative ? "-" : "") + grouped(text.substr(0, point)) + text.substr(point);
}

}  // namespace coil

#pragma once

#include <string>
#include <vector>

namespace coil {

struct Interval {
  double low = 0;
  double high = 1;
  double length() const { return high - low; }
};

// Round numbers (1, 2 or 5 times a power of ten apart) inside the interval, about `wanted` of them.
struct Ticks {
  double step = 1;
  std::vector<double> at;
};
Ticks ticks_for(Interval interval, int wanted, double least_step = 0);

// With as many decimals as ticks that far apart need: 1.50, 20,000.
std::string tick_label(double value, double step);

}  // namespace coil

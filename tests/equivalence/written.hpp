#pragma once

// Models written step by step or as a loop, for suites that change one thing.

#include <map>
#include <string>

namespace coil::test {

struct Written {
  std::string head;  // declarations and first values, each line with its line end
  std::string step;  // `$x` is the element, `$t` the number of the step
  std::string tail;  // outputs
  int steps = 5;
  std::map<int, std::string> other;  // steps that are unlike the rest, by number from 0
  std::string before;                // cells in front of the model

  Written with(int t, const std::string& step_there) const {
    Written changed = *this;
    changed.other[t] = step_there;
    return changed;
  }
};

// `$x` is x[t], or xt where `separate`.
std::string as_steps(const Written& written, bool separate = false);
std::string as_for(const Written& written);

std::string replaced(std::string text, const std::string& from, const std::string& to);

}  // namespace coil::test

#pragma once

// Timing several things against each other. They take turns, a round each: whatever slows the machine for a while
// slows all of them, and a comparison stays fair. A round is as many calls as take a few milliseconds, so that
// neither the clock nor what the others left in the caches weighs.

#include <functional>
#include <span>
#include <vector>

namespace coil {

// A quarter of all values are below `lower`, half below `median`, three quarters below `upper`.
struct Quartiles {
  double lower = 0;
  double median = 0;
  double upper = 0;
};

// Between two neighbours where no value stands just there. At least one value.
Quartiles quartiles(std::vector<double> values);

struct RoundOptions {
  double seconds = 1;  // for each of them, warm-up left out
  double round_seconds = 0.01;
  std::size_t least_rounds = 5;
};

struct Timing {
  std::vector<double> seconds;  // of one call: the mean of each round
  std::size_t calls = 0;        // in all rounds
};

// `bodies` in turn until each had its time. `after_round`, where it is there, is told how much of the work is done,
// from 0 to 1.
std::vector<Timing> time_in_turn(std::span<const std::function<void()>> bodies,
                                 const RoundOptions& options,
                                 const std::function<void(double)>& after_round = {});

}  // namespace coil

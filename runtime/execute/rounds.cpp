#include "runtime/execute/rounds.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "compiler/source/internal_error.hpp"

namespace coil {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_of(const std::function<void()>& body, std::size_t calls) {
  const auto begun = Clock::now();
  for (std::size_t i = 0; i < calls; ++i) body();
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

// Warms up: the first calls create what later ones use, and caches fill. How many calls are a round is known then.
std::size_t calls_of_a_round(const std::function<void()>& body, double round_seconds) {
  body();
  std::size_t calls = 1;
  for (double taken = seconds_of(body, calls); taken < round_seconds;) {
    // At most tenfold at once: what came first may have been the slowest.
    const double wanted = std::ceil(static_cast<double>(calls) * 1.2 * round_seconds / taken);
    const auto most = static_cast<double>(calls * 10);
    calls = static_cast<std::size_t>(std::clamp(wanted, static_cast<double>(calls + 1), most));
    taken = seconds_of(body, calls);
  }
  return calls;
}

double at_share(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

struct Turn {
  const std::function<void()>& body;
  std::size_t calls_a_round;
  double spent = 0;
  Timing timing;

  void run() {
    const double taken = seconds_of(body, calls_a_round);
    spent += taken;
    timing.seconds.push_back(taken / static_cast<double>(calls_a_round));
    timing.calls += calls_a_round;
  }
  double done(const RoundOptions& options) const {
    const double rounds =
        static_cast<double>(timing.seconds.size()) / static_cast<double>(options.least_rounds);
    return std::min({1.0, spent / options.seconds, rounds});
  }
};

}  // namespace

Quartiles quartiles(std::vector<double> values) {
  require(!values.empty(), "no values have no quartiles");
  std::ranges::sort(values);
  return {at_share(values, 0.25), at_share(values, 0.5), at_share(values, 0.75)};
}

std::vector<Timing> time_in_turn(std::span<const std::function<void()>> bodies,
                                 const RoundOptions& options,
                                 const std::function<void(double)>& after_round) {
  const double round_seconds =
      std::min(options.round_seconds, options.seconds / static_cast<double>(options.least_rounds));
  std::vector<Turn> turns;
  for (const auto& body : bodies)
    turns.push_back({body, calls_of_a_round(body, round_seconds), 0, {}});
  for (bool is_done = turns.empty(); !is_done;) {
    is_done = true;
    double done = 0;
    for (Turn& turn : turns) {
      if (turn.done(options) < 1) turn.run();
      is_done = is_done && turn.done(options) >= 1;
      done += turn.done(options) / static_cast<double>(turns.size());
    }
    if (after_round) after_round(done);
  }
  std::vector<Timing> timings;
  for (Turn& turn : turns) timings.push_back(std::move(turn.timing));
  return timings;
}

}  // namespace coil

#include "runtime/execute/rounds.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <thread>

namespace coil::test {

TEST_CASE("quartiles lie at values, or between two neighbours") {
  const Quartiles five = quartiles({5, 1, 4, 2, 3});
  CHECK(five.lower == 2);
  CHECK(five.median == 3);
  CHECK(five.upper == 4);
  const Quartiles four = quartiles({4, 1, 3, 2});
  CHECK(four.lower == Approx(1.75));
  CHECK(four.median == Approx(2.5));
  CHECK(four.upper == Approx(3.25));
  const Quartiles one = quartiles({7});
  CHECK(one.lower == 7);
  CHECK(one.upper == 7);
}

TEST_CASE("what is timed takes turns, and each has its rounds") {
  using std::chrono::microseconds;
  std::string order;
  const auto body = [&order](char name, microseconds time) {
    return [&order, name, time] {
      order += name;
      std::this_thread::sleep_for(time);
    };
  };
  const std::vector<std::function<void()>> bodies = {body('a', microseconds(500)),
                                                     body('b', microseconds(1500))};
  RoundOptions options;
  options.seconds = 0.03;
  options.round_seconds = 0.003;
  double told = 0;
  const auto timings = time_in_turn(bodies, options, [&](double done) {
    CHECK(done >= told);
    told = done;
  });
  CHECK(told == Approx(1));
  REQUIRE(timings.size() == 2);
  for (const Timing& timing : timings) {
    CHECK(timing.seconds.size() >= options.least_rounds);
    CHECK(timing.calls >= timing.seconds.size());
  }
  // A call sleeps at least so long, whatever else the machine does.
  CHECK(std::ranges::min(timings[0].seconds) >= 500e-6);
  CHECK(std::ranges::min(timings[1].seconds) >= 1500e-6);
  // After the warm-ups, first of a and then of b, each goes on while the other is not through.
  const std::size_t warm = order.find('b');
  std::size_t changes = 0;
  for (std::size_t i = warm + 1; i < order.size(); ++i) changes += order[i] != order[i - 1];
  CHECK(changes >= 2 * options.least_rounds - 1);
}

TEST_CASE("one call that takes longer than its time still has the least number of rounds") {
  int calls = 0;
  const std::function<void()> body = [&calls] {
    ++calls;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  };
  RoundOptions options;
  options.seconds = 0.001;
  const auto timings = time_in_turn({&body, 1}, options);
  CHECK(timings[0].seconds.size() == options.least_rounds);
  CHECK(timings[0].calls == options.least_rounds);
  CHECK(calls == static_cast<int>(options.least_rounds) + 2);  // and warm-up
}

}  // namespace coil::test

#include "runtime/text/batches.hpp"

#include <algorithm>
#include <numeric>
#include <rapidcheck.h>

#include "compiler/source/internal_error.hpp"

#include "tests/text/support.hpp"

namespace coil {

namespace {

using Indices = std::vector<std::int32_t>;
using Numbers = std::vector<std::uint32_t>;

// A text whose character at i is i.
Indices counting(std::size_t n) {
  Indices text(n);
  std::iota(text.begin(), text.end(), 0);
  return text;
}

Indices column(const Batch& batch, std::size_t step) {
  const auto numbers = batch.column(step);
  return {numbers.begin(), numbers.end()};
}

Numbers all_of(const BatchOrder& order) {
  Numbers samples;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto batch = order.at(i);
    samples.insert(samples.end(), batch.begin(), batch.end());
  }
  return samples;
}

}  // namespace

TEST_CASE("blocks do not overlap, and the character after each is its target") {
  const Indices text = counting(11);
  const Samples blocks = Samples::blocks(text, 3, "t");
  CHECK(blocks.size() == 3);  // 0 1 2 > 3   3 4 5 > 6   6 7 8 > 9; what is left is too short
  Batch batch;
  blocks.fill(Numbers{2, 0}, batch);
  CHECK(batch.size == 2);
  CHECK(column(batch, 0) == Indices{6, 0});
  CHECK(column(batch, 1) == Indices{7, 1});
  CHECK(column(batch, 2) == Indices{8, 2});
  CHECK(batch.targets == Indices{9, 3});
}

TEST_CASE("windows start at every character") {
  const Indices text = counting(6);
  const Samples windows = Samples::windows(text, 3, "t");
  CHECK(windows.size() == 3);
  Batch batch;
  windows.fill(Numbers{0, 1, 2}, batch);
  CHECK(column(batch, 0) == Indices{0, 1, 2});
  CHECK(column(batch, 2) == Indices{2, 3, 4});
  CHECK(batch.targets == Indices{3, 4, 5});
}

TEST_CASE("the reference's corpus has the reference's numbers of samples") {
  const Indices text(600'893, 0);
  CHECK(Samples::blocks(text, 3, "t").size() == 200'297);
  CHECK(Samples::windows(text, 8, "t").size() == 600'885);
}

TEST_CASE("every sample is a stretch of the text, and one more would not fit") {
  const auto holds = [](std::uint8_t extra, std::uint8_t window) {
    const int steps = 1 + window % 9;
    const Indices text = counting(static_cast<std::size_t>(steps) + 1 + extra);
    for (const bool overlap : {false, true}) {
      const Samples samples =
          overlap ? Samples::windows(text, steps, "t") : Samples::blocks(text, steps, "t");
      const std::size_t stride = overlap ? 1 : static_cast<std::size_t>(steps);
      Numbers numbers(samples.size());
      std::iota(numbers.begin(), numbers.end(), 0);
      Batch batch;
      samples.fill(numbers, batch);
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        RC_ASSERT(batch.column(0)[i] == static_cast<std::int32_t>(i * stride));
        RC_ASSERT(batch.column(samples.steps() - 1)[i] == batch.column(0)[i] + steps - 1);
        RC_ASSERT(batch.targets[i] == batch.column(0)[i] + steps);
      }
      RC_ASSERT(samples.size() * stride + samples.steps() >= text.size());
    }
  };
  CHECK(rc::check(holds));
}

TEST_CASE("a batch is reused by a smaller and a larger one") {
  const Indices text = counting(11);
  const Samples blocks = Samples::blocks(text, 3, "t");
  Batch batch;
  blocks.fill(Numbers{0, 1, 2}, batch);
  blocks.fill(Numbers{1}, batch);
  CHECK(batch.inputs == Indices{3, 4, 5});
  CHECK(batch.targets == Indices{6});
  blocks.fill(Numbers{}, batch);
  CHECK(batch.inputs.empty());
}

TEST_CASE("a text too short for its windows is refused with both numbers") {
  const Indices text = counting(3);
  check_fails(ExitCode::bad_text,
              "t.txt: the text has 3 characters, but 3 steps and a target need 4",
              [&] { Samples::blocks(text, 3, "t.txt"); });
  check_fails(ExitCode::bad_text, "the text has 3 characters, but 2147483647 steps",
              [&] { Samples::windows(text, 2147483647, "t.txt"); });
  check_fails(ExitCode::bad_text, "the text has 0 characters",
              [&] { Samples::windows(Indices{}, 1, "t.txt"); });
  check_fails(ExitCode::usage, "windows of 0 steps", [&] { Samples::blocks(text, 0, "t"); });
  check_fails(ExitCode::usage, "windows of -1 steps", [&] { Samples::windows(text, -1, "t"); });
  CHECK(Samples::blocks(text, 2, "t").size() == 1);
}

TEST_CASE("a sample outside is not filled in") {
  const Indices text = counting(4);
  Batch batch;
  CHECK_THROWS_AS(Samples::blocks(text, 3, "t").fill(Numbers{1}, batch), InternalError);
}

TEST_CASE("an epoch's batches hold every sample once, the last batch what is left") {
  const BatchOrder order(10, 4, 1, 0);
  REQUIRE(order.size() == 3);
  CHECK(order.at(0).size() == 4);
  CHECK(order.at(1).size() == 4);
  CHECK(order.at(2).size() == 2);
  CHECK_THROWS_AS(order.at(3), InternalError);
  const auto holds = [](std::uint64_t seed, std::uint32_t epoch, std::uint8_t size) {
    const std::size_t samples = seed % 200;
    Numbers numbers = all_of(BatchOrder(samples, 1 + size, seed, epoch));
    std::sort(numbers.begin(), numbers.end());
    RC_ASSERT(numbers.size() == samples);
    for (std::size_t i = 0; i < samples; ++i) RC_ASSERT(numbers[i] == i);
  };
  CHECK(rc::check(holds));
}

TEST_CASE("the order of an epoch is that of its seed, whatever the batch size") {
  const Numbers order = all_of(BatchOrder(1000, 64, 1, 0));
  CHECK(order == all_of(BatchOrder(1000, 7, 1, 0)));
  CHECK(order != all_of(BatchOrder(1000, 64, 1, 1)));
  CHECK(order != all_of(BatchOrder(1000, 64, 2, 0)));
}

TEST_CASE("a batch of nothing is refused") {
  check_fails(ExitCode::usage, "a batch of 0", [] { BatchOrder(10, 0, 1, 0); });
  check_fails(ExitCode::usage, "a batch of -3", [] { BatchOrder(10, -3, 1, 0); });
  CHECK(BatchOrder(0, 4, 1, 0).size() == 0);
}

}  // namespace coil

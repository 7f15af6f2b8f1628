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

Samples samples_of(const Indices& text, Scheme scheme, int steps, int batch = 1,
                   Targets targets = Targets::last) {
  return Samples(text, scheme, {steps, batch, targets}, "t.txt");
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
  const Samples blocks = samples_of(text, Scheme::blocks, 3);
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
  const Samples windows = samples_of(text, Scheme::windows, 3);
  CHECK(windows.size() == 3);
  Batch batch;
  windows.fill(Numbers{0, 1, 2}, batch);
  CHECK(column(batch, 0) == Indices{0, 1, 2});
  CHECK(column(batch, 2) == Indices{2, 3, 4});
  CHECK(batch.targets == Indices{3, 4, 5});
}

TEST_CASE("the reference's corpus has the reference's numbers of samples") {
  const Indices text(600'893, 0);
  CHECK(samples_of(text, Scheme::blocks, 3).size() == 200'297);
  CHECK(samples_of(text, Scheme::windows, 8).size() == 600'885);
  CHECK(samples_of(text, Scheme::streams, 8, 64).size() == 75'072);
}

TEST_CASE("every sample is a stretch of the text, and one more would not fit") {
  const auto holds = [](std::uint8_t extra, std::uint8_t window) {
    const int steps = 1 + window % 9;
    const Indices text = counting(static_cast<std::size_t>(steps) + 1 + extra);
    for (const bool overlap : {false, true}) {
      const Samples samples = samples_of(text, overlap ? Scheme::windows : Scheme::blocks, steps);
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
  const Samples blocks = samples_of(text, Scheme::blocks, 3);
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
              [&] { samples_of(text, Scheme::blocks, 3); });
  check_fails(ExitCode::bad_text, "the text has 3 characters, but 2147483647 steps",
              [&] { samples_of(text, Scheme::windows, 2147483647); });
  check_fails(ExitCode::bad_text, "the text has 0 characters",
              [&] { samples_of({}, Scheme::windows, 1); });
  check_fails(ExitCode::usage, "windows of 0 steps", [&] { samples_of(text, Scheme::blocks, 0); });
  check_fails(ExitCode::usage, "windows of -1 steps",
              [&] { samples_of(text, Scheme::windows, -1); });
  CHECK(samples_of(text, Scheme::blocks, 2).size() == 1);
}

TEST_CASE("a sample outside is not filled in") {
  const Indices text = counting(4);
  Batch batch;
  CHECK_THROWS_AS(samples_of(text, Scheme::blocks, 3).fill(Numbers{1}, batch), InternalError);
}

TEST_CASE("an epoch's batches hold every sample once, the last batch what is left") {
  const Indices text = counting(11);
  const BatchOrder order(samples_of(text, Scheme::windows, 1, 4), 1, 0);
  REQUIRE(order.size() == 3);
  CHECK(order.at(0).size() == 4);
  CHECK(order.at(1).size() == 4);
  CHECK(order.at(2).size() == 2);
  CHECK_THROWS_AS(order.at(3), InternalError);
  const auto holds = [](std::uint64_t seed, std::uint32_t epoch, std::uint8_t size) {
    const Indices long_text = counting(2 + seed % 200);
    const Samples samples = samples_of(long_text, Scheme::windows, 1, 1 + size);
    Numbers numbers = all_of(BatchOrder(samples, seed, epoch));
    std::sort(numbers.begin(), numbers.end());
    RC_ASSERT(numbers.size() == samples.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) RC_ASSERT(numbers[i] == i);
  };
  CHECK(rc::check(holds));
}

TEST_CASE("the order of an epoch is that of its seed, whatever the batch size") {
  const Indices text = counting(1001);
  const Samples samples = samples_of(text, Scheme::windows, 1, 64);
  const Numbers order = all_of(BatchOrder(samples, 1, 0));
  CHECK(order == all_of(BatchOrder(samples_of(text, Scheme::windows, 1, 7), 1, 0)));
  CHECK(order != all_of(BatchOrder(samples, 1, 1)));
  CHECK(order != all_of(BatchOrder(samples, 2, 0)));
}

TEST_CASE("a batch of nothing is refused") {
  const Indices text = counting(9);
  check_fails(ExitCode::usage, "a batch of 0", [&] { samples_of(text, Scheme::blocks, 2, 0); });
  check_fails(ExitCode::usage, "a batch of -3", [&] { samples_of(text, Scheme::streams, 2, -3); });
}

TEST_CASE("each stream is read on from batch to batch") {
  const Indices text = counting(24);  // 3 streams of 7; the two left are at most targets
  const Samples streams = samples_of(text, Scheme::streams, 2, 3);
  REQUIRE(streams.size() == 9);
  const BatchOrder order(streams, 1, 0);
  REQUIRE(order.size() == 3);
  Batch batch;
  for (std::size_t k = 0; k < 3; ++k) {
    streams.fill(order.at(k), batch);
    const auto at = static_cast<std::int32_t>(2 * k);
    CHECK(column(batch, 0) == Indices{at, at + 7, at + 14});
    CHECK(column(batch, 1) == Indices{at + 1, at + 8, at + 15});
    CHECK(batch.targets == Indices{at + 2, at + 9, at + 16});
  }
  CHECK(all_of(BatchOrder(streams, 1, 0)) == all_of(BatchOrder(streams, 2, 5)));
}

TEST_CASE("streams fill the text as far as it goes, every batch in full") {
  const auto holds = [](std::uint16_t length, std::uint8_t window, std::uint8_t rows) {
    const int steps = 1 + window % 9, batch = 1 + rows % 20;
    const auto least = static_cast<std::size_t>(steps * batch + 1);
    const Indices text = counting(least + length % 2000);
    const Samples streams = samples_of(text, Scheme::streams, steps, batch, Targets::every);
    const BatchOrder order(streams, 1, 0);
    Indices next(static_cast<std::size_t>(batch), -1);
    Batch filled;
    for (std::size_t k = 0; k < order.size(); ++k) {
      RC_ASSERT(order.at(k).size() == static_cast<std::size_t>(batch));
      streams.fill(order.at(k), filled);
      for (std::size_t row = 0; row < filled.size; ++row) {
        if (k > 0) RC_ASSERT(filled.column(0)[row] == next[row]);
        next[row] = filled.column(0)[row] + steps;
      }
    }
    RC_ASSERT(next.back() < static_cast<std::int32_t>(text.size()));
    RC_ASSERT((streams.size() + static_cast<std::size_t>(batch)) * static_cast<std::size_t>(steps) +
                  static_cast<std::size_t>(batch) >=
              text.size());
  };
  CHECK(rc::check(holds));
}

TEST_CASE("every character of a window may have its target") {
  const Indices text = counting(9);
  for (const Scheme scheme : {Scheme::blocks, Scheme::windows, Scheme::streams}) {
    const Samples samples = samples_of(text, scheme, 3, 1, Targets::every);
    Batch batch;
    samples.fill(Numbers{1, 0}, batch);
    const std::int32_t second = scheme == Scheme::windows ? 1 : 3;
    CHECK(column(batch, 0) == Indices{second, 0});
    CHECK(batch.targets == Indices{second + 1, second + 2, second + 3, 1, 2, 3});
    CHECK(samples.targets_begin(1) == static_cast<std::size_t>(second) + 1);
  }
}

TEST_CASE("a text too short for its streams is refused with all numbers") {
  const Indices text = counting(24);
  check_fails(ExitCode::bad_text,
              "t.txt: the text has 24 characters, but 4 streams of 6 steps and a target need 25",
              [&] { samples_of(text, Scheme::streams, 6, 4); });
  CHECK(samples_of(text, Scheme::streams, 5, 4).size() == 4);
}

TEST_CASE("schemes have names") {
  for (const Scheme scheme : {Scheme::blocks, Scheme::windows, Scheme::streams})
    CHECK(find_scheme(to_string(scheme)) == scheme);
  CHECK_FALSE(find_scheme("rows"));
}

}  // namespace coil

#include "compiler/plan/memory_planner.hpp"

#include <catch2/catch.hpp>

#include "tests/support/rng.hpp"

namespace coil::test {
namespace {

std::vector<Lifetime> random_lifetimes(Rng& rng) {
  std::vector<Lifetime> buffers(static_cast<std::size_t>(rng.between(0, 60)));
  for (Lifetime& buffer : buffers) {
    buffer.bytes = static_cast<std::size_t>(rng.between(0, 5000));
    buffer.first = static_cast<std::uint32_t>(rng.between(0, 30));
    buffer.last = buffer.first + static_cast<std::uint32_t>(rng.between(0, 10));
  }
  return buffers;
}

bool share_time(const Lifetime& a, const Lifetime& b) {
  return a.first <= b.last && b.first <= a.last;
}

}  // namespace

TEST_CASE("buffers that live at one time never share a byte") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed);
    const auto buffers = random_lifetimes(rng);
    const Placement placement = place(buffers);
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      CHECK(placement.offsets[i] % arena_alignment == 0);
      CHECK(placement.offsets[i] + buffers[i].bytes <= placement.bytes);
      for (std::size_t j = 0; j < i; ++j) {
        if (!share_time(buffers[i], buffers[j])) continue;
        if (buffers[i].bytes == 0 || buffers[j].bytes == 0) continue;
        const bool apart = placement.offsets[i] + buffers[i].bytes <= placement.offsets[j] ||
                           placement.offsets[j] + buffers[j].bytes <= placement.offsets[i];
        CHECK(apart);
      }
    }
    CHECK(placement.bytes >= least_bytes(buffers));
  }
}

TEST_CASE("buffers that follow one another share their place") {
  const std::vector<Lifetime> chain = {{1000, 0, 1}, {1000, 2, 3}, {1000, 4, 5}};
  CHECK(place(chain).bytes == 1024);
  CHECK(least_bytes(chain) == 1024);
}

TEST_CASE("a lifetime includes both its ends") {
  const std::vector<Lifetime> touching = {{64, 0, 1}, {64, 1, 2}};
  CHECK(place(touching).bytes == 128);
  CHECK(least_bytes(touching) == 128);
}

TEST_CASE("a large buffer is not split around small ones") {
  const std::vector<Lifetime> buffers = {{64, 0, 9}, {4096, 0, 4}, {4096, 5, 9}};
  CHECK(place(buffers).bytes == 4096 + 64);
}

TEST_CASE("no buffers need no memory") {
  CHECK(place({}).bytes == 0);
  CHECK(least_bytes({}) == 0);
}

}  // namespace coil::test

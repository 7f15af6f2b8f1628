#include "runtime/kernels/copy_blocks.hpp"

#include <numeric>

#include "tests/kernels/support.hpp"
#include "tests/support/cases.hpp"

namespace coil::kernels::test {
namespace {

// Blocks of several widths side by side, each from an array of its own that is wider by `margin`.
struct Pasted {
  std::vector<std::vector<float>> from;
  std::vector<Index> runs;
  Index rows = 0, margin = 0, width = 0;

  Pasted(Index rows_, std::vector<Index> runs_, Index margin_, std::uint32_t seed)
      : runs(std::move(runs_)), rows(rows_), margin(margin_) {
    Random random(seed);
    for (const Index run : runs) {
      from.push_back(random.normal(rows * (run + margin)));
      from.back()[0] = std::bit_cast<float>(0x7fa12345);  // a signalling NaN with a payload
      width += run;
    }
  }

  std::vector<float> expected() const {
    std::vector<float> all;
    for (Index row = 0; row < rows; ++row)
      for (std::size_t b = 0; b < runs.size(); ++b) {
        const auto begin = from[b].begin() + row * (runs[b] + margin);
        all.insert(all.end(), begin, begin + runs[b]);
      }
    return all;
  }

  void copy_to(float* to) const {
    std::vector<Block> blocks;
    for (std::size_t b = 0; b < runs.size(); ++b) {
      blocks.push_back({from[b].data(), to, runs[b], runs[b] + margin, width});
      to += runs[b];
    }
    copy_blocks(blocks, rows);
  }
};

}  // namespace

TEST_CASE("copy_blocks pastes arrays side by side, bit for bit, and writes nothing else") {
  CHECK(rc::check([] {
    const Case c = any_case();
    const auto runs =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<Index>>(rc::gen::inRange<Index>(1, 40)));
    const Pasted pasted(c.rows, runs, *rc::gen::inRange<Index>(0, 4), c.seed);
    Guarded out(pasted.rows * pasted.width, c.shift);
    pasted.copy_to(out.data());
    RC_ASSERT(same_bits(out.values(), pasted.expected()));
    RC_ASSERT(out.intact());
  }));
}

TEST_CASE("copy_blocks of much gives the same at any thread count") {
  for (const auto& runs :
       {std::vector<Index>{300'000}, {7, 1000}, {64, 64, 64, 64, 64, 64, 64, 64}})
    for (const Index margin : {0, 3}) {
      // Many times what is worth a second thread.
      const Index many =
          coil::test::length<Index>(2'000'000) / std::reduce(runs.begin(), runs.end()) + 2;
      for (const Index rows : {Index{1}, many}) {
        const Pasted pasted(rows, runs, margin, 7);
        const auto copied = [&] {
          std::vector<float> out(static_cast<std::size_t>(pasted.rows * pasted.width));
          pasted.copy_to(out.data());
          return out;
        };
        CHECK(same_bits(copied(), pasted.expected()));
        CHECK(same_at_any_thread_count(copied));
      }
    }
}

}  // namespace coil::kernels::test

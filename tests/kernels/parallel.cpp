#include "runtime/kernels/parallel.hpp"

#include <numeric>

#include "tests/kernels/support.hpp"

namespace coil::kernels::test {

TEST_CASE("the shares of a team cover all items once, on borders of the multiple") {
  CHECK(rc::check([] {
    const Items items{.count = *rc::gen::inRange<Index>(0, 5000),
                      .multiple = *rc::gen::inRange<Index>(1, 40)};
    const Index parts = *rc::gen::inRange<Index>(1, 20);
    RC_ASSERT(first_item(items, 0, parts) == 0);
    RC_ASSERT(first_item(items, parts, parts) == items.count);
    for (Index part = 0; part < parts; ++part) {
      const Index begin = first_item(items, part, parts);
      RC_ASSERT(begin <= first_item(items, part + 1, parts));
      RC_ASSERT(begin % items.multiple == 0 || begin == items.count);
    }
  }));
}

TEST_CASE("shares of single items have all of them, and differ by one at most") {
  const auto sizes_of = [](Index items, Index parts) {
    std::vector<Index> sizes;
    for (Index part = 0; part < parts; ++part)
      sizes.push_back(first_item({items}, part + 1, parts) - first_item({items}, part, parts));
    return sizes;
  };
  CHECK(sizes_of(7, 3) == std::vector<Index>{3, 2, 2});
  CHECK(sizes_of(4, 4) == std::vector<Index>{1, 1, 1, 1});
  for (Index items = 5; items < 40; ++items) {
    const auto sizes = sizes_of(items, 5);
    CHECK(std::accumulate(sizes.begin(), sizes.end(), Index{0}) == items);
    CHECK(sizes.front() - sizes.back() <= 1);
  }
}

TEST_CASE("work below the threshold stays on the calling thread") {
  int calls = 0;
  split(99, 100, {.count = 7}, [&](Index begin, Index end) {
    ++calls;
    CHECK(begin == 0);
    CHECK(end == 7);
    CHECK(omp_in_parallel() == 0);
  });
  CHECK(calls == 1);
}

TEST_CASE("work at the threshold goes to the team") {
  const int before = omp_get_max_threads();
  omp_set_num_threads(3);
  std::vector<int> seen(7, 0);
  std::vector<int> team(7, 0);
  split(100, 100, {.count = 7}, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      ++seen[static_cast<std::size_t>(i)];
      team[static_cast<std::size_t>(i)] = omp_get_num_threads();
    }
  });
  omp_set_num_threads(before);
  CHECK(seen == std::vector<int>(7, 1));
  CHECK(team == std::vector<int>(7, 3));
}

TEST_CASE("a thread of a team does not start another team") {
  const int before = omp_get_max_threads();
  omp_set_num_threads(2);
  std::vector<int> whole(2, 0);
#pragma omp parallel num_threads(2)
  {
    const auto self = static_cast<std::size_t>(omp_get_thread_num());
    split(1000, 1, {.count = 1000}, [&](Index begin, Index end) {
      whole[self] += begin == 0 && end == 1000 && omp_get_level() == 1 ? 1 : 100;
    });
  }
  omp_set_num_threads(before);
  CHECK(whole == std::vector<int>(2, 1));
}

}  // namespace coil::kernels::test

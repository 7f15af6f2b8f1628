#pragma once

#include <algorithm>
#include <cstdint>
#include <omp.h>

namespace coil::kernels {

// Two threads start and join in 0.8 us while the team waits, and in 3 us and more where it sleeps
// or other programs want the processor. A kernel's threshold is the number of its elements that one
// thread works through in about 10 us (measured rates stand beside each): less stays on this
// thread.
inline bool worth_threads(std::int64_t elements, std::int64_t threshold) {
  return elements >= threshold && omp_get_max_threads() > 1 && !omp_in_parallel();
}

// What is divided: `count` items in groups of `multiple`, so that a border between two threads lies
// on a multiple of it.
struct Items {
  std::int64_t count = 0;
  std::int64_t multiple = 1;
};

// The first item of thread `part` out of `parts`; part == parts gives the end.
inline std::int64_t first_item(Items items, std::int64_t part, std::int64_t parts) {
  const std::int64_t groups = (items.count + items.multiple - 1) / items.multiple;
  const std::int64_t each = groups / parts;
  const std::int64_t longer = groups % parts;
  const std::int64_t group = part * each + std::min(part, longer);
  return std::min(group * items.multiple, items.count);
}

// Runs work(begin, end) so that the ranges cover [0, items.count) once: on this thread where
// `elements`, the size of the whole work, is below `threshold` or this thread already belongs to a
// team; else by the whole team. `work` must give the same bits for any division, and not throw.
// The team is always OpenMP's default one: asking for fewer threads would make the runtime tear
// threads down and start them again.
template <typename Work>
void split(std::int64_t elements, std::int64_t threshold, Items items, const Work& work) {
  if (!worth_threads(elements, threshold)) {
    work(std::int64_t{0}, items.count);
    return;
  }
#pragma omp parallel
  {
    const std::int64_t part = omp_get_thread_num();
    const std::int64_t parts = omp_get_num_threads();
    const std::int64_t begin = first_item(items, part, parts);
    const std::int64_t end = first_item(items, part + 1, parts);
    if (begin < end) work(begin, end);
  }
}

}  // namespace coil::kernels

#pragma once

// Parts of one computation that the shape alone decides, each computed by one thread: their bits are the same however
// many threads there are.

#include <cstdint>
#include <omp.h>
#include <vector>

namespace coil::onednn {

// Where oneDNN looks for the number of threads it may use, for as long as this lives.
class OneThread {
 public:
  OneThread() { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_ = omp_get_max_threads();
};

// Calls run(part) for each.
template <typename Part, typename Run>
void run_side_by_side(const std::vector<Part>& parts, const Run& run) {
  const bool together = parts.size() > 1 && omp_get_max_threads() > 1 && !omp_in_parallel();
  if (!together) {
    const OneThread one;
    for (const Part& part : parts) run(part);
    return;
  }
  const auto count = static_cast<std::int64_t>(parts.size());
  // Of the threads of a team each has a number of its own: oneDNN's general matrix product divides what scratchpad it was
  // given by the number it finds.
#pragma omp parallel
  {
    const OneThread one;
#pragma omp for schedule(static)
    for (std::int64_t i = 0; i < count; ++i) run(parts[static_cast<std::size_t>(i)]);
  }
}

// Calls run() of each.
template <typename Part>
void run_side_by_side(const std::vector<Part>& parts) {
  run_side_by_side(parts, [](const Part& part) { part.run(); });
}

}  // namespace coil::onednn

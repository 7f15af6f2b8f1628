#pragma once

// Parts of one computation that the shape alone decides, each computed by one thread: their bits are the same however
// many threads there are.

#include <cstdint>
#include <omp.h>
#include <vector>

namespace coil::onednn {

// Sets OpenMP's number of threads for as long as this lives: oneDNN bakes it into a primitive at creation and must find
// the same at execution.
class Threads {
 public:
  explicit Threads(int count) : before_(omp_get_max_threads()) { omp_set_num_threads(count); }
  ~Threads() { omp_set_num_threads(before_); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_;
};

// Calls run(part) for each.
template <typename Part, typename Run>
void run_side_by_side(const std::vector<Part>& parts, const Run& run) {
  const bool together = parts.size() > 1 && omp_get_max_threads() > 1 && !omp_in_parallel();
  if (!together) {
    const Threads one(1);
    for (const Part& part : parts) run(part);
    return;
  }
  const auto count = static_cast<std::int64_t>(parts.size());
  // Of the threads of a team each has a number of its own: oneDNN's general matrix product divides what scratchpad it was
  // given by the number it finds.
#pragma omp parallel
  {
    const Threads one(1);
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

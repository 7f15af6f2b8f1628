#pragma once

#include <string>

#include "runtime/train/trainer.hpp"

namespace coil::cli {

// A CSV with one row for each finished epoch:
//   epoch,step,samples,loss,seconds,samples_per_second
// `step` counts from the model's first update, `samples` are those of the epoch. Rows are added to what the
// file holds, and each time the file is replaced as a whole, so that it never ends in half a row.
class Metrics {
 public:
  // An empty path records nothing. RunError: io where the file cannot be read or written; usage where it
  // exists and holds something else.
  explicit Metrics(const std::string& path);

  void add(const StepReport& report, std::int64_t step, double seconds);

 private:
  std::string path_;
  std::string text_;
};

}  // namespace coil::cli

#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/execute/executable.hpp"
#include "runtime/execute/lowering.hpp"
#include "runtime/model/model.hpp"

namespace coil {

struct SubjectOptions {
  Lowering lowering = Lowering::unrolled;
  std::int64_t batch = 1;
  int threads = 1;
};

// An entry of a model with something to feed it: random numbers, indices below their bounds. A step of training
// learns next to nothing from them.
class SampleRun {
 public:
  // RunError where the machine has not the memory.
  SampleRun(Model sample, Entry entry, const SubjectOptions& options);

  SampleRun(const SampleRun&) = delete;
  SampleRun& operator=(const SampleRun&) = delete;

  // Feeds all inputs anew, and runs.
  void run();
  void feed();
  Program& program() { return program_; }

 private:
  Model model_;
  Executable executable_;
  Program& program_;
  std::map<std::string, std::vector<std::int32_t>> indices_;
  std::map<std::string, std::vector<float>> reals_;
};

}  // namespace coil

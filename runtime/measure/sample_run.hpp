#pragma once

#include "runtime/execute/executable.hpp"
#include "runtime/execute/sample_inputs.hpp"
#include "runtime/model/model.hpp"

namespace coil {

struct SubjectOptions {
  std::optional<Lowering> lowering;  // none: the fastest
  std::int64_t batch = 1;
  int threads = 1;
  Precision precision = Precision::f32;
  std::optional<Requirement> require = std::nullopt;
  std::shared_ptr<const Ranges> ranges = nullptr;  // of int8
  std::optional<Rows> rows = std::nullopt;

  Execution execution() const {
    Execution execution(threads, lowering, precision);
    execution.rows = rows;
    execution.require = require;
    execution.ranges = ranges;
    return execution;
  }
};

// An entry of a model with something to feed it.
class SampleRun {
 public:
  // RunError where the machine has not the memory.
  SampleRun(Model sample, Entry entry, const SubjectOptions& options);

  SampleRun(const SampleRun&) = delete;
  SampleRun& operator=(const SampleRun&) = delete;

  // Feeds all inputs anew, and runs.
  void run();
  void feed() { inputs_.feed(); }
  Program& program() { return program_; }
  Way way() { return {executable_.way_for(program_.batch()).lowering, program_.rows()}; }

 private:
  Model model_;
  Executable executable_;
  Program& program_;
  SampleInputs inputs_;
};

}  // namespace coil

#include "runtime/measure/sample_run.hpp"

namespace coil {

SampleRun::SampleRun(Model sample, Entry entry, const SubjectOptions& options)
    : model_(std::move(sample)),
      executable_(model_.graph, entry, model_.store, options.execution(), options.batch),
      program_(executable_.at(options.batch)),
      inputs_(program_) {}

void SampleRun::run() {
  feed();
  program_.run();
}

}  // namespace coil

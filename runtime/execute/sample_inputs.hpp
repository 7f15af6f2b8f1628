#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/execute/program.hpp"

namespace coil {

// Something to feed a program that is only to be timed: random numbers, indices below their bounds. A step of
// training learns next to nothing from them.
class SampleInputs {
 public:
  explicit SampleInputs(Program& program);

  // Writes all inputs anew.
  void feed();

 private:
  Program& program_;
  std::map<std::string, std::vector<std::int32_t>> indices_;
  std::map<std::string, std::vector<float>> reals_;
};

}  // namespace coil

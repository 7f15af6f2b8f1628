#pragma once

// What `coil bench` prints.

#include <string>
#include <vector>

#include "runtime/execute/rounds.hpp"
#include "runtime/measure/subject.hpp"

namespace coil::cli {

struct BenchRow {
  Measured entry;
  SubjectOptions options;
  Way way;                      // that it ran in
  std::int64_t characters = 0;  // of a row of the batch; 0 where the model reads none
  Quartiles seconds;            // of one run
  std::size_t rounds = 0;
  std::size_t runs = 0;
  std::vector<Primitive> primitives;  // with --verbose
};

struct BenchReport {
  std::string model;
  std::string hash;
  std::string machine;  // "AMD EPYC, avx2, oneDNN 2.6.3"
  int threads = 1;
  std::vector<BenchRow> rows;
  std::vector<std::string> notes;  // entries that the model has not, and why
};

// "1.234 s", "12.34 ms", "123.4 us", "12.3 ns": four digits.
std::string time_text(double seconds);

std::string report_text(const BenchReport& report);
std::string report_json(const BenchReport& report);

}  // namespace coil::cli

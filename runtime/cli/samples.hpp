#pragma once

#include <string>

#include "runtime/generate/generator.hpp"

namespace coil::cli {

struct SampleTask {
  std::string prompt;      // as it was given; empty where a text goes on
  std::int64_t count = 0;  // characters to write; below zero: without end
  std::uint64_t seed = 1;  // of the first sample
  std::int64_t samples = 1;
  bool as_json = false;
};

// Samples that are written side by side: so many rows a program has, needed or not, so that sample k is the same
// text however many others are asked for.
inline constexpr std::int64_t samples_together = 8;

// Writes one text on stdout as it comes, the prompt first. Whether it was interrupted.
bool stream_text(Generator& generator, const SampleTask& task);

// Writes samples on stdout, one after another, each once it is finished: a line with its number and seed and then
// its text, or an object of JSON a line. Of one sample by itself with a generator of one row, else of
// samples_together. Whether it was interrupted: the samples that were under way are written as far as they came.
bool write_samples(Generator& generator, const Vocabulary& vocabulary, const SampleTask& task);

}  // namespace coil::cli

#pragma once

// How a text becomes samples, and samples become batches.
//   blocks   windows that do not overlap: window i covers text[i*steps .. i*steps + steps - 1]
//   windows  one window per character: window i covers text[i .. i + steps - 1]
// In both the target of a window is the character after it. A scheme says which characters a sample
// holds; the order of the samples (BatchOrder) and the form of a batch (Batch) are shared by all.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace coil {

// The numbers of one training step, reused from step to step.
struct Batch {
  std::size_t size = 0;               // samples
  std::vector<std::int32_t> inputs;   // [steps][size]: one column of characters per time step
  std::vector<std::int32_t> targets;  // [size]

  // The characters of all samples at one time step.
  std::span<const std::int32_t> column(std::size_t step) const {
    return std::span(inputs).subspan(step * size, size);
  }
};

// Windows at a fixed distance in a text of vocabulary indices, which must outlive it.
class Samples {
 public:
  // RunError: usage where steps < 1; bad_text where the text has fewer than steps + 1 characters, with
  // both numbers; `name` is the text's.
  static Samples blocks(std::span<const std::int32_t> text, int steps, const std::string& name);
  static Samples windows(std::span<const std::int32_t> text, int steps, const std::string& name);

  // (characters - steps - 1) / stride + 1.
  std::size_t size() const { return size_; }
  std::size_t steps() const { return steps_; }

  // `samples` are numbers of windows, each below size().
  void fill(std::span<const std::uint32_t> samples, Batch& batch) const;

 private:
  Samples(std::span<const std::int32_t> text, std::size_t steps, std::size_t stride);

  std::span<const std::int32_t> text_;
  std::size_t steps_;
  std::size_t stride_;
  std::size_t size_;
};

// The samples of one epoch, shuffled as (seed, epoch) say and cut into batches; the last one may be
// short. Which batch comes next is a number, so a resumed run continues in the middle of an epoch.
class BatchOrder {
 public:
  // RunError (usage) where batch < 1.
  BatchOrder(std::size_t samples, int batch, std::uint64_t seed, std::uint32_t epoch);

  std::size_t size() const;
  std::span<const std::uint32_t> at(std::size_t index) const;

 private:
  std::vector<std::uint32_t> order_;
  std::size_t batch_;
};

}  // namespace coil

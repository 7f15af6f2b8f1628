#pragma once

// How a text becomes samples, and samples become batches. A sample is a window of `steps` characters.
//   blocks   windows that do not overlap: window i begins at i*steps
//   windows  one window per character: window i begins at i
//   streams  the text cut into `batch` streams of equal length, each read window by window: of
//            the sample in row r of batch k, the one in row r of batch k + 1 is the continuation
// The samples of blocks and windows are shuffled anew for each epoch, the last batch may be short; those of
// streams come in order, always `batch` of them. What is to be predicted is the character after the window,
// or after each of its characters.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coil {

enum class Scheme : std::uint8_t { blocks, windows, streams };
std::string_view to_string(Scheme scheme);
std::optional<Scheme> find_scheme(std::string_view name);

enum class Targets : std::uint8_t {
  last,   // one a sample: the character after the window
  every,  // `steps` a sample: the window shifted by one
};

// The numbers of one training step, reused from step to step.
struct Batch {
  std::size_t size = 0;               // samples
  std::vector<std::int32_t> inputs;   // [steps][size]: one column of characters per time step
  std::vector<std::int32_t> targets;  // [size], or [size][steps]

  // The characters of all samples at one time step.
  std::span<const std::int32_t> column(std::size_t step) const {
    return std::span(inputs).subspan(step * size, size);
  }
};

struct SampleOptions {
  int steps = 1;
  int batch = 1;
  Targets targets = Targets::last;
};

// Windows of a text of vocabulary indices, which must outlive it.
class Samples {
 public:
  // RunError: usage where steps or batch < 1; bad_text where the text has not the characters for one window
  // and a target (in each stream), with the numbers; `name` is the text's.
  Samples(std::span<const std::int32_t> text, Scheme scheme, const SampleOptions& options,
          const std::string& name);

  Scheme scheme() const { return scheme_; }
  std::size_t size() const { return size_; }
  std::size_t steps() const { return steps_; }
  std::size_t batch() const { return batch_; }

  // Where a window begins in the text. `sample` is below size().
  std::size_t begin(std::size_t sample) const;
  // What is to be predicted of a sample, and where in the text that stands.
  std::size_t targets_begin(std::size_t sample) const;
  std::span<const std::int32_t> targets(std::size_t sample) const;

  void fill(std::span<const std::uint32_t> samples, Batch& batch) const;

 private:
  std::span<const std::int32_t> text_;
  Scheme scheme_;
  std::size_t steps_;
  std::size_t batch_;
  Targets targets_;
  std::size_t stream_ = 0;  // streams: characters of one
  std::size_t size_ = 0;
};

// The samples of one epoch in batches: in order, or shuffled as (seed, epoch) say. Which batch comes next is
// a number, so a resumed run continues in the middle of an epoch.
class BatchOrder {
 public:
  BatchOrder(const Samples& samples, std::uint64_t seed, std::uint32_t epoch);

  std::size_t size() const;
  std::span<const std::uint32_t> at(std::size_t index) const;

 private:
  std::vector<std::uint32_t> order_;
  std::size_t batch_;
};

}  // namespace coil

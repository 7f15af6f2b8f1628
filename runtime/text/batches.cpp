#include "runtime/text/batches.hpp"

#include <algorithm>

#include "compiler/source/internal_error.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/text/random.hpp"

namespace coil {

namespace {

std::size_t checked_steps(std::size_t characters, int steps, const std::string& name) {
  if (steps < 1) fail(ExitCode::usage, "windows of {} steps: at least 1 is needed", steps);
  const std::size_t needed = static_cast<std::size_t>(steps) + 1;
  if (characters < needed) {
    fail(ExitCode::bad_text,
         "{}: the text has {} characters, but {} steps and a target need {}; give a longer text or "
         "fewer steps",
         printable(name, 200), characters, steps, needed);
  }
  return static_cast<std::size_t>(steps);
}

}  // namespace

Samples::Samples(std::span<const std::int32_t> text, std::size_t steps, std::size_t stride)
    : text_(text), steps_(steps), stride_(stride), size_((text.size() - steps - 1) / stride + 1) {}

Samples Samples::blocks(std::span<const std::int32_t> text, int steps, const std::string& name) {
  const std::size_t length = checked_steps(text.size(), steps, name);
  return Samples(text, length, length);
}

Samples Samples::windows(std::span<const std::int32_t> text, int steps, const std::string& name) {
  return Samples(text, checked_steps(text.size(), steps, name), 1);
}

void Samples::fill(std::span<const std::uint32_t> samples, Batch& batch) const {
  batch.size = samples.size();
  batch.inputs.resize(steps_ * samples.size());
  batch.targets.resize(samples.size());
  for (std::size_t row = 0; row < samples.size(); ++row) {
    require(samples[row] < size_, "sample {} is one of {}", samples[row], size_);
    const auto window = text_.subspan(samples[row] * stride_, steps_ + 1);
    for (std::size_t step = 0; step < steps_; ++step) {
      batch.inputs[step * batch.size + row] = window[step];
    }
    batch.targets[row] = window[steps_];
  }
}

BatchOrder::BatchOrder(std::size_t samples, int batch, std::uint64_t seed, std::uint32_t epoch)
    : order_(shuffled(samples, Random(seed, RandomStream::shuffle, epoch))) {
  if (batch < 1) fail(ExitCode::usage, "a batch of {}: at least 1 is needed", batch);
  batch_ = static_cast<std::size_t>(batch);
}

std::size_t BatchOrder::size() const { return (order_.size() + batch_ - 1) / batch_; }

std::span<const std::uint32_t> BatchOrder::at(std::size_t index) const {
  require(index < size(), "batch {} is one of {}", index, size());
  const std::size_t begin = index * batch_;
  return std::span(order_).subspan(begin, std::min(batch_, order_.size() - begin));
}

}  // namespace coil

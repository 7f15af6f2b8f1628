#include "runtime/text/batches.hpp"

#include <algorithm>
#include <numeric>

#include "compiler/source/internal_error.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/text/random.hpp"

namespace coil {

namespace {

constexpr Scheme schemes[] = {Scheme::blocks, Scheme::windows, Scheme::streams};

std::size_t checked_steps(int steps) {
  if (steps < 1) fail(ExitCode::usage, "windows of {} steps: at least 1 is needed", steps);
  return static_cast<std::size_t>(steps);
}

std::size_t checked_batch(int batch) {
  if (batch < 1) fail(ExitCode::usage, "a batch of {}: at least 1 is needed", batch);
  return static_cast<std::size_t>(batch);
}

// Characters of each stream, but for the last one's target.
std::size_t stream_length(std::size_t characters, std::size_t streams) {
  return characters == 0 ? 0 : (characters - 1) / streams;
}

}  // namespace

std::string_view to_string(Scheme scheme) {
  switch (scheme) {
    case Scheme::blocks:
      return "blocks";
    case Scheme::windows:
      return "windows";
    case Scheme::streams:
      return "streams";
  }
  __builtin_unreachable();
}

std::optional<Scheme> find_scheme(std::string_view name) {
  for (const Scheme scheme : schemes)
    if (to_string(scheme) == name) return scheme;
  return std::nullopt;
}

Samples::Samples(std::span<const std::int32_t> text, Scheme scheme, const SampleOptions& options,
                 const std::string& name)
    : text_(text),
      scheme_(scheme),
      steps_(checked_steps(options.steps)),
      batch_(checked_batch(options.batch)),
      targets_(options.targets) {
  const std::size_t streams = scheme == Scheme::streams ? batch_ : 1;
  stream_ = stream_length(text.size(), streams);
  if (stream_ < steps_)
    fail(ExitCode::bad_text,
         "{}: the text has {} characters, but {}{} steps and a target need {}; give a longer text "
         "or "
         "fewer steps",
         printable(name, 200), text.size(),
         streams > 1 ? fmt::format("{} streams of ", streams) : "", steps_, streams * steps_ + 1);
  switch (scheme) {
    case Scheme::blocks:
      size_ = stream_ / steps_;
      break;
    case Scheme::windows:
      size_ = stream_ - steps_ + 1;
      break;
    case Scheme::streams:
      size_ = stream_ / steps_ * batch_;
      break;
  }
}

std::size_t Samples::begin(std::size_t sample) const {
  require(sample < size_, "sample {} is one of {}", sample, size_);
  switch (scheme_) {
    case Scheme::blocks:
      return sample * steps_;
    case Scheme::windows:
      return sample;
    case Scheme::streams:
      return sample % batch_ * stream_ + sample / batch_ * steps_;
  }
  __builtin_unreachable();
}

std::size_t Samples::targets_begin(std::size_t sample) const {
  return begin(sample) + (targets_ == Targets::last ? steps_ : 1);
}

std::span<const std::int32_t> Samples::targets(std::size_t sample) const {
  return text_.subspan(targets_begin(sample), targets_ == Targets::last ? 1 : steps_);
}

void Samples::fill(std::span<const std::uint32_t> samples, Batch& batch) const {
  batch.size = samples.size();
  batch.inputs.resize(steps_ * samples.size());
  batch.targets.clear();
  for (std::size_t row = 0; row < samples.size(); ++row) {
    const auto window = text_.subspan(begin(samples[row]), steps_);
    for (std::size_t step = 0; step < steps_; ++step)
      batch.inputs[step * batch.size + row] = window[step];
    const auto wanted = targets(samples[row]);
    batch.targets.insert(batch.targets.end(), wanted.begin(), wanted.end());
  }
}

BatchOrder::BatchOrder(const Samples& samples, std::uint64_t seed, std::uint32_t epoch)
    : batch_(samples.batch()) {
  if (samples.scheme() == Scheme::streams) {
    order_.resize(samples.size());
    std::iota(order_.begin(), order_.end(), 0u);
  } else {
    order_ = shuffled(samples.size(), Random(seed, RandomStream::shuffle, epoch));
  }
}

std::size_t BatchOrder::size() const { return (order_.size() + batch_ - 1) / batch_; }

std::span<const std::uint32_t> BatchOrder::at(std::size_t index) const {
  require(index < size(), "batch {} is one of {}", index, size());
  const std::size_t begin = index * batch_;
  return std::span(order_).subspan(begin, std::min(batch_, order_.size() - begin));
}

}  // namespace coil

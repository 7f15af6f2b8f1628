#pragma once

#include <memory>
#include <span>
#include <vector>

#include "compiler/passes/precision.hpp"
#include "compiler/plan/plan.hpp"

#include "runtime/onednn/lower.hpp"

namespace coil {

// A plan with its memory, lowered: a batch, or some rows of one. Made, prepared and run with OpenMP's number of threads
// as it is.
class Part {
 public:
  // `leaves` and `given` are those of onednn::Addresses. RunError (usage), with the batch and the bytes, where the
  // machine has not the memory.
  Part(std::shared_ptr<const Plan> plan, std::vector<float*> leaves, std::vector<std::byte*> given,
       onednn::PackedWeights& packed, Precision precision);
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  const onednn::Addresses& addresses() const { return addresses_; }
  const std::vector<onednn::Step>& steps() const { return lowered_.steps; }
  std::span<const onednn::Step> repeated_steps() const {
    return std::span(lowered_.steps).subspan(lowered_.once);
  }

  // Whether the last run wrote a weight that is not finite.
  bool broke_weights() const { return *lowered_.broke_weights; }

  // The steps that need only run after weights have changed; the others.
  void prepare() const;
  void run() const;
  // The same, with the seconds that each took.
  void run_timed(std::span<double> seconds) const;

 private:
  void fill_constants();

  std::shared_ptr<const Plan> plan_;
  AlignedBuffer arena_;
  onednn::Addresses addresses_;
  onednn::Lowered lowered_;
};

}  // namespace coil

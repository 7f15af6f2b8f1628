#pragma once

#include "runtime/execute/executable.hpp"
#include "runtime/model/model.hpp"
#include "runtime/text/batches.hpp"

namespace coil {

// The end of a text, kept apart to measure the loss on what training has not seen.
class HeldOut {
 public:
  // `text` must outlive this, as must `model`. In streams there are as many as the text has windows for, at
  // most a batch. RunError (bad_text) where it has none; `name` is the whole text's.
  HeldOut(Model& model, std::span<const std::int32_t> text, const TextFace& face,
          const Recipe& recipe, Execution execution, const std::string& name);

  const Samples& samples() const { return samples_; }

  // The mean loss over its samples, each counting the same, by the weights as they are now.
  double loss();

 private:
  const TextFace& face_;
  Samples samples_;
  Executable executable_;
  Batch batch_;
};

}  // namespace coil

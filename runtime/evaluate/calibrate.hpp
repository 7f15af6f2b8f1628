#pragma once

#include "compiler/passes/ranges.hpp"

#include "runtime/evaluate/evaluator.hpp"

namespace coil {

struct Calibration {
  Ranges ranges;
  Evaluation measured;  // of the text, in f32
};

// How large what a model multiplies by its weights becomes on a text: what int8 is scaled by. The text is run in f32, in
// samples as evaluating makes them, by the lowerings that multiply apart from one another, so that the ranges hold for
// every one; `options` says all else. Throws what Evaluator does, and RunError (bad_artifact) where a number is not
// finite.
// `after_batch` is told the samples measured, of twice as many as the text has, and the loss so far.
Calibration calibrate(Model& model, std::string_view text, const std::string& name,
                      EvaluateOptions options, UnknownPolicy unknown = {},
                      const std::function<void(std::int64_t, const Evaluation&)>& after_batch = {});

}  // namespace coil

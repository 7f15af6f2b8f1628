#pragma once

// What is measured of a model: one of its entries, run over and over as the commands run it.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/measure/primitives.hpp"
#include "runtime/model/model.hpp"

namespace coil {

enum class Measured : std::uint8_t {
  predict,  // inputs copied in, outputs computed: what `coil run` and `coil eval` do for a batch
  train_step,  // a batch put together, fed, learnt from by the recipe's optimizer, checked: as `coil train` does
  step,  // one more character: a step from live states, or where there are none the whole window anew
};
std::string_view to_string(Measured entry);
std::optional<Measured> find_measured(std::string_view name);
inline constexpr Measured all_measured[] = {Measured::predict, Measured::train_step,
                                            Measured::step};

struct Subject {
  Measured entry;
  SubjectOptions options;
  Way way;                      // that it runs in, whatever the options leave open
  std::int64_t characters = 0;  // that a run reads in each row; 0 where the model reads none
  std::function<void()> run;    // once; owns all that it needs
};

// `model` is copied. Nothing, and in `why` the reason, where a model has not that entry: it is not trained on text,
// say, or its memory cannot go on by one character. RunError where the machine has not the memory.
std::optional<Subject> make_subject(const Model& model, Measured entry,
                                    const SubjectOptions& options, std::string* why = nullptr);

// What runs for it, primitive by primitive, with their times.
std::vector<Primitive> primitives_of(const Model& model, const Subject& subject);

// The batch that an entry is usually run with: that of the model's recipe, and 1 for one more character.
std::int64_t usual_batch(const Model& model, Measured entry);

}  // namespace coil

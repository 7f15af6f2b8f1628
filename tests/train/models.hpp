#pragma once

// Models small enough to train a thousand steps of in a second, and what tests of training ask of them.

#include <string>
#include <vector>

#include "runtime/train/trainer.hpp"

#include "tests/model/small_model.hpp"

namespace coil::test {

// One for each scheme, with a dropout, ready for small_text(): they know its characters and have weights.
Model model_for(Scheme scheme, std::uint64_t seed = 1,
                const std::vector<Definition>& definitions = {});

// As the text of a .model file says; ready for small_text().
Model ready_from_text(const char* source, const std::vector<Definition>& definitions = {});

// Of model_for(): about sixty steps an epoch of `short_text()`.
Recipe recipe_for(Scheme scheme);
std::string short_text();

inline constexpr auto go_on = [](const StepReport&) { return true; };

// Trains until that many steps are made, from wherever the run stands.
void train_to(Trainer& trainer, const Model& model, std::int64_t steps);

std::string bytes_of(const std::string& path);
std::vector<float> weights_of(const Model& model);
bool same_bits(const std::vector<float>& a, const std::vector<float>& b);

}  // namespace coil::test

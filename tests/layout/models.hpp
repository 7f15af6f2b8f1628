#pragma once

#include <string>
#include <vector>

#include "runtime/layout/exchange.hpp"
#include "runtime/model/model.hpp"

#include "tests/model/small_model.hpp"

namespace coil::layout_test {

// A model of a text, of few units, each of whose weights has other numbers than every other: what is put in a wrong
// place shows.
Model model_of(const std::string& text, const std::string& name = "",
               const std::vector<Definition>& definitions = {});

// The same of a file of the repository, with hidden = 6.
Model repository_model(const std::string& path, const std::string& name = "",
                       std::vector<Definition> definitions = {});

// Numbers drawn for each weight.
void draw_weights(Model& model, std::uint64_t seed);

// By name.
const Tensor& tensor(const TensorFile& file, const std::string& name);
Tensor& tensor(TensorFile& file, const std::string& name);
std::vector<std::string> names(const TensorFile& file);  // "lstm.bias_ih_l0 [24]"

// What one run of the model's probe gives: what it computes, whatever its weights are called.
std::vector<double> answer(const Model& model);

using test::failure_of;

}  // namespace coil::layout_test

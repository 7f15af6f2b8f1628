#include "runtime/model/weights.hpp"

#include <fmt/ranges.h>
#include <map>
#include <set>

#include "compiler/graph/faces.hpp"
#include "compiler/source/load.hpp"
#include "compiler/source/run_error.hpp"

#include "runtime/artifact/safetensors.hpp"

namespace coil {
namespace {

// A list in a message stays readable.
constexpr std::size_t most_complaints = 8;

std::vector<std::string> complaints(const std::map<std::string, const Tensor*>& given,
                                    const Model& model) {
  std::vector<std::string> all;
  std::set<std::string> weights;
  for (const StoredWeight& weight : stored_weights(model.graph)) {
    weights.insert(weight.name);
    const auto found = given.find(weight.name);
    if (found == given.end())
      all.push_back(fmt::format("'{}' {} is missing", weight.name, to_string(weight.shape)));
    else if (found->second->shape != weight.shape.dims)
      all.push_back(fmt::format("'{}' is [{}], the model has {}", weight.name,
                                fmt::join(found->second->shape, ", "), to_string(weight.shape)));
  }
  // The store may hold more than weights: an optimizer's moments, in other sizes.
  for (const auto& [name, tensor] : given)
    if (!weights.contains(name)) all.push_back(fmt::format("the model has no '{}'", name));
  return all;
}

}  // namespace

void set_weights(std::span<const Tensor> tensors, const std::string& path, Model& model) {
  std::map<std::string, const Tensor*> given;
  // A trained model's file holds what training needs too; its weights are good for any use.
  for (const Tensor& tensor : tensors)
    if (!tensor.name.starts_with(training_prefix)) given[tensor.name] = &tensor;
  std::vector<std::string> wrong = complaints(given, model);
  if (wrong.size() > most_complaints) {
    const std::size_t more = wrong.size() - most_complaints;
    wrong.resize(most_complaints);
    wrong.push_back(fmt::format("and {} more", more));
  }
  if (!wrong.empty())
    fail(ExitCode::bad_artifact, "{}: the weights do not fit model {}: {}", path, model.graph.name,
         fmt::join(wrong, "; "));
  for (const auto& [name, tensor] : given) model.store.set_stored(name, tensor->values);
  model.has_weights = true;
}

void load_weights(const std::string& path, Model& model) {
  constexpr std::size_t largest_weight_file = std::size_t{8} << 30;
  const TensorFile file = decode(read_file(path, largest_weight_file), path);
  set_weights(file.tensors, path, model);
}

}  // namespace coil

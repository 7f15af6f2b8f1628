#include "runtime/model/weights.hpp"

#include <fmt/ranges.h>
#include <map>
#include <set>

#include "compiler/graph/faces.hpp"
#include "compiler/source/load.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/suggest.hpp"

#include "runtime/artifact/quote.hpp"
#include "runtime/artifact/safetensors.hpp"

namespace coil {
namespace {

// A message stays readable; a model of ours has less weights than this.
constexpr std::size_t most_complaints = 64;

std::vector<WantedTensor> wanted_by(const Graph& graph) {
  std::vector<WantedTensor> wanted;
  for (const StoredWeight& weight : stored_weights(graph))
    wanted.push_back({weight.name, weight.shape.dims});
  return wanted;
}

std::string why_unfit(const WantedTensor& wanted, const Tensor& tensor) {
  if (tensor.shape != wanted.shape)
    return fmt::format("{} is {}, the model has {}", quote(wanted.name), show_shape(tensor.shape),
                       show_shape(wanted.shape));
  if (!all_finite(tensor.values))
    return fmt::format("{} holds an infinity or a NaN", quote(wanted.name));
  return "";
}

}  // namespace

std::vector<std::string> why_unfit(std::span<const WantedTensor> wanted,
                                   std::span<const Tensor> tensors) {
  std::map<std::string_view, const Tensor*> given;
  for (const Tensor& tensor : tensors) given[tensor.name] = &tensor;
  std::vector<std::string> all, missing;
  std::set<std::string_view> known;
  for (const WantedTensor& weight : wanted) {
    known.insert(weight.name);
    const auto found = given.find(weight.name);
    std::string why = found == given.end() ? fmt::format("{} {} is missing", quote(weight.name),
                                                         show_shape(weight.shape))
                                           : why_unfit(weight, *found->second);
    if (found == given.end() && missing.size() < most_complaints) missing.push_back(weight.name);
    if (!why.empty()) all.push_back(std::move(why));
  }
  for (const auto& [name, tensor] : given) {
    if (known.contains(name)) continue;
    const std::string meant = all.size() < most_complaints ? did_you_mean(name, missing) : "";
    all.push_back(fmt::format("the model has no {}{}", quote(name), meant));
  }
  return all;
}

void refuse_weights(const std::string& path, const Model& model, std::vector<std::string> why,
                    const std::string& hint) {
  if (why.size() > most_complaints) {
    const std::size_t more = why.size() - most_complaints;
    why.resize(most_complaints);
    why.push_back(fmt::format("and {} more", more));
  }
  fail(ExitCode::bad_artifact, "{}: the weights do not fit model {}{}:\n  {}", show_path(path),
       model.graph.name, hint, fmt::join(why, "\n  "));
}

void set_weights(std::span<const Tensor> tensors, const std::string& path, Model& model) {
  if (auto why = why_unfit(wanted_by(model.graph), tensors); !why.empty())
    refuse_weights(path, model, std::move(why));
  for (const Tensor& tensor : tensors) model.store.set_stored(tensor.name, tensor.values);
  model.has_weights = true;
  model.ranges = nullptr;
}

void load_weights(const std::string& path, Model& model) {
  TensorFile file = decode(read_file(path, largest_weight_file), path);
  // A trained model's file holds what training needs too; its weights are good for any use.
  std::erase_if(file.tensors,
                [](const Tensor& tensor) { return tensor.name.starts_with(training_prefix); });
  set_weights(file.tensors, path, model);
}

}  // namespace coil

#include "runtime/layout/layout.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "compiler/graph/faces.hpp"

#include "runtime/layout/torch_module.hpp"
#include "runtime/layout/weight_uses.hpp"

namespace coil {
namespace {

using Form = LaidTensor::Form;

LaidTensor as_stored(const StoredWeight& weight) {
  return {weight.name, weight.shape.dims, Form::whole, weight.name, {}};
}

std::vector<LaidTensor> lay_out_keras(const Graph& graph) {
  std::vector<LaidTensor> all;
  for (const StoredWeight& weight : stored_weights(graph)) all.push_back(as_stored(weight));
  return all;
}

// "dense.weight" of "dense.kernel", for the word "kernel"; "" where the name ends otherwise.
std::string renamed(const std::string& name, std::string_view word) {
  const std::size_t begin = name.rfind('.') + 1;
  return name.substr(begin) == word ? name.substr(0, begin) + "weight" : "";
}

class TorchLayout {
 public:
  explicit TorchLayout(const Graph& graph)
      : graph_(graph), weights_(stored_weights(graph)), uses_(uses_in(graph)) {
    for (const StoredWeight& weight : weights_) taken_.insert(weight.name);
    for (TorchModule& module : torch_modules(graph)) add_module(std::move(module));
  }

  std::vector<LaidTensor> all() {
    std::vector<LaidTensor> tensors;
    for (const StoredWeight& weight : weights_) {
      const auto module = module_of_.find(weight.name);
      if (module == module_of_.end()) {
        tensors.push_back(layer_tensor(weight));
        continue;
      }
      // The first of its weights brings all of a module.
      std::vector<LaidTensor>& of_module = modules_[module->second];
      tensors.insert(tensors.end(), of_module.begin(), of_module.end());
      of_module.clear();
    }
    return tensors;
  }

 private:
  void add_module(TorchModule module) {
    const std::string prefix = free_prefix(module);
    for (LaidTensor& tensor : module.tensors) {
      tensor.name = prefix + tensor.name;
      taken_.insert(tensor.name);
    }
    for (const std::string& name : module.stored) module_of_[name] = modules_.size();
    modules_.push_back(std::move(module.tensors));
  }

  // "lstm.", or "lstm_1." where a tensor would have the name of another.
  std::string free_prefix(const TorchModule& module) const {
    std::string prefix = module.name + '.';
    const auto is_taken = [&](const LaidTensor& tensor) {
      return taken_.contains(prefix + tensor.name);
    };
    for (int number = 1; std::ranges::any_of(module.tensors, is_taken); ++number)
      prefix = fmt::format("{}_{}.", module.name, number);
    return prefix;
  }

  LaidTensor layer_tensor(const StoredWeight& weight) {
    LaidTensor tensor = as_stored(weight);
    const Uses uses = uses_of(weight);
    if (weight.shape.rank() != 2 || uses.otherwise || uses.multiplied == uses.looked_up)
      return tensor;
    const std::string name = renamed(weight.name, uses.multiplied ? "kernel" : "embeddings");
    if (name.empty() || !taken_.insert(name).second) return tensor;
    tensor.name = name;
    if (!uses.multiplied) return tensor;
    tensor.form = Form::transposed;
    std::swap(tensor.shape[0], tensor.shape[1]);
    return tensor;
  }

  Uses uses_of(const StoredWeight& weight) const {
    Uses uses;
    for (const NodeId leaf : weight.leaves) {
      uses.add(uses_[leaf]);
      uses.otherwise |= graph_.node(leaf).types[0].shape.rank() != 2;
    }
    return uses;
  }

  const Graph& graph_;
  std::vector<StoredWeight> weights_;
  std::vector<Uses> uses_;
  std::set<std::string> taken_;  // names
  std::map<std::string, std::size_t> module_of_;
  std::vector<std::vector<LaidTensor>> modules_;
};

}  // namespace

std::string_view to_string(Layout layout) { return layout == Layout::keras ? "keras" : "torch"; }

std::vector<LaidTensor> lay_out(const Graph& graph, Layout layout) {
  return layout == Layout::keras ? lay_out_keras(graph) : TorchLayout(graph).all();
}

}  // namespace coil

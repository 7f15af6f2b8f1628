#pragma once

#include <set>
#include <string>
#include <vector>

#include "runtime/layout/layout.hpp"

namespace coil {

// A cell as one of PyTorch's recurrent modules. The tensors are named without the module: "weight_ih_l0".
struct TorchModule {
  std::string name;              // what the names of its weights have in common, else its kind
  std::set<std::string> stored;  // weights that it is made of, all of them whole
  std::vector<LaidTensor> tensors;
};

// Of the graph's scans, in their order; one for scans that share their weights. RunError (usage) as lay_out() has it.
std::vector<TorchModule> torch_modules(const Graph& graph);

}  // namespace coil

#pragma once

// What attach_adam and attach_sgd have in common: one node of an optimizer in the place of all gradients. No pass by
// itself.

#include <string>
#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil {

struct OptimizerNode {
  Op op;
  Attributes attributes;
  const char* second;  // the scalar input after the rate
  std::vector<const char*> moments =
      {};  // prefixes of the states that hold them, before the weight's name
};

// gradients g.. of weights w.. become
//   n = global_norm(g..)
//   op(train.rate, second, n, train.clip, train.decay, w.., g.., moments..)
// whose results update weights and moments, which are new states. The scalars are new inputs, and the norm is an
// output.
Graph attach_update(const Graph& graph, const OptimizerNode& optimizer);

}  // namespace coil

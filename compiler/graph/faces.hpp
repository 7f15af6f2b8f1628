#pragma once

// The face of a graph that people and files see: whole weights where the graph has pieces, inputs as the text
// has them where the graph has one sequence.

#include <optional>
#include <string>
#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil {

// A weight as files hold it.
struct StoredWeight {
  std::string name;
  Shape shape;
  Initializer initializer;
  std::vector<NodeId> leaves;  // the leaf that is it, or its pieces

  std::int64_t elements() const { return count(shape, 1); }
};

// In the order of their first leaves.
std::vector<StoredWeight> stored_weights(const Graph& graph);

// The stored weight that a leaf is, or is a piece of.
const std::string& stored_name(const WeightAttributes& weight);
bool is_piece(const WeightAttributes& weight);

// An input as people feed it: a leaf, or one step of a leaf that is fed by its parts.
struct FedInput {
  std::string name;
  Type type;
  NodeId leaf = 0;
  std::optional<std::int64_t> step;
};

// In the order of the text.
std::vector<FedInput> fed_inputs(const Graph& graph);

}  // namespace coil

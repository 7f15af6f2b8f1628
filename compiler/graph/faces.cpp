#include "compiler/graph/faces.hpp"

#include <algorithm>
#include <unordered_map>

#include "compiler/graph/op_traits.hpp"

namespace coil {
namespace {

const WeightAttributes& weight_at(const Graph& graph, NodeId id) {
  return std::get<WeightAttributes>(graph.node(id).attributes);
}

// The leaf's type with one step taken out.
Type element_of(Type type) {
  if (type.shape.rank() > 1) type.shape = shape_of_element(type.shape);
  return type;
}

}  // namespace

bool is_piece(const WeightAttributes& weight) { return !weight.piece.of.empty(); }

const std::string& stored_name(const WeightAttributes& weight) {
  return is_piece(weight) ? weight.piece.of : weight.name.text;
}

std::vector<StoredWeight> stored_weights(const Graph& graph) {
  std::vector<StoredWeight> all;
  std::unordered_map<std::string, std::size_t> places;
  for (const NodeId id : leaves(graph, Op::weight)) {
    const WeightAttributes& weight = weight_at(graph, id);
    const auto [place, is_new] = places.emplace(stored_name(weight), all.size());
    if (is_new)
      all.push_back({stored_name(weight),
                     is_piece(weight) ? weight.piece.whole : graph.node(id).types[0].shape,
                     weight.initializer,
                     {}});
    all[place->second].leaves.push_back(id);
  }
  return all;
}

std::vector<FedInput> fed_inputs(const Graph& graph) {
  std::vector<NodeId> ordered = leaves(graph, Op::input);
  std::ranges::sort(ordered, {}, [&](NodeId id) {
    return std::get<InputAttributes>(graph.node(id).attributes).position;
  });
  std::unordered_map<std::string_view, std::vector<const InputPart*>> parts;
  for (const InputPart& part : graph.parts) parts[part.of].push_back(&part);
  std::vector<FedInput> all;
  for (const NodeId id : ordered) {
    const Node& leaf = graph.node(id);
    const auto found = parts.find(leaf_name(leaf));
    if (found == parts.end()) {
      all.push_back({std::string(leaf_name(leaf)), leaf.types[0], id, std::nullopt});
      continue;
    }
    for (const InputPart* part : found->second)
      all.push_back({part->name, element_of(leaf.types[0]), id, part->step});
  }
  return all;
}

}  // namespace coil

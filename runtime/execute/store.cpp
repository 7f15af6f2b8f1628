#include "runtime/execute/store.hpp"

#include <algorithm>

#include "compiler/graph/faces.hpp"
#include "compiler/source/internal_error.hpp"

#include "runtime/execute/boxes.hpp"

namespace coil {

Store::Entry Store::make_entry(const Shape& shape) {
  const auto elements = static_cast<std::size_t>(count(shape, 1));
  return {shape, elements, AlignedBuffer(elements * sizeof(float))};
}

void Store::add_leaves_of(const Graph& graph) {
  for (const Node& node : graph.nodes()) {
    const Shape& shape = node.types[0].shape;
    const auto* weight = std::get_if<WeightAttributes>(&node.attributes);
    if (!weight && (node.op != Op::state || shape.is_batched())) continue;
    const std::string name(leaf_name(node));
    if (weight && is_piece(*weight)) add_piece(name, weight->piece);
    const auto found = entries_.find(name);
    if (found == entries_.end())
      entries_.emplace(name, make_entry(shape));
    else
      require(found->second.shape == shape, "'{}' is {} and {}", name,
              to_string(found->second.shape), to_string(shape));
  }
}

void Store::add_piece(const std::string& leaf, const Piece& piece) {
  auto found = wholes_.find(piece.of);
  if (found == wholes_.end())
    found = wholes_.emplace(piece.of, Whole{make_entry(piece.whole), {}}).first;
  require(found->second.entry.shape == piece.whole, "'{}' is {} and {}", piece.of,
          to_string(found->second.entry.shape), to_string(piece.whole));
  const auto [known, is_new] = found->second.pieces.emplace(leaf, piece);
  require(is_new || known->second == piece, "'{}' is two pieces of '{}'", leaf, piece.of);
}

const Store::Entry& Store::entry(const std::string& name) const {
  const auto found = entries_.find(name);
  require(found != entries_.end(), "no weight or state is called '{}'", name);
  return found->second;
}

std::span<float> Store::values(const std::string& name) { return entry(name).values(); }

std::span<const float> Store::values(const std::string& name) const { return entry(name).values(); }

const Shape& Store::shape(const std::string& name) const { return entry(name).shape; }

std::vector<float> Store::stored(const std::string& name) const {
  const auto whole = wholes_.find(name);
  const auto kept = whole == wholes_.end() ? values(name) : whole->second.entry.values();
  std::vector<float> now(kept.begin(), kept.end());
  if (whole == wholes_.end()) return now;
  for (const auto& [leaf, piece] : whole->second.pieces) scatter_box(values(leaf), piece, now);
  return now;
}

void Store::set_stored(const std::string& name, std::span<const float> given) {
  const auto whole = wholes_.find(name);
  const auto kept = whole == wholes_.end() ? values(name) : whole->second.entry.values();
  require(kept.size() == given.size(), "{} elements for '{}', which has {}", given.size(), name,
          kept.size());
  std::ranges::copy(given, kept.begin());
  if (whole != wholes_.end())
    for (const auto& [leaf, piece] : whole->second.pieces) gather_box(given, piece, values(leaf));
  touch();
}

}  // namespace coil

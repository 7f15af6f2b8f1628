#include "runtime/execute/store.hpp"

#include <algorithm>

#include "compiler/graph/faces.hpp"
#include "compiler/source/internal_error.hpp"

#include "runtime/execute/boxes.hpp"

namespace coil {

void Store::make_room(const std::map<std::string, Shape>& leaves) {
  constexpr std::size_t line = 16;  // floats: each leaf begins on a boundary of 64 bytes
  const auto room = [](const Shape& shape) {
    return (static_cast<std::size_t>(count(shape, 1)) + line - 1) / line * line;
  };
  std::size_t elements = 0;
  for (const auto& [name, shape] : leaves) elements += room(shape);
  auto* next = static_cast<float*>(buffers_.emplace_back(elements * sizeof(float)).data());
  for (const auto& [name, shape] : leaves) {
    entries_.emplace(name, Entry{shape, {next, static_cast<std::size_t>(count(shape, 1))}});
    next += room(shape);
  }
}

void Store::add_leaves_of(const Graph& graph) {
  std::map<std::string, Shape> added;
  for (const Node& node : graph.nodes()) {
    const Shape& shape = node.types[0].shape;
    const auto* weight = std::get_if<WeightAttributes>(&node.attributes);
    if (!weight && (node.op != Op::state || shape.is_batched())) continue;
    const std::string name(leaf_name(node));
    if (weight && is_piece(*weight)) add_piece(name, weight->piece);
    const auto found = entries_.find(name);
    const Shape& known =
        found == entries_.end() ? added.emplace(name, shape).first->second : found->second.shape;
    require(known == shape, "'{}' is {} and {}", name, to_string(known), to_string(shape));
  }
  if (!added.empty()) make_room(added);
}

void Store::add_piece(const std::string& leaf, const Piece& piece) {
  auto found = wholes_.find(piece.of);
  if (found == wholes_.end()) found = wholes_.emplace(piece.of, Whole{piece.whole}).first;
  Whole& whole = found->second;
  require(whole.shape == piece.whole, "'{}' is {} and {}", piece.of, to_string(whole.shape),
          to_string(piece.whole));
  const auto [known, is_new] = whole.pieces.emplace(leaf, piece);
  require(is_new || known->second == piece, "'{}' is two pieces of '{}'", leaf, piece.of);
  if (is_new) whole.covered += static_cast<std::size_t>(count(Shape{piece.size}, 1));
}

const Store::Entry& Store::entry(const std::string& name) const {
  const auto found = entries_.find(name);
  require(found != entries_.end(), "no weight or state is called '{}'", name);
  return found->second;
}

std::span<float> Store::values(const std::string& name) { return entry(name).values; }

std::span<const float> Store::values(const std::string& name) const { return entry(name).values; }

const Shape& Store::shape(const std::string& name) const { return entry(name).shape; }

std::vector<float> Store::stored(const std::string& name) const {
  const auto found = wholes_.find(name);
  if (found == wholes_.end()) {
    const auto kept = values(name);
    return {kept.begin(), kept.end()};
  }
  const Whole& whole = found->second;
  std::vector<float> now = whole.given;
  now.resize(whole.elements());
  for (const auto& [leaf, piece] : whole.pieces) scatter_box(values(leaf), piece, now);
  return now;
}

void Store::set_stored(const std::string& name, std::span<const float> given) {
  const auto found = wholes_.find(name);
  const std::size_t elements =
      found == wholes_.end() ? values(name).size() : found->second.elements();
  require(elements == given.size(), "{} elements for '{}', which has {}", given.size(), name,
          elements);
  if (found == wholes_.end()) {
    std::ranges::copy(given, values(name).begin());
  } else {
    Whole& whole = found->second;
    if (whole.covered < elements) whole.given.assign(given.begin(), given.end());
    for (const auto& [leaf, piece] : whole.pieces) gather_box(given, piece, values(leaf));
  }
  touch();
}

}  // namespace coil

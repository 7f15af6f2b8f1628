#include "runtime/execute/store.hpp"

#include <algorithm>
#include <utility>

#include "compiler/graph/faces.hpp"
#include "compiler/source/internal_error.hpp"

#include "runtime/execute/boxes.hpp"

namespace coil {
namespace {

// Where each part lies in its joint.
std::map<std::string, Piece> boxes_in(const Joint& joint, const std::string& name,
                                      const Shape& shape) {
  std::map<std::string, Piece> boxes;
  const auto axis = static_cast<std::size_t>(joint.axis);
  Piece box{name, shape, std::vector<std::int64_t>(shape.rank(), 0), shape.dims};
  for (const Joint::Part& part : joint.parts) {
    box.size[axis] = part.size;
    boxes.emplace(part.name, box);
    box.begin[axis] += part.size;
  }
  return boxes;
}

}  // namespace

void Store::make_room(const Entries& leaves) {
  constexpr std::size_t line = 16;  // floats: each leaf begins on a boundary of 64 bytes
  const auto room = [](const Shape& shape) {
    return (static_cast<std::size_t>(count(shape, 1)) + line - 1) / line * line;
  };
  std::size_t elements = 0;
  for (const auto& [name, leaf] : leaves) elements += room(leaf.shape);
  auto* next = static_cast<float*>(buffers_.emplace_back(elements * sizeof(float)).data());
  for (const auto& [name, leaf] : leaves) {
    Entry& made = entries_.emplace(name, leaf).first->second;
    made.values = {next, static_cast<std::size_t>(count(leaf.shape, 1))};
    next += room(leaf.shape);
  }
}

void Store::add_leaf(const std::string& name, Entry leaf, Entries& added) const {
  const auto found = entries_.find(name);
  const Entry& known =
      found == entries_.end() ? added.emplace(name, leaf).first->second : found->second;
  require(known.shape == leaf.shape, "'{}' is {} and {}", name, to_string(known.shape),
          to_string(leaf.shape));
  require(known.parts == leaf.parts, "'{}' is a joint of other leaves", name);
}

void Store::add_leaves_of(const Graph& graph) {
  Entries added;
  for (const Node& node : graph.nodes()) {
    const Shape& shape = node.types[0].shape;
    const auto* weight = std::get_if<WeightAttributes>(&node.attributes);
    if (!weight && (node.op != Op::state || shape.is_batched())) continue;
    const std::string name(leaf_name(node));
    if (weight && is_piece(*weight)) add_piece(name, weight->piece);
    Entry leaf{shape, weight != nullptr};
    if (const Joint* joint = joint_of(node)) leaf.parts = boxes_in(*joint, name, shape);
    for (const auto& [part, box] : leaf.parts)
      add_leaf(part, Entry{Shape{box.size}, leaf.is_weight}, added);
    add_leaf(name, std::move(leaf), added);
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

Store::Entry& Store::entry(const std::string& name) {
  return const_cast<Entry&>(std::as_const(*this).entry(name));
}

std::span<float> Store::values(const std::string& name) {
  Entry& leaf = entry(name);
  if (leaf.is_away()) bring_home(leaf.in);
  if (leaf.is_joint() && !has_its_parts(name, leaf)) take_in(name);
  return leaf.values;
}

// All of them, or none.
bool Store::has_its_parts(const std::string& name, const Entry& joint) const {
  return entry(joint.parts.begin()->first).in == name;
}

void Store::take_in(const std::string& name) {
  const Entry& joint = entry(name);
  for (const auto& [part, box] : joint.parts) {
    values(part);  // home first, from wherever it is
    entry(part).in = name;
    put_in(part);
  }
  ++arrangement_;
}

void Store::bring_home(const std::string& name) {
  const Entry& joint = entry(name);
  for (const auto& [part, box] : joint.parts) {
    Entry& leaf = entry(part);
    gather_box(joint.values, box, leaf.values);
    leaf.in.clear();
  }
  ++arrangement_;
}

std::vector<float> Store::copy_of(const std::string& name) const {
  const Entry& leaf = entry(name);
  require(!leaf.is_joint(), "'{}' is known by its parts", name);
  std::vector<float> copy(leaf.values.begin(), leaf.values.end());
  if (leaf.is_away()) {
    const Entry& joint = entry(leaf.in);
    gather_box(joint.values, joint.parts.at(name), copy);
  }
  return copy;
}

// What a part has at home goes into the joint that it is in.
void Store::put_in(const std::string& part) {
  const Entry& leaf = entry(part);
  const Entry& joint = entry(leaf.in);
  scatter_box(leaf.values, joint.parts.at(part), joint.values);
}

const Shape& Store::shape(const std::string& name) const { return entry(name).shape; }

std::vector<float> Store::stored(const std::string& name) const {
  const auto found = wholes_.find(name);
  if (found == wholes_.end()) return copy_of(name);
  const Whole& whole = found->second;
  std::vector<float> now = whole.given;
  now.resize(whole.elements());
  for (const auto& [leaf, piece] : whole.pieces) scatter_box(copy_of(leaf), piece, now);
  return now;
}

void Store::set_stored(const std::string& name, std::span<const float> given) {
  const auto found = wholes_.find(name);
  const std::size_t elements =
      found == wholes_.end() ? entry(name).values.size() : found->second.elements();
  require(elements == given.size(), "{} elements for '{}', which has {}", given.size(), name,
          elements);
  if (found == wholes_.end()) {
    require(!entry(name).is_joint(), "'{}' is stored in parts", name);
    std::ranges::copy(given, entry(name).values.begin());
    if (entry(name).is_away()) put_in(name);
  } else {
    Whole& whole = found->second;
    if (whole.covered < elements) whole.given.assign(given.begin(), given.end());
    for (const auto& [leaf, piece] : whole.pieces) {
      gather_box(given, piece, entry(leaf).values);
      if (entry(leaf).is_away()) put_in(leaf);
    }
  }
  touch();
}

const std::string& Store::stored_name_of(const std::string& leaf) const {
  for (const auto& [name, whole] : wholes_)
    if (whole.pieces.contains(leaf)) return name;
  return leaf;
}

std::optional<std::string> Store::weight_that(bool (*is)(std::span<const float>)) const {
  for (const auto& [name, leaf] : entries_) {
    if (!leaf.is_weight || leaf.is_away()) continue;
    if (leaf.is_joint() && !has_its_parts(name, leaf)) continue;
    if (!is(leaf.values)) continue;
    if (!leaf.is_joint()) return stored_name_of(name);
    for (const auto& [part, box] : leaf.parts)
      if (is(copy_of(part))) return stored_name_of(part);
  }
  return std::nullopt;
}

}  // namespace coil

#include "compiler/graph/verify_names.hpp"

#include <fmt/format.h>
#include <map>
#include <set>

#include "compiler/graph/op_record.hpp"

namespace coil {
namespace {

using Reason = std::optional<std::string>;
using Names = std::set<std::string_view>;

// Whether two pieces share an element is asked of each pair.
constexpr std::size_t most_pieces = 4096;

bool is_named(Op op) { return op == Op::input || op == Op::weight || op == Op::state; }

Reason check_positions(const Graph& graph) {
  std::set<std::int64_t> positions;
  const auto inputs = static_cast<std::int64_t>(leaves(graph, Op::input).size());
  for (const Node& node : graph.nodes()) {
    const auto* input = std::get_if<InputAttributes>(&node.attributes);
    if (!input) continue;
    if (input->position < 0 || input->position >= inputs)
      return fmt::format("position {} among {} inputs", input->position, inputs);
    if (!positions.insert(input->position).second)
      return fmt::format("two inputs at position {}", input->position);
  }
  return std::nullopt;
}

Reason check_leaf_names(const Graph& graph, Names& names) {
  for (const Node& node : graph.nodes()) {
    if (!is_named(node.op)) continue;
    const std::string_view name = leaf_name(node);
    if (name.empty()) return fmt::format("{} has no name", to_string(node.op));
    if (!names.insert(name).second) return fmt::format("two leaves are called '{}'", name);
  }
  return std::nullopt;
}

bool overlap(const Piece& a, const Piece& b) {
  for (std::size_t d = 0; d < a.begin.size(); ++d)
    if (a.begin[d] >= b.begin[d] + b.size[d] || b.begin[d] >= a.begin[d] + a.size[d]) return false;
  return true;
}

Reason check_pieces_of(std::string_view whole, const std::vector<const WeightAttributes*>& pieces) {
  if (pieces.size() > most_pieces)
    return fmt::format("'{}' is in more than {} pieces", whole, most_pieces);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i]->piece.whole != pieces[0]->piece.whole ||
        pieces[i]->initializer != pieces[0]->initializer)
      return fmt::format("the pieces of '{}' do not agree on it", whole);
    for (std::size_t k = 0; k < i; ++k)
      if (overlap(pieces[i]->piece, pieces[k]->piece))
        return fmt::format("two pieces of '{}' overlap", whole);
  }
  return std::nullopt;
}

Reason check_pieces(const Graph& graph, const Names& names) {
  std::map<std::string_view, std::vector<const WeightAttributes*>> by_whole;
  for (const Node& node : graph.nodes()) {
    const auto* weight = std::get_if<WeightAttributes>(&node.attributes);
    if (weight && !weight->piece.of.empty()) by_whole[weight->piece.of].push_back(weight);
  }
  for (const auto& [whole, pieces] : by_whole) {
    if (names.contains(whole))
      return fmt::format("'{}' is a leaf, and a weight that others are pieces of", whole);
    if (Reason why = check_pieces_of(whole, pieces)) return why;
  }
  return std::nullopt;
}

// A part is no leaf itself, nor part of two joints.
Reason check_joints(const Graph& graph, const Names& names) {
  Names joined;
  for (const Node& node : graph.nodes()) {
    const Joint* joint = joint_of(node);
    if (!joint) continue;
    for (const Joint::Part& part : joint->parts)
      if (names.contains(part.name) || !joined.insert(part.name).second)
        return fmt::format("'{}' is part of '{}', and more than that", part.name, leaf_name(node));
  }
  return std::nullopt;
}

// The steps that an input has, or why it has none.
std::optional<std::int64_t> steps_of(const Graph& graph, std::string_view input) {
  for (const Node& node : graph.nodes()) {
    if (node.op != Op::input || leaf_name(node) != input) continue;
    const Shape& shape = node.types[0].shape;
    return shape.is_batched() && shape.rank() > 1 ? std::optional(shape.dims[1]) : std::nullopt;
  }
  return std::nullopt;
}

// Parts of one input stand together, step 0 first and every step there.
Reason check_parts(const Graph& graph, Names& names) {
  Names cut;
  const auto& parts = graph.parts;
  for (std::size_t i = 0; i < parts.size();) {
    const std::string& whole = parts[i].of;
    const auto steps = steps_of(graph, whole);
    if (!steps) return fmt::format("'{}' is no input that has parts", whole);
    if (!cut.insert(whole).second) return fmt::format("the parts of '{}' stand apart", whole);
    std::int64_t step = 0;
    for (; i < parts.size() && parts[i].of == whole; ++i, ++step) {
      if (parts[i].step != step)
        return fmt::format("part '{}' is step {} of '{}', not {}", parts[i].name, parts[i].step,
                           whole, step);
      if (parts[i].name.empty() || !names.insert(parts[i].name).second)
        return fmt::format("a part of '{}' cannot be called '{}'", whole, parts[i].name);
    }
    if (step != *steps) return fmt::format("'{}' has {} parts for {} steps", whole, step, *steps);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> why_no_piece(const Piece& piece, const Shape& shape) {
  if (piece.of.empty())
    return piece == Piece{} ? std::nullopt : Reason("it is a piece of a weight without a name");
  if (auto why = why_invalid(piece.whole)) return why;
  const std::size_t rank = piece.whole.rank();
  if (piece.whole.is_batched() || piece.begin.size() != rank || piece.size.size() != rank)
    return fmt::format("it is no box of '{}'", piece.of);
  std::size_t kept = 0;
  for (std::size_t d = 0; d < rank; ++d) {
    const std::int64_t extent = piece.whole.dims[d], begin = piece.begin[d], size = piece.size[d];
    if (begin < 0 || begin >= extent || size < 1 || size > extent - begin)
      return fmt::format("{} from {} is not inside {} of '{}'", size, begin, extent, piece.of);
    const bool is_next = kept < shape.rank() && shape.dims[kept] == size;
    if (is_next)
      ++kept;
    else if (size != 1)
      return fmt::format("{} is not the box of '{}'", to_string(shape), piece.of);
  }
  if (kept == shape.rank()) return std::nullopt;
  return fmt::format("{} is not the box of '{}'", to_string(shape), piece.of);
}

std::optional<std::string> why_no_joint(const Joint& joint, const Shape& shape) {
  if (joint.parts.empty()) return std::nullopt;
  if (joint.axis < 0 || joint.axis >= static_cast<std::int64_t>(shape.rank()))
    return fmt::format("it has no dimension {} to join along", joint.axis);
  const std::int64_t extent = shape.dims[static_cast<std::size_t>(joint.axis)];
  std::int64_t total = 0;
  for (const Joint::Part& part : joint.parts) {
    if (part.size < 1 || part.size > extent - total)
      return fmt::format("its parts are not {} together", extent);
    total += part.size;
  }
  return total == extent ? std::nullopt
                         : Reason(fmt::format("its parts are {} of {}", total, extent));
}

std::optional<std::string> why_misnamed(const Graph& graph) {
  Names names;
  if (Reason why = check_positions(graph)) return why;
  if (Reason why = check_leaf_names(graph, names)) return why;
  if (Reason why = check_pieces(graph, names)) return why;
  if (Reason why = check_joints(graph, names)) return why;
  return check_parts(graph, names);
}

}  // namespace coil

#include "compiler/graph/colours.hpp"

#include <algorithm>
#include <unordered_set>

#include "compiler/graph/digest.hpp"
#include "compiler/graph/op_traits.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil {
namespace {

// Rounds of refinement: the depth of any graph that was rolled, less for huge ones.
constexpr std::size_t most_rounds = 256;
constexpr std::size_t most_visits = 5'000'000;

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t x = a * 0x9e3779b97f4a7c15u ^ (b + 0x7f4a7c159e3779b9u);
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93u;
  return x ^ (x >> 29);
}

std::uint64_t label_of(const Node& node) {
  Digest digest;
  digest.add(static_cast<std::uint64_t>(node.op));
  for (const Type& type : node.types) digest_type(digest, type);
  // The place of an input among a body's is no part of what it is; that of a model's input is.
  digest_attributes(digest, node.attributes, NamesIn::nothing);
  return digest.finish()[0];
}

std::size_t count_classes(const std::vector<std::uint64_t>& colours) {
  return std::unordered_set<std::uint64_t>(colours.begin(), colours.end()).size();
}

// The same of any size: the op, its ranks, and attributes that are no sizes.
std::uint64_t shape_of(const Node& node) {
  Digest digest;
  digest.add(static_cast<std::uint64_t>(node.op));
  for (const Type& type : node.types) {
    digest.add(static_cast<std::uint64_t>(type.element));
    digest.add(std::uint64_t{type.shape.rank()});
  }
  if (const auto* slice = std::get_if<SliceAttributes>(&node.attributes)) {
    digest.add(static_cast<std::uint64_t>(slice->axis));
    digest.add(std::uint64_t{slice->begin != 0});
  } else if (!std::holds_alternative<ShapeAttributes>(node.attributes) &&
             !std::holds_alternative<InputAttributes>(node.attributes) &&
             !std::holds_alternative<WeightAttributes>(node.attributes)) {
    digest_attributes(digest, node.attributes, NamesIn::nothing);
  } else if (const auto* input = std::get_if<InputAttributes>(&node.attributes)) {
    digest.add(static_cast<std::uint64_t>(input->position));
  }
  return digest.finish()[0];
}

}  // namespace

Colours::Colours(const Graph& graph) {
  add_points(graph);
  add_edges(graph);
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    const Edge at = resolve(graph, graph.outputs[i].value);
    mark(at.point, mix(at.tag, i + 1));
  }
  const auto named = output_leaves(graph);
  for (std::size_t i = 0; i < named.size(); ++i)
    if (named[i]) mark(first_.at(&graph) + *named[i], i + 1);
  std::vector<std::uint64_t> shapes, labels;
  for (const Point& point : points_) {
    shapes.push_back(point.shape);
    labels.push_back(point.label);
  }
  // Without a scan there is no trip count that an order could hang on.
  shapes_ = first_.size() > 1 ? refined(std::move(shapes)) : std::move(shapes);
  colours_ = refined(std::move(labels));
}

void Colours::mark(std::uint32_t point, std::uint64_t tag) {
  points_[point].label = mix(points_[point].label, tag);
  points_[point].shape = mix(points_[point].shape, tag);
}

std::pair<std::uint64_t, std::uint64_t> Colours::of(const Graph& graph, Value value) const {
  const Edge at = resolve(graph, value);
  return {mix(shapes_[at.point], at.tag), mix(colours_[at.point], at.tag)};
}

void Colours::add_points(const Graph& graph) {
  const bool is_new = first_.emplace(&graph, static_cast<std::uint32_t>(points_.size())).second;
  require(is_new, "two scans share a body, whose values would have two colours each");
  points_.resize(points_.size() + graph.size());
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (const auto* scan = std::get_if<ScanAttributes>(&node.attributes))
      add_points(*scan->body.graph);
    else
      points_[first_.at(&graph) + id] = {label_of(node), shape_of(node), {}, {}};
  }
}

// A result of a scan is what its body computes there.
Colours::Edge Colours::resolve(const Graph& graph, Value value) const {
  const auto* scan = std::get_if<ScanAttributes>(&graph.node(value.node).attributes);
  if (!scan) return {first_.at(&graph) + value.node, value.result};
  const Graph& body = *scan->body.graph;
  const Edge inside = resolve(body, body.outputs[value.result].value);
  const bool is_last = value.result < static_cast<std::size_t>(scan->carries);
  return {inside.point, mix(inside.tag, is_last ? 1 : 2)};
}

void Colours::link(std::uint32_t user, Edge operand, std::uint64_t tag) {
  points_[user].operands.push_back({operand.point, mix(operand.tag, tag)});
  points_[operand.point].users.push_back({user, mix(operand.tag, tag)});
}

void Colours::add_edges(const Graph& graph) {
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (node.op == Op::scan) {
      add_body_edges(graph, node);
      continue;
    }
    for (std::size_t i = 0; i < node.operands.size(); ++i)
      link(first_.at(&graph) + id, resolve(graph, node.operands[i]),
           is_commutative(node.op) ? 0 : i + 1);
  }
}

void Colours::add_body_edges(const Graph& graph, const Node& node) {
  const auto& scan = std::get<ScanAttributes>(node.attributes);
  const Graph& body = *scan.body.graph;
  for (const NodeId id : leaves(body, Op::input)) {
    const std::uint32_t point = first_.at(&body) + id;
    const auto position = std::get<InputAttributes>(body.node(id).attributes).position;
    const std::uint64_t role = position < scan.sequences                  ? 1
                               : position < scan.sequences + scan.carries ? 2
                                                                          : 3;
    Digest digest;
    digest.add(role);
    digest.add(std::uint64_t{scan.reverse});
    points_[point].shape = digest.finish()[0];
    digest.add(scan.steps);
    for (const Type& type : body.node(id).types) digest_type(digest, type);
    points_[point].label = digest.finish()[0];
    link(point, resolve(graph, node.operands[static_cast<std::size_t>(position)]), 1);
    if (role == 2)
      link(point,
           resolve(body, body.outputs[static_cast<std::size_t>(position - scan.sequences)].value),
           2);
  }
  add_edges(body);
}

std::vector<std::uint64_t> Colours::refined(std::vector<std::uint64_t> colours) const {
  std::size_t edges = points_.size();
  for (const Point& point : points_) edges += 2 * point.operands.size();
  const std::size_t rounds = std::clamp(most_visits / edges, std::size_t{4}, most_rounds);
  std::size_t classes = count_classes(colours);
  std::vector<std::uint64_t> next(points_.size()), around;
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t p = 0; p < points_.size(); ++p) {
      next[p] = mix(colours[p], 1);
      for (const auto* edges_of : {&points_[p].operands, &points_[p].users}) {
        around.clear();
        for (const Edge& edge : *edges_of) around.push_back(mix(colours[edge.point], edge.tag));
        std::ranges::sort(around);
        next[p] = mix(next[p], 2);
        for (const std::uint64_t colour : around) next[p] = mix(next[p], colour);
      }
    }
    colours.swap(next);
    const std::size_t now = count_classes(colours);
    if (now == classes) break;
    classes = now;
  }
  return colours;
}

}  // namespace coil

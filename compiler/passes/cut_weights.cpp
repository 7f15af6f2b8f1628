#include "compiler/passes/cut_weights.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>

#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/in_bodies.hpp"

namespace coil {
namespace {

// More parts than this of one weight are not looked at pair by pair.
constexpr std::size_t most_parts = 256;

// The part of a weight that a chain of slices is.
struct Box {
  NodeId weight = 0;
  std::vector<std::int64_t> begin, size;
  std::vector<std::size_t> kept;  // dimensions of the weight that the part still has
};

bool overlap(const Box& a, const Box& b) {
  for (std::size_t d = 0; d < a.begin.size(); ++d)
    if (a.begin[d] + a.size[d] <= b.begin[d] || b.begin[d] + b.size[d] <= a.begin[d]) return false;
  return true;
}
bool same(const Box& a, const Box& b) {
  return a.begin == b.begin && a.size == b.size && a.kept == b.kept;
}

std::optional<Box> narrowed(Box box, const SliceAttributes& slice) {
  const std::size_t dim = box.kept[static_cast<std::size_t>(slice.axis)];
  box.begin[dim] += slice.begin;
  box.size[dim] = slice.size;
  if (slice.drop) box.kept.erase(box.kept.begin() + slice.axis);
  return box;
}

class Cutter {
 public:
  explicit Cutter(const Graph& graph) : from_(graph), rewriter_(graph), boxes_(graph.size()) {
    find_boxes();
    find_parts();
  }

  Graph run() {
    for (NodeId id = 0; id < from_.size(); ++id) {
      if (is_cut(id) && is_part_[id])
        rewriter_.replace({id, 0}, piece(id));
      else if (!is_cut(id))
        rewriter_.keep(id);
    }
    return rewriter_.finish();
  }

 private:
  // Weights and the slices of them (a piece is cut no further).
  void find_boxes() {
    for (NodeId id = 0; id < from_.size(); ++id) {
      const Node& node = from_.node(id);
      if (const auto* weight = std::get_if<WeightAttributes>(&node.attributes)) {
        if (!weight->piece.of.empty()) continue;
        Box box{id,
                std::vector<std::int64_t>(node.types[0].shape.rank(), 0),
                node.types[0].shape.dims,
                {}};
        for (std::size_t d = 0; d < box.size.size(); ++d) box.kept.push_back(d);
        boxes_[id] = box;
      } else if (const auto* slice = std::get_if<SliceAttributes>(&node.attributes)) {
        const auto& whole = boxes_[node.operands[0].node];
        if (whole) boxes_[id] = narrowed(*whole, *slice);
      }
    }
  }

  // Those that something other than a slice uses.
  void find_parts() {
    is_part_.assign(from_.size(), false);
    for (const Node& node : from_.nodes())
      for (const Value operand : node.operands)
        if (boxes_[operand.node] && node.op != Op::slice) is_part_[operand.node] = true;
    for (const Output& output : from_.outputs)
      if (boxes_[output.value.node]) is_part_[output.value.node] = true;
    for (NodeId id = 0; id < from_.size(); ++id)
      if (boxes_[id] && is_part_[id]) parts_[boxes_[id]->weight].push_back(id);
    for (auto& [weight, parts] : parts_) cuttable_[weight] = are_apart(weight, parts);
  }

  bool are_apart(NodeId weight, const std::vector<NodeId>& parts) const {
    if (is_part_[weight] || parts.size() > most_parts) return false;
    for (std::size_t i = 0; i < parts.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) {
        const Box &a = *boxes_[parts[i]], &b = *boxes_[parts[j]];
        if (!same(a, b) && overlap(a, b)) return false;
      }
    return true;
  }

  // A node that the pieces make superfluous.
  bool is_cut(NodeId id) const {
    if (!boxes_[id]) return false;
    const auto found = cuttable_.find(boxes_[id]->weight);
    return found != cuttable_.end() && found->second;
  }

  Value piece(NodeId id) {
    const Box& box = *boxes_[id];
    const Node& whole = from_.node(box.weight);
    const auto& weight = std::get<WeightAttributes>(whole.attributes);
    std::vector<std::string> ranges;
    for (std::size_t d = 0; d < box.begin.size(); ++d)
      ranges.push_back(fmt::format("{}:{}", box.begin[d], box.begin[d] + box.size[d]));
    const std::string name = fmt::format("{}[{}]", weight.name.text, fmt::join(ranges, ", "));
    rewriter_.build().at(whole.place);
    return rewriter_.build().leaf(
        Op::weight,
        WeightAttributes{{name},
                         weight.initializer,
                         {weight.name.text, whole.types[0].shape, box.begin, box.size}},
        from_.node(id).types[0]);
  }

  const Graph& from_;
  Rewriter rewriter_;
  std::vector<std::optional<Box>> boxes_;
  std::vector<bool> is_part_;
  std::map<NodeId, std::vector<NodeId>> parts_;
  std::map<NodeId, bool> cuttable_;
};

}  // namespace

Graph cut_weights(const Graph& graph) { return Cutter(graph).run(); }

}  // namespace coil

#include "compiler/passes/roll.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "compiler/graph/op_traits.hpp"
#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/roll_align.hpp"
#include "compiler/passes/roll_build.hpp"
#include "compiler/passes/roll_find.hpp"
#include "compiler/passes/roll_remarks.hpp"

namespace coil {
namespace {

using namespace rolling;

// Scans made of one graph; each costs a copy of it.
constexpr int most_scans = 64;
// Pairs of values that are tried as the last two steps, and for each value how many others.
constexpr std::size_t most_attempts = 200'000;
constexpr std::size_t most_partners = 6;
// And how many before them are taken for what earlier steps left.
constexpr std::size_t most_earlier = 3;
// Nodes looked at between two values, to see whether one needs the other.
constexpr std::size_t most_between = 2'000;
// Carries of which any may be renewed for the step after.
constexpr std::size_t most_aligned = 6;

// Looks for one recurrence. Works on a copy of the graph that may grow by what is built to compare with.
class Search {
 public:
  Search(const Graph& graph, Explainer& explain)
      : copy_(graph), explain_(explain), signatures_(copy_.build().graph()) {
    for (NodeId id = 0; id < graph.size(); ++id) copy_.keep(id);
    size_ = static_cast<NodeId>(work().size());
    Graph& whole = copy_.build().graph();
    whole.name = graph.name;
    whole.layers = graph.layers;
    whole.parts = graph.parts;
    for (const Output& output : graph.outputs)
      whole.outputs.push_back({output.name, copy_.mapped(output.value), output.kind});
  }

  // The graph with one more scan, or nothing where there is none to find.
  std::optional<Graph> run() {
    if (auto rolled = roll_carried()) return rolled;
    return roll_collected();
  }

 private:
  const Graph& work() { return copy_.build().graph(); }

  bool can_be_left(NodeId id) {
    const Node& node = work().node(id);
    return node.types.size() == 1 && !is_leaf(node) && node.op != Op::slice &&
           node.op != Op::concat && node.types[0].shape.is_batched();
  }

  // Whether the earlier node is among those that the later one is computed from: what a step leaves is used
  // in the next. A quick no; nodes stand behind their operands.
  bool may_need(NodeId later, NodeId earlier) {
    std::vector<NodeId> open{later};
    std::unordered_set<NodeId> seen;
    while (!open.empty() && seen.size() < most_between) {
      const NodeId id = open.back();
      open.pop_back();
      if (id == earlier) return true;
      for (const Value operand : work().node(id).operands)
        if (operand.node >= earlier && seen.insert(operand.node).second)
          open.push_back(operand.node);
    }
    return !open.empty();
  }

  // Values that look alike may be what two steps left: the latest one first.
  std::optional<Graph> roll_carried() {
    std::map<std::uint64_t, std::vector<NodeId>> alike;
    for (NodeId id = 0; id < size_; ++id)
      if (can_be_left(id)) alike[signatures_.near({id, 0})].push_back(id);
    for (NodeId id = size_; id-- > 0;) {
      if (!can_be_left(id)) continue;
      const std::vector<NodeId>& group = alike.at(signatures_.near({id, 0}));
      const auto at = std::ranges::lower_bound(group, id) - group.begin();
      for (std::size_t k = 1; k <= most_partners && k <= static_cast<std::size_t>(at); ++k) {
        const NodeId before = group[static_cast<std::size_t>(at) - k];
        if (!may_need(id, before)) continue;
        if (attempts_++ > most_attempts) return std::nullopt;
        Seed seed{{id, 0}, {before, 0}, {}, {}};
        for (std::size_t i = k + 1; i <= k + most_earlier && i <= static_cast<std::size_t>(at); ++i)
          seed.earlier.push_back({group[static_cast<std::size_t>(at) - i], 0});
        if (auto rolled = attempt(seed, 2)) return rolled;
      }
    }
    return std::nullopt;
  }

  // Whole rows only.
  std::optional<Graph> roll_collected() {
    for (NodeId id = 0; id < size_; ++id) {
      const auto* concat = std::get_if<ConcatAttributes>(&work().node(id).attributes);
      if (!concat || !concat->stack || concat->axis != 1) continue;
      const std::vector<Value> row = work().node(id).operands;
      if (row.size() < 2 || !work().type(row[0]).shape.is_batched()) continue;
      const Seed seed{row[row.size() - 1], row[row.size() - 2], row, {}};
      if (auto rolled = attempt(seed, row.size())) return rolled;
    }
    return std::nullopt;
  }

  std::optional<Graph> attempt(const Seed& seed, std::size_t least_steps) {
    if (seed.last == seed.before) return std::nullopt;
    std::optional<Mismatch> mismatch;
    auto pattern = anti_unify(work(), signatures_, seed, mismatch);
    if (!pattern) {
      if (mismatch) explain_.parted(work(), seed, *mismatch);
      return std::nullopt;
    }
    Simplifier simplify(copy_.build());
    Recurrence found = extend(simplify, signatures_, std::move(*pattern), seed, size_);
    align(simplify, seed, found);
    if (found.steps.size() < least_steps) return std::nullopt;
    auto rolled = build_scan(work(), size_, found);
    if (rolled) explain_.rolled(work(), size_, found);
    return rolled;
  }

  // Whether a recurrence goes back to where nothing of its kind can come before.
  bool begins_at_leaves(const Recurrence& found) {
    return std::ranges::all_of(found.first_values, [&](const std::optional<Value>& value) {
      return !value || is_leaf(work().node(value->node));
    });
  }

  // Sees carries as renewed for the step after, where more steps are alike then.
  void align(Simplifier& simplify, const Seed& seed, Recurrence& found) {
    const std::size_t carries = found.pattern.ins.size();
    if (carries < 2 || carries > most_aligned || begins_at_leaves(found)) return;
    const Recurrence first = found;
    for (std::size_t mask = 1; mask < std::size_t{1} << carries; ++mask) {
      std::vector<bool> late(carries);
      for (std::size_t c = 0; c < carries; ++c) late[c] = (mask >> c & 1) != 0;
      auto pattern = renew_late(simplify, first, late);
      if (!pattern || !leaves(*pattern, seed)) continue;
      Recurrence other = extend(simplify, signatures_, std::move(*pattern), seed, size_);
      if (other.steps.size() > found.steps.size()) found = std::move(other);
    }
  }

  // Whether the last step still is the one that the search began with.
  static bool leaves(const Pattern& pattern, const Seed& seed) {
    return !seed.collected.empty() || std::ranges::count(pattern.outs, seed.last) > 0;
  }

  Rewriter copy_;
  Explainer& explain_;
  Signatures signatures_;
  NodeId size_ = 0;
  std::size_t attempts_ = 0;
};

}  // namespace

Graph roll(const Graph& graph, Remarks& remarks) {
  Explainer explain(remarks);
  std::optional<Graph> rolled;
  for (int i = 0; i < most_scans; ++i) {
    auto further = Search(rolled ? *rolled : graph, explain).run();
    if (!further) break;
    rolled = std::move(further);
  }
  explain.finish();
  return rolled ? std::move(*rolled) : graph;
}

}  // namespace coil

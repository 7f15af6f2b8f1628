#include "compiler/passes/roll_relate.hpp"

#include <algorithm>

#include "compiler/graph/digest.hpp"
#include "compiler/graph/op_traits.hpp"

namespace coil::rolling {
namespace {

// Deeper than any step; keeps hopeless attempts from walking down whole texts.
constexpr std::size_t deepest = 600;

void add_attributes(Digest& digest, const Node& node) {
  if (const auto* slice = std::get_if<SliceAttributes>(&node.attributes)) {
    SliceAttributes anywhere = *slice;
    if (slice->drop) anywhere.begin = 0;
    return digest_attributes(digest, anywhere, NamesIn::nothing);
  }
  const bool is_weight = node.op == Op::weight || node.op == Op::state;
  digest_attributes(digest, node.attributes, is_weight ? NamesIn::digest : NamesIn::nothing);
}

std::vector<Value> without(std::vector<Value> values, std::size_t i) {
  values.erase(values.begin() + static_cast<std::ptrdiff_t>(i));
  return values;
}

}  // namespace

std::uint64_t Signatures::shallow(NodeId id) const {
  const Node& node = graph_.node(id);
  Digest digest;
  digest.add(static_cast<std::uint64_t>(node.op));
  add_attributes(digest, node);
  for (const Type& type : node.types) digest_type(digest, type);
  if (is_commutative(node.op)) return digest.finish()[0] | 1;
  for (const Value operand : node.operands) {
    const bool is_fixed = graph_.node(operand.node).op == Op::weight;
    digest.add(is_fixed ? std::uint64_t{operand.node} + 1 : std::uint64_t{0});
  }
  return digest.finish()[0] | 1;
}

std::uint64_t Signatures::of(Value value) { return deep(value, 0); }

std::uint64_t Signatures::deep(Value value, std::size_t level) {
  std::vector<std::uint64_t>& known = known_[level];
  if (known.size() < graph_.size()) known.resize(graph_.size(), 0);
  if (known[value.node] != 0) return known[value.node] + value.result;
  std::uint64_t found = 0;
  if (level == 0) {
    found = shallow(value.node);
  } else {
    const Node& node = graph_.node(value.node);
    std::vector<std::uint64_t> operands;
    for (const Value operand : node.operands) operands.push_back(deep(operand, level - 1));
    if (is_commutative(node.op)) std::ranges::sort(operands);
    Digest digest;
    digest.add(deep({value.node, 0}, 0));
    for (const std::uint64_t operand : operands) digest.add(operand);
    found = digest.finish()[0] | 1;
  }
  known_[level][value.node] = found;
  return found + value.result;
}

void Relation::bind(Value a, Value b) {
  related_.emplace(a, b);
  trail_.push_back(a);
}

void Relation::blame(Value a, Value b) {
  if (!mismatch_ || related_.size() > mismatch_->progress)
    mismatch_ = Mismatch{a, b, related_.size()};
}

void Relation::roll_back(std::size_t mark) {
  while (trail_.size() > mark) {
    unbind(trail_.back(), related_.at(trail_.back()));
    related_.erase(trail_.back());
    trail_.pop_back();
  }
}

bool Relation::relate(Value a, Value b) {
  if (budget_ == 0 || depth_ > deepest) return false;
  --budget_;
  const std::size_t mark = trail_.size();
  const Verdict verdict = judge(a, b);
  if (verdict != Verdict::look_below) return verdict == Verdict::yes;
  if (signatures_.of(a) != signatures_.of(b) || are_parts_apart(a, b)) {
    blame(a, b);
    roll_back(mark);
    return false;
  }
  ++depth_;
  const bool alike = relate_operands(graph_.node(a.node), graph_.node(b.node));
  --depth_;
  if (!alike) roll_back(mark);
  return alike;
}

// Slices at two places: signatures do not tell them apart, since they may be elements of one sequence.
bool Relation::are_parts_apart(Value a, Value b) const {
  const Node &x = graph_.node(a.node), &y = graph_.node(b.node);
  return x.op == Op::slice && x.attributes != y.attributes;
}

bool Relation::relate_operands(const Node& a, const Node& b) {
  if (is_commutative(a.op)) return relate_groups(a.op, a.operands, b.operands);
  if (a.operands.size() != b.operands.size()) return false;
  for (std::size_t i = 0; i < a.operands.size(); ++i)
    if (!relate(a.operands[i], b.operands[i])) return false;
  return true;
}

// Operands of sums and products in any order and any grouping: (p + q) + r against q + (r + p).
bool Relation::relate_groups(Op op, std::vector<Value> a, std::vector<Value> b) {
  if (a.empty() && b.empty()) return true;
  if (a.empty() || b.empty() || budget_ == 0) return false;
  const std::size_t mark = trail_.size();
  if (relate_first(op, a, b)) return true;
  roll_back(mark);
  return expand_one(op, a, b);
}

// The first operand of a with each of b: first with itself, then with those that look like it.
bool Relation::relate_first(Op op, const std::vector<Value>& a, const std::vector<Value>& b) {
  const auto rank = [&](Value candidate) {
    if (candidate == a[0]) return 0;
    return signatures_.deep(candidate) == signatures_.deep(a[0]) ? 1 : 2;
  };
  for (int wanted = 0; wanted <= 2; ++wanted)
    for (std::size_t i = 0; i < b.size(); ++i) {
      if (rank(b[i]) != wanted) continue;
      const std::size_t mark = trail_.size();
      if (relate(a[0], b[i]) && relate_groups(op, without(a, 0), without(b, i))) return true;
      roll_back(mark);
    }
  return false;
}

// Opens one inner sum (or product), of a's first operand or of some operand of b.
bool Relation::expand_one(Op op, const std::vector<Value>& a, const std::vector<Value>& b) {
  const auto opened = [&](const std::vector<Value>& values, std::size_t i) {
    std::vector<Value> inner = graph_.node(values[i].node).operands;
    const std::vector<Value> rest = without(values, i);
    inner.insert(inner.end(), rest.begin(), rest.end());
    return inner;
  };
  const std::size_t mark = trail_.size();
  if (graph_.node(a[0].node).op == op && relate_groups(op, opened(a, 0), b)) return true;
  roll_back(mark);
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (graph_.node(b[i].node).op != op) continue;
    if (relate_groups(op, a, opened(b, i))) return true;
    roll_back(mark);
  }
  return false;
}

}  // namespace coil::rolling

#include "compiler/compare/align.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace coil::comparing {
namespace {

// Bounds on how far a search looks: what lies deeper says little.
constexpr std::size_t most_seen = 300;
constexpr std::size_t most_rest = 16;
constexpr double least_alike = 0.3;

// An item and what it is computed from, nearest first.
std::vector<ItemId> below(const View& view, ItemId root) {
  std::vector<ItemId> found = {root};
  std::set<ItemId> seen = {root};
  for (std::size_t next = 0; next < found.size(); ++next)
    for (const ItemId operand : view.item(found[next]).operands)
      if (found.size() < most_seen && seen.insert(operand).second) found.push_back(operand);
  return found;
}

std::map<std::uint64_t, std::size_t> prints_below(const View& view, ItemId root) {
  std::map<std::uint64_t, std::size_t> counts;
  for (const ItemId id : below(view, root)) ++counts[view.item(id).print];
  return counts;
}

bool same_op(const Item& a, const Item& b) {
  return a.kind == b.kind && (a.kind != Kind::op || a.op() == b.op());
}

// From 0, nothing in common, to 1: the share of equal prints, and a little for the same op.
double likeness(const View& a, ItemId of_a, const View& b, ItemId of_b) {
  const auto in_a = prints_below(a, of_a), in_b = prints_below(b, of_b);
  std::size_t common = 0, total = 0;
  for (const auto& [print, count] : in_a) {
    total += count;
    const auto other = in_b.find(print);
    if (other != in_b.end()) common += std::min(count, other->second);
  }
  for (const auto& [print, count] : in_b) total += count;
  const double share = 2.0 * static_cast<double>(common) / static_cast<double>(total);
  return same_op(a.item(of_a), b.item(of_b)) ? 0.4 + 0.6 * share : 0.6 * share;
}

bool proves_nothing(const Item& item) { return item.is(Op::weight) || item.is(Op::constant); }

// Takes equal prints out of both lists.
void pair_equal(const View& a, const View& b, Aligned& aligned) {
  std::map<std::uint64_t, std::vector<ItemId>> waiting;
  for (const ItemId id : aligned.only_b) waiting[b.item(id).print].push_back(id);
  for (auto& [print, ids] : waiting) std::ranges::reverse(ids);
  std::vector<ItemId> rest_a;
  for (const ItemId id : aligned.only_a) {
    auto& candidates = waiting[a.item(id).print];
    if (candidates.empty()) {
      rest_a.push_back(id);
    } else {
      aligned.pairs.push_back({id, candidates.back()});
      candidates.pop_back();
    }
  }
  std::vector<ItemId> rest_b;
  for (const ItemId id : aligned.only_b) {
    auto& left = waiting[b.item(id).print];
    if (left.empty() || left.back() != id) continue;
    rest_b.push_back(id);
    left.pop_back();
  }
  aligned.only_a = std::move(rest_a);
  aligned.only_b = std::move(rest_b);
}

struct Candidate {
  double alike;
  Pair pair;
};

std::vector<Candidate> candidates(const View& a, const View& b, const Aligned& aligned) {
  std::vector<Candidate> found;
  if (aligned.only_a.size() > most_rest || aligned.only_b.size() > most_rest) return found;
  for (const ItemId x : aligned.only_a)
    for (const ItemId y : aligned.only_b)
      if (const double alike = likeness(a, x, b, y); alike >= least_alike)
        found.push_back({alike, {x, y}});
  std::ranges::stable_sort(found, std::ranges::greater{}, &Candidate::alike);
  return found;
}

void pair_alike(const View& a, const View& b, Aligned& aligned) {
  for (const Candidate& candidate : candidates(a, b, aligned)) {
    const auto at_a = std::ranges::find(aligned.only_a, candidate.pair.a);
    const auto at_b = std::ranges::find(aligned.only_b, candidate.pair.b);
    if (at_a == aligned.only_a.end() || at_b == aligned.only_b.end()) continue;
    aligned.pairs.push_back(candidate.pair);
    aligned.only_a.erase(at_a);
    aligned.only_b.erase(at_b);
  }
}

}  // namespace

Aligned align(const View& a, std::span<const ItemId> of_a, const View& b,
              std::span<const ItemId> of_b) {
  Aligned aligned;
  aligned.only_a.assign(of_a.begin(), of_a.end());
  aligned.only_b.assign(of_b.begin(), of_b.end());
  pair_equal(a, b, aligned);
  pair_alike(a, b, aligned);
  // In the order of the first graph, which is the order of use.
  std::map<ItemId, std::size_t> places;
  for (std::size_t i = 0; i < of_a.size(); ++i) places.emplace(of_a[i], i);
  std::ranges::stable_sort(aligned.pairs, {}, [&](const Pair& pair) { return places[pair.a]; });
  return aligned;
}

std::optional<ItemId> find_equal_inside(const View& view, ItemId whole, const View& other,
                                        ItemId part) {
  const Item& wanted = other.item(part);
  if (proves_nothing(wanted)) return std::nullopt;
  for (const ItemId id : below(view, whole))
    if (id != whole && view.item(id).print == wanted.print) return id;
  return std::nullopt;
}

std::optional<ItemId> find_alike_inside(const View& view, ItemId whole, const View& other,
                                        ItemId part) {
  const Item& wanted = other.item(part);
  if (proves_nothing(wanted)) return std::nullopt;
  const auto inside = below(view, whole);
  std::optional<ItemId> best;
  double most = std::max(0.5, likeness(view, whole, other, part));
  for (std::size_t i = 1; i < std::min<std::size_t>(inside.size(), most_rest); ++i) {
    if (!same_op(view.item(inside[i]), wanted)) continue;
    const double alike = likeness(view, inside[i], other, part);
    if (alike > most) most = alike, best = inside[i];
  }
  return best;
}

}  // namespace coil::comparing

#include "compiler/passes/roll_difference.hpp"

#include <algorithm>
#include <set>

#include "compiler/graph/op_traits.hpp"

namespace coil::rolling {
namespace {

// Pairs of nodes looked at, trials within trials among them.
constexpr std::size_t most_pairs = 500;

class Comparison {
 public:
  Comparison(const Graph& graph, const Pattern& pattern, const ValueSet& body, std::size_t& pairs,
             std::size_t most)
      : graph_(graph), pattern_(pattern), body_(body), pairs_(pairs), most_(most) {}

  StepComparison run(Value out, Value other) {
    compare(out, other);
    return found_;
  }

 private:
  bool is_enough() { return found_.differences.size() > most_ || ++pairs_ > most_pairs; }

  void differ(std::optional<Value> expected, std::optional<Value> found) {
    found_.differences.push_back({expected, found});
  }

  bool fits_hole(Value hole, Value other) const {
    const bool is_element = std::ranges::find(pattern_.elements, hole) != pattern_.elements.end();
    if (is_element) return as_element(graph_, other) && graph_.type(hole) == graph_.type(other);
    const Type &carried = graph_.type(hole), &given = graph_.type(other);
    return carried.element == given.element && broadcasts_to(given.shape, carried.shape);
  }

  void compare(Value a, Value b) {
    if (is_enough() || !seen_.insert({a, b}).second) return;
    if (pattern_.is_hole(a)) return fits_hole(a, b) ? void(++found_.alike) : differ(a, b);
    if (!body_.contains(a)) return a == b ? void() : differ(a, b);
    const Node &x = graph_.node(a.node), &y = graph_.node(b.node);
    const bool is_alike = x.op == y.op && x.attributes == y.attributes && x.types == y.types;
    if (!is_alike) {
      differ(a, b);
      // An activation for another: what is below it counts too.
      if (x.operands.size() == 1 && y.operands.size() == 1) compare(x.operands[0], y.operands[0]);
      return;
    }
    ++found_.alike;
    if (is_commutative(x.op)) return compare_terms(terms(a, x.op), terms(b, x.op));
    for (std::size_t i = 0; i < x.operands.size() && i < y.operands.size(); ++i)
      compare(x.operands[i], y.operands[i]);
  }

  std::vector<Value> terms(Value sum, Op op) const {
    std::vector<Value> all;
    for (const Value operand : graph_.node(sum.node).operands) {
      if (graph_.node(operand.node).op != op || all.size() > 64) {
        all.push_back(operand);
        continue;
      }
      const std::vector<Value> inner = terms(operand, op);
      all.insert(all.end(), inner.begin(), inner.end());
    }
    return all;
  }

  // Those that have their like go, then those that almost have it; holes, which fit most, take what is left.
  void compare_terms(std::vector<Value> a, std::vector<Value> b) {
    for (const std::size_t most : {std::size_t{0}, std::size_t{1}}) pair_up(a, b, most);
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
      if (i < a.size() && i < b.size())
        compare(a[i], b[i]);
      else
        differ(i < a.size() ? std::optional(a[i]) : std::nullopt,
               i < b.size() ? std::optional(b[i]) : std::nullopt);
    }
  }

  void pair_up(std::vector<Value>& a, std::vector<Value>& b, std::size_t most) {
    for (auto x = a.begin(); x != a.end();) {
      const auto y = pattern_.is_hole(*x) ? b.end() : std::ranges::find_if(b, [&](Value term) {
        return differ_at_most(*x, term, most);
      });
      if (y == b.end()) {
        ++x;
        continue;
      }
      compare(*x, *y);
      x = a.erase(x);
      b.erase(y);
    }
  }

  bool differ_at_most(Value a, Value b, std::size_t most) const {
    if (most > 0 && graph_.node(a.node).op != graph_.node(b.node).op) return false;
    Comparison trial(graph_, pattern_, body_, pairs_, most);
    trial.compare(a, b);
    return trial.found_.differences.size() <= most && trial.pairs_ < most_pairs;
  }

  const Graph& graph_;
  const Pattern& pattern_;
  const ValueSet& body_;
  std::size_t& pairs_;
  std::size_t most_;
  std::set<std::pair<Value, Value>> seen_;
  StepComparison found_;
};

}  // namespace

StepComparison compare_step(const Graph& graph, const Pattern& pattern, Value out, Value other,
                            std::size_t most) {
  const ValueSet body(pattern.body.begin(), pattern.body.end());
  std::size_t pairs = 0;
  StepComparison compared = Comparison(graph, pattern, body, pairs, most).run(out, other);
  if (pairs > most_pairs) compared.alike = 0;  // given up: nothing is known
  return compared;
}

}  // namespace coil::rolling

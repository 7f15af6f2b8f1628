// What differs at one pair of items.

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/compare/describe.hpp"
#include "compiler/compare/walk.hpp"
#include "compiler/compare/words.hpp"
#include "compiler/graph/op_record.hpp"

namespace coil::comparing {
namespace {

// "begin is 3 in A, 4 in B", field by field.
struct FieldTexts {
  std::vector<std::pair<std::string, std::string>>& texts;

  void operator()(const char*, const Name&) const {}
  void operator()(const char*, const Initializer&) const {}
  void operator()(const char*, const Piece&) const {}
  void operator()(const char*, const Joint&) const {}
  void operator()(const char*, const Body&) const {}
  void operator()(const char*, const Shape&) const {}  // told by types
  void operator()(const char* key, Activation f) const { texts.emplace_back(key, to_string(f)); }
  void operator()(const char* key, RecurrentCell c) const { texts.emplace_back(key, to_string(c)); }
  void operator()(const char* key, bool flag) const {
    texts.emplace_back(key, flag ? "true" : "false");
  }
  void operator()(const char* key, auto number) const {
    texts.emplace_back(key, fmt::format("{}", number));
  }
};

std::string differing_attributes(const Node& a, const Node& b) {
  std::vector<std::pair<std::string, std::string>> of_a, of_b;
  std::visit([&](const auto& x) { x.fields(x, FieldTexts{of_a}); }, a.attributes);
  std::visit([&](const auto& x) { x.fields(x, FieldTexts{of_b}); }, b.attributes);
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < std::min(of_a.size(), of_b.size()); ++i)
    if (of_a[i] != of_b[i])
      parts.push_back(
          fmt::format("{} {} in A, {} in B", of_a[i].first, of_a[i].second, of_b[i].second));
  if (parts.empty()) return "";
  return fmt::format("{} with {}", to_string(a.op), fmt::join(parts, "; "));
}

std::vector<Pair> in_order(const Item& a, const Item& b) {
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < std::min(a.operands.size(), b.operands.size()); ++i)
    pairs.push_back({a.operands[i], b.operands[i]});
  return pairs;
}

bool is_of_scan(Kind kind) { return kind == Kind::last || kind == Kind::yielded; }

bool is_chain(Kind kind) { return kind == Kind::sum || kind == Kind::product; }

// Whether `part` is written like one of the terms of `chain`.
bool is_term(const View& view, ItemId chain, const View& other, ItemId part) {
  const Item& whole = view.item(chain);
  const auto is_part = [&](ItemId term) { return view.item(term).print == other.item(part).print; };
  return is_chain(whole.kind) && std::ranges::any_of(whole.operands, is_part);
}

std::string listed(const View& view, const std::vector<ItemId>& ids) {
  std::vector<std::string> texts;
  for (const ItemId id : ids) texts.push_back(describe_briefly(view, id));
  return fmt::format("{}", fmt::join(texts, " and "));
}

std::string verb(Kind kind) { return kind == Kind::sum ? "adds" : "multiplies by"; }

}  // namespace

Walk::Finding Walk::inspect(const Frame& frame) {
  const Item& x = a_.item(frame.pair.a);
  const Item& y = b_.item(frame.pair.b);
  if (x.kind == y.kind && is_chain(x.kind)) return terms(frame.pair);
  if (x.kind != y.kind || (x.kind == Kind::op && x.op() != y.op())) return other_ops(frame.pair);
  switch (x.kind) {
    case Kind::scan:
      return scan(frame.pair);
    case Kind::carry:
      return carried(frame.pair);
    case Kind::last:
      return last(frame.pair);
    case Kind::yielded:
      return yielded(frame.pair);
    case Kind::op:
    case Kind::sum:
    case Kind::product:
      break;
  }
  return x.is_leaf() ? leaf(frame) : operation(frame);
}

// Different ops: one of the two has something around what the other has; or they are just different.
Walk::Finding Walk::other_ops(const Pair& pair) {
  const Item& x = a_.item(pair.a);
  const Item& y = b_.item(pair.b);
  one_sided_ |= is_of_scan(x.kind) != is_of_scan(y.kind);
  if (is_of_scan(x.kind) && is_of_scan(y.kind))
    return {{{x.operands[0], y.operands[0]}},
            x.kind == Kind::last ? "A takes what the last step leaves, B what each step gives"
                                 : "A takes what each step gives, B what the last step leaves",
            false};
  const bool has_terms = is_chain(x.kind) || is_chain(y.kind);
  if (has_terms && (is_term(a_, pair.a, b_, pair.b) || is_term(b_, pair.b, a_, pair.a)))
    return terms(pair);
  if (auto around = wrapped(pair, find_equal_inside)) return *around;
  if (Finding as_terms = has_terms ? terms(pair) : Finding{}; !as_terms.inside.empty())
    return as_terms;
  if (auto around = wrapped(pair, find_alike_inside)) return *around;
  if (x.kind == Kind::op && y.kind == Kind::op && x.operands.size() == y.operands.size() &&
      !x.is_leaf())
    return {in_order(x, y),
            fmt::format("A applies {} where B applies {}", to_string(x.op()), to_string(y.op())),
            false};
  if (is_chain(x.kind) && is_chain(y.kind)) {
    const Aligned aligned = align(a_, x.operands, b_, y.operands);
    return {aligned.pairs,
            fmt::format("A {} where B {}", x.kind == Kind::sum ? "adds" : "multiplies",
                        y.kind == Kind::sum ? "adds" : "multiplies"),
            false};
  }
  return {{}, fmt::format("A has {} where B has {}", call(a_, pair.a), call(b_, pair.b)), false};
}

// Where one side computes something from what the other side takes as it is.
std::optional<Walk::Finding> Walk::wrapped(const Pair& pair, FindInside find) const {
  if (const auto inner = find(a_, pair.a, b_, pair.b))
    return Finding{{{*inner, pair.b}},
                   fmt::format("A computes {} where B uses {} itself", describe_briefly(a_, pair.a),
                               describe(b_, pair.b, 2)),
                   false};
  if (const auto inner = find(b_, pair.b, a_, pair.a))
    return Finding{{{pair.a, *inner}},
                   fmt::format("A uses {} itself where B computes {}", describe(a_, pair.a, 2),
                               describe_briefly(b_, pair.b)),
                   false};
  return std::nullopt;
}

// Sums or products; where one side is none, it stands as its only term.
Walk::Finding Walk::terms(const Pair& pair) {
  const Item& x = a_.item(pair.a);
  const Item& y = b_.item(pair.b);
  const Kind kind = is_chain(x.kind) ? x.kind : y.kind;
  const auto operands = [&](const Item& item, ItemId id) {
    return item.kind == kind ? item.operands : std::vector<ItemId>{id};
  };
  const Aligned aligned = align(a_, operands(x, pair.a), b_, operands(y, pair.b));
  Finding finding{aligned.pairs, "", false};
  // What is computed comes before the bias that is added to it, as it was written.
  std::stable_partition(finding.inside.begin(), finding.inside.end(),
                        [&](const Pair& term) { return !a_.item(term.a).is_leaf(); });
  const std::string only_a = listed(a_, aligned.only_a), only_b = listed(b_, aligned.only_b);
  if (!only_a.empty() && !only_b.empty())
    finding.message = fmt::format("A {0} {1} where B {0} {2}", verb(kind), only_a, only_b);
  else if (!only_a.empty())
    finding.message = fmt::format("A {} {}, and B does not", verb(kind), only_a);
  else if (!only_b.empty())
    finding.message = fmt::format("B {} {}, and A does not", verb(kind), only_b);
  return finding;
}

Walk::Finding Walk::operation(const Frame& frame) {
  const Item& x = a_.item(frame.pair.a);
  const Item& y = b_.item(frame.pair.b);
  Finding finding{in_order(x, y), differing_attributes(*x.node, *y.node), false};
  if (x.operands.size() != y.operands.size())
    finding.message =
        fmt::format("{} of {} in A, of {} in B", to_string(x.op()),
                    plural(x.operands.size(), "value"), plural(y.operands.size(), "value"));
  if (finding.message.empty() && x.index != y.index)
    finding.message = fmt::format("A uses result {} of a {} where B uses result {}", x.index,
                                  to_string(x.op()), y.index);
  // The types of other ops follow from those of their operands.
  if (finding.message.empty() && std::holds_alternative<ShapeAttributes>(x.node->attributes)) {
    finding.message = differing_types(frame.pair);
    finding.of_sizes = true;
  } else if (x.op() == Op::slice) {
    finding.of_sizes = x.type != y.type;
  }
  return finding;
}

std::string Walk::differing_types(const Pair& pair) {
  const Item& x = a_.item(pair.a);
  const Item& y = b_.item(pair.b);
  if (x.type == y.type) return "";
  const std::string of_a = call(a_, pair.a), of_b = call(b_, pair.b);
  if (of_a == of_b)
    return fmt::format("{} is {} in A, {} in B", of_a, to_string(x.type), to_string(y.type));
  return fmt::format("{} is {} in A; its counterpart in B, {}, is {}", of_a, to_string(x.type),
                     of_b, to_string(y.type));
}

// ---- leaves

Walk::Finding Walk::leaf(const Frame& frame) {
  const Item& x = a_.item(frame.pair.a);
  if (x.op() == Op::input) return input(frame.pair);
  if (x.op() == Op::constant) {
    const auto value = [](const Item& item) {
      return std::get<ConstantAttributes>(item.node->attributes).value;
    };
    const double of_a = value(x), of_b = value(b_.item(frame.pair.b));
    if (of_a != of_b)
      return {{}, fmt::format("the number {:g} in A is {:g} in B", of_a, of_b), false};
    return {{}, differing_types(frame.pair), true};
  }
  if (std::string message = bind(frame.pair); !message.empty()) return {{}, message, false};
  return {{}, differing_types(frame.pair), true};
}

Walk::Finding Walk::input(const Pair& pair) {
  const Item& x = a_.item(pair.a);
  const Item& y = b_.item(pair.b);
  const auto& of_a = std::get<InputAttributes>(x.node->attributes);
  const auto& of_b = std::get<InputAttributes>(y.node->attributes);
  if (of_a.position != of_b.position)
    return {{},
            fmt::format("A uses its input {} (number {}) where B uses its input {} (number {})",
                        of_a.name.text, of_a.position + 1, of_b.name.text, of_b.position + 1),
            false};
  if (of_a.bound != of_b.bound && x.type == y.type) {
    sizes_.insert({of_a.bound, of_b.bound});
    return {{},
            fmt::format("the input {} is an index below {} in A, below {} in B", of_a.name.text,
                        of_a.bound, of_b.bound),
            false};
  }
  return {{}, differing_types(pair), true};
}

std::string Walk::bind(const Pair& leaves) {
  const auto in_b = to_b_.find(leaves.a);
  const auto in_a = to_a_.find(leaves.b);
  if (in_b == to_b_.end() && in_a == to_a_.end()) {
    to_b_[leaves.a] = leaves.b;
    to_a_[leaves.b] = leaves.a;
    return "";
  }
  if (in_b != to_b_.end() && in_a != to_a_.end()) {
    if (in_b->second == leaves.b || in_a->second == leaves.a) return "";
    return fmt::format("A uses {} here, whose counterpart in B is {}; B uses {}",
                       call(a_, leaves.a), call(b_, in_b->second), call(b_, leaves.b));
  }
  if (in_b != to_b_.end()) {
    const ItemId other = in_b->second;
    to_a_[leaves.b] = leaves.a;
    return fmt::format("A uses {} twice, where B has two: {} and {}", call(a_, leaves.a),
                       describe(b_, other), describe(b_, leaves.b));
  }
  const ItemId other = in_a->second;
  to_b_[leaves.a] = leaves.b;
  return fmt::format("B uses {} twice, where A has two: {} and {}", call(b_, leaves.b),
                     describe(a_, other), describe(a_, leaves.a));
}

}  // namespace coil::comparing

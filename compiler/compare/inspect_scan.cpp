// What differs at a pair of recurrences and of their carried values.

#include <fmt/format.h>

#include "compiler/compare/describe.hpp"
#include "compiler/compare/walk.hpp"
#include "compiler/compare/words.hpp"

namespace coil::comparing {

Walk::Finding Walk::scan(const Pair& pair) {
  const Item& x = a_.item(pair.a);
  const Item& y = b_.item(pair.b);
  const auto& of_a = std::get<ScanAttributes>(x.node->attributes);
  const auto& of_b = std::get<ScanAttributes>(y.node->attributes);
  Finding finding;
  if (of_a.steps != of_b.steps) {
    finding.message = fmt::format("the recurrence takes {} in A, {} in B",
                                  plural(static_cast<std::size_t>(of_a.steps), "step"), of_b.steps);
    sizes_.insert({of_a.steps, of_b.steps});
  }
  if (of_a.reverse != of_b.reverse)
    finding.message = fmt::format("A steps from the {} to the {}, B the other way",
                                  of_a.reverse ? "last" : "first", of_a.reverse ? "first" : "last");
  if (of_a.carries != of_b.carries) {
    finding.message = fmt::format("A carries {} from step to step, B carries {}",
                                  plural(x.carries(), "value"), plural(y.carries(), "value"));
    return finding;
  }
  const std::vector<std::size_t>& partner = bind_carries(pair);
  for (std::size_t c = 0; c < x.carries(); ++c) {
    // The first value after the next one: a zero's size is no cause.
    finding.inside.push_back({x.operands[x.carries() + c], y.operands[y.carries() + partner[c]]});
    finding.inside.push_back({x.operands[c], y.operands[partner[c]]});
  }
  return finding;
}

// Carried values correspond where they begin and go on alike; the others in their order.
const std::vector<std::size_t>& Walk::bind_carries(const Pair& scans) {
  const Item& x = a_.item(scans.a);
  const Item& y = b_.item(scans.b);
  const std::size_t count = x.carries();
  std::vector<std::size_t> partner(count, count);
  std::vector<bool> taken(count, false);
  const auto alike = [&](std::size_t c, std::size_t d) {
    return a_.item(x.operands[c]).print == b_.item(y.operands[d]).print &&
           a_.item(x.operands[count + c]).print == b_.item(y.operands[count + d]).print;
  };
  for (const bool any : {false, true})
    for (std::size_t c = 0; c < count; ++c)
      for (std::size_t d = 0; d < count && partner[c] == count; ++d)
        if (!taken[d] && (any || alike(c, d))) partner[c] = d, taken[d] = true;
  return carries_[{x.scope, y.scope}] = partner;
}

// Whether two carries are each other's counterparts.
bool Walk::correspond(const Item& a, const Item& b) const {
  const auto scans = carries_.find({a.scope, b.scope});
  return scans != carries_.end() && scans->second[a.index] == b.index;
}

Walk::Finding Walk::carried(const Pair& pair) {
  if (correspond(a_.item(pair.a), b_.item(pair.b))) return {};
  return {{},
          fmt::format("A uses {} here, B {}, which is another", call(a_, pair.a), call(b_, pair.b)),
          false};
}

// The scans are walked first, and bind their carries.
Walk::Finding Walk::last(const Pair& pair) {
  return {{{a_.item(pair.a).operands[0], b_.item(pair.b).operands[0]}}, "", false};
}

// Of recurrences that carry another number of values, what they yield has nothing in common either.
Walk::Finding Walk::yielded(const Pair& pair) {
  const Item& x = a_.item(pair.a);
  const Item& y = b_.item(pair.b);
  Finding finding{{{x.operands[0], y.operands[0]}}, "", false};
  if (a_.item(x.operands[0]).carries() == b_.item(y.operands[0]).carries())
    finding.inside.push_back({x.operands[1], y.operands[1]});
  return finding;
}

std::string Walk::differing_last(const Pair& pair) const {
  const Item& x = a_.item(pair.a);
  const Item& y = b_.item(pair.b);
  if (x.kind != Kind::last || y.kind != Kind::last || correspond(x, y)) return "";
  if (!carries_.contains({x.scope, y.scope})) return "";  // told of the scans
  return fmt::format("A uses {}, B {}, which is another", describe(a_, pair.a),
                     describe(b_, pair.b));
}

}  // namespace coil::comparing

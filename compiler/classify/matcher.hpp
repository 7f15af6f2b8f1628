#pragma once

#include <functional>
#include <map>
#include <optional>

#include "compiler/classify/pattern.hpp"
#include "compiler/classify/step.hpp"

namespace coil::cells {

// What a pattern's names stand for.
struct Bindings {
  std::map<Carry, std::size_t> carries;
  std::map<Slot, CellFunction> functions;
  std::map<Role, CellGate> gates;
  std::map<Role, Value> values;  // of gates that were met
};

// Matches a step against patterns, going back where one choice leads nowhere.
class Matcher {
 public:
  explicit Matcher(const Step& step) : step_(step) {}

  // The first way in which every carried value's next one is as the pattern says.
  std::optional<Bindings> match(const CellPattern& pattern) const;

 private:
  // What else has to hold, given what is bound so far.
  using Then = std::function<bool(const Bindings&)>;
  using Values = std::vector<Value>;
  using Parts = std::vector<Pattern>;

  bool match(const Pattern& pattern, Value value, const Bindings& bound, const Then& then) const;
  bool match_function(const Pattern& pattern, Value value, const Bindings& bound,
                      const Then& then) const;
  bool match_one_minus(const Pattern& pattern, Value value, const Bindings& bound,
                       const Then& then) const;
  bool match_same(const Pattern& pattern, Value value, const Bindings& bound,
                  const Then& then) const;
  bool match_sum(const Parts& patterns, const Values& terms, const Bindings& bound,
                 const Then& then) const;
  bool match_parts(const Parts& patterns, std::size_t next, const Values& values,
                   const Bindings& bound, const Then& then) const;
  bool match_gate(const Pattern& pattern, const Values& terms, const Bindings& bound,
                  const Then& then) const;

  const Step& step_;
};

}  // namespace coil::cells

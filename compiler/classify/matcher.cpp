#include "compiler/classify/matcher.hpp"

#include <algorithm>

#include "compiler/source/internal_error.hpp"

namespace coil::cells {
namespace {

using Form = Pattern::Form;

struct FunctionOp {
  CellFunction function;
  Op op;
};
constexpr FunctionOp function_ops[] = {{CellFunction::relu, Op::relu},
                                       {CellFunction::tanh, Op::tanh},
                                       {CellFunction::sigmoid, Op::sigmoid},
                                       {CellFunction::hard_sigmoid, Op::hard_sigmoid}};

// Gates open and close: their function goes from 0 to 1.
bool may_hold(Slot slot, CellFunction function) {
  return slot == Slot::activation || function == CellFunction::sigmoid ||
         function == CellFunction::hard_sigmoid;
}

bool is_gate_form(Form form) {
  return form == Form::affine || form == Form::input || form == Form::recurrent;
}

// What a gate sums up, sorted; the one carried operand is what is left to match.
class GateTerms {
 public:
  GateTerms(const Step& step, Form form, CellGate& gate) : step_(step), form_(form), gate_(gate) {}

  std::optional<Value> carried;

  bool take(Value term) {
    if (const auto sequence = step_.sequence(term)) return take_input(*sequence);
    if (const auto bias = step_.capture(term)) return take_bias(term, *bias);
    const Node& node = step_.node(term);
    if (node.op != Op::matmul) return false;
    const auto& m = std::get<MatmulAttributes>(node.attributes);
    const auto weight = step_.capture(node.operands[1]);
    if (m.transpose_a || m.transpose_b || !weight) return false;
    for (const Value left : step_.parts(Op::add, node.operands[0]))
      if (!take_product(left, *weight)) return false;
    return true;
  }

 private:
  bool take_input(Value sequence) {
    gate_.projected.push_back(sequence);
    return form_ != Form::recurrent;
  }

  bool take_bias(Value term, Value bias) {
    if (step_.type(term).shape.is_batched()) return false;
    (form_ == Form::recurrent ? gate_.recurrent_biases : gate_.biases).push_back(bias);
    return true;
  }

  // (a + b) @ W counts as a @ W + b @ W.
  bool take_product(Value left, Value weight) {
    if (step_.depends_on_carry(left)) {
      if (carried || form_ == Form::input) return false;
      carried = left;
      gate_.recurrent_kernel = weight;
      return true;
    }
    const auto sequence = step_.sequence(left);
    if (!sequence || gate_.kernel || form_ == Form::recurrent) return false;
    gate_.sequence = sequence;
    gate_.kernel = weight;
    return true;
  }

  const Step& step_;
  Form form_;
  CellGate& gate_;
};

}  // namespace

std::optional<Bindings> Matcher::match(const CellPattern& pattern) const {
  if (pattern.next.size() != step_.carries()) return std::nullopt;
  std::vector<std::size_t> order;
  for (std::size_t c = 0; c < step_.carries(); ++c) order.push_back(c);
  std::optional<Bindings> found;
  const Then keep = [&](const Bindings& bound) {
    found = bound;
    return true;
  };
  do {
    Bindings bound;
    for (std::size_t c = 0; c < order.size(); ++c) bound.carries[static_cast<Carry>(c)] = order[c];
    const std::function<bool(std::size_t, const Bindings&)> from = [&](std::size_t c,
                                                                       const Bindings& so_far) {
      if (c == order.size()) return keep(so_far);
      return match(pattern.next[c], step_.next(order[c]), so_far,
                   [&, c](const Bindings& more) { return from(c + 1, more); });
    };
    if (from(0, bound)) return found;
  } while (std::ranges::next_permutation(order).found);
  return std::nullopt;
}

bool Matcher::match(const Pattern& pattern, Value value, const Bindings& bound,
                    const Then& then) const {
  switch (pattern.form) {
    case Form::carry:
      return step_.carry(value) == bound.carries.at(pattern.carried) && then(bound);
    case Form::next:
      return step_.next(bound.carries.at(pattern.carried)) == value && then(bound);
    case Form::sum:
      return match_sum(pattern.parts, step_.parts(Op::add, value), bound, then);
    case Form::product:
      return match_parts(pattern.parts, 0, step_.parts(Op::mul, value), bound, then);
    case Form::one_minus:
      return match_one_minus(pattern, value, bound, then);
    case Form::function:
      return match_function(pattern, value, bound, then);
    case Form::affine:
    case Form::input:
    case Form::recurrent:
      return match_gate(pattern, step_.parts(Op::add, value), bound, then);
    case Form::same:
      return match_same(pattern, value, bound, then);
  }
  __builtin_unreachable();
}

bool Matcher::match_function(const Pattern& pattern, Value value, const Bindings& bound,
                             const Then& then) const {
  const auto with = [&](CellFunction function, Value inner) {
    const auto held = bound.functions.find(pattern.slot);
    if (!may_hold(pattern.slot, function)) return false;
    if (held != bound.functions.end() && held->second != function) return false;
    Bindings more = bound;
    more.functions[pattern.slot] = function;
    return match(pattern.parts[0], inner, more, then);
  };
  for (const FunctionOp& known : function_ops)
    if (step_.node(value).op == known.op)
      if (with(known.function, step_.node(value).operands[0])) return true;
  return with(CellFunction::linear, value);
}

bool Matcher::match_one_minus(const Pattern& pattern, Value value, const Bindings& bound,
                              const Then& then) const {
  const Values terms = step_.parts(Op::add, value);
  if (terms.size() != 2) return false;
  for (const std::size_t i : {0, 1}) {
    const auto* one = std::get_if<ConstantAttributes>(&step_.node(terms[i]).attributes);
    const Node& other = step_.node(terms[1 - i]);
    if (one && one->value == 1 && other.op == Op::neg)
      return match(pattern.parts[0], other.operands[0], bound, then);
  }
  return false;
}

bool Matcher::match_same(const Pattern& pattern, Value value, const Bindings& bound,
                         const Then& then) const {
  const auto met = bound.values.find(pattern.role);
  if (met != bound.values.end()) return met->second == value && then(bound);
  return match(pattern.parts[0], value, bound, [&](const Bindings& more) {
    Bindings named = more;
    named.values[pattern.role] = value;
    return then(named);
  });
}

// A gate among the terms takes all that the others leave.
bool Matcher::match_sum(const Parts& patterns, const Values& terms, const Bindings& bound,
                        const Then& then) const {
  const auto is_gate = [](const Pattern& part) { return is_gate_form(part.form); };
  const auto gate = std::ranges::find_if(patterns, is_gate);
  if (gate == patterns.end()) return match_parts(patterns, 0, terms, bound, then);
  require(patterns.size() == 2, "a pattern that sums a gate and one other part");
  const Pattern& other = patterns[gate == patterns.begin() ? 1 : 0];
  for (std::size_t i = 0; i < terms.size(); ++i) {
    Values rest = terms;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    const auto go_on = [&](const Bindings& more) { return match_gate(*gate, rest, more, then); };
    if (match(other, terms[i], bound, go_on)) return true;
  }
  return false;
}

// Each pattern takes one of the values, and none is left.
bool Matcher::match_parts(const Parts& patterns, std::size_t next, const Values& values,
                          const Bindings& bound, const Then& then) const {
  if (next == patterns.size()) return values.empty() && then(bound);
  for (std::size_t i = 0; i < values.size(); ++i) {
    Values rest = values;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    const auto go_on = [&](const Bindings& more) {
      return match_parts(patterns, next + 1, rest, more, then);
    };
    if (match(patterns[next], values[i], bound, go_on)) return true;
  }
  return false;
}

bool Matcher::match_gate(const Pattern& pattern, const Values& terms, const Bindings& bound,
                         const Then& then) const {
  Bindings more = bound;
  CellGate& gate = more.gates[pattern.role];
  GateTerms sorted(step_, pattern.form, gate);
  if (!std::ranges::all_of(terms, [&](Value term) { return sorted.take(term); })) return false;
  if (pattern.form == Form::input) return then(more);
  return sorted.carried && match(pattern.parts[0], *sorted.carried, more, then);
}

}  // namespace coil::cells

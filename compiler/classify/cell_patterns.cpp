#include "compiler/classify/pattern.hpp"

namespace coil::cells {
namespace {

using Form = Pattern::Form;

const Pattern h{.form = Form::carry, .carried = Carry::h};
const Pattern s{.form = Form::carry, .carried = Carry::s};
const Pattern next_s{.form = Form::next, .carried = Carry::s};

Pattern sum(Pattern a, Pattern b) { return {.form = Form::sum, .parts = {a, b}}; }
Pattern product(Pattern a, Pattern b) { return {.form = Form::product, .parts = {a, b}}; }
Pattern one_minus(Pattern part) { return {.form = Form::one_minus, .parts = {part}}; }
Pattern activated(Pattern part) {
  return {.form = Form::function, .parts = {part}, .slot = Slot::activation};
}
Pattern affine(Role role, Pattern carried) {
  return {.form = Form::affine, .parts = {carried}, .role = role};
}
Pattern input(Role role) { return {.form = Form::input, .role = role}; }
Pattern recurrent(Role role, Pattern carried) {
  return {.form = Form::recurrent, .parts = {carried}, .role = role};
}

// f(x @ kernel + bias + h @ U), and where the role comes again the same value.
Pattern gate(Role role) {
  const Pattern applied{.form = Form::function, .parts = {affine(role, h)}, .slot = Slot::gate};
  return {.form = Form::same, .parts = {applied}, .role = role};
}

// z * h + (1 - z) * candidate
Pattern gru(Pattern candidate) {
  return sum(product(gate(Role::z), h), product(one_minus(gate(Role::z)), candidate));
}

}  // namespace

const std::vector<CellPattern>& cell_patterns() {
  using enum Role;
  static const std::vector<CellPattern> patterns = {
      {CellKind::vanilla, {activated(affine(x, h))}, {x}},
      {CellKind::lstm,
       {product(gate(o), activated(next_s)),
        sum(product(gate(f), s), product(gate(i), activated(affine(g, h))))},
       {i, f, g, o}},
      {CellKind::gru, {gru(activated(affine(n, product(gate(r), h))))}, {z, r, n}},
      {CellKind::gru_reset_after,
       {gru(activated(sum(input(n), product(gate(r), recurrent(n, h)))))},
       {z, r, n}},
  };
  return patterns;
}

}  // namespace coil::cells

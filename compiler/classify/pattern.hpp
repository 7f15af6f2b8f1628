#pragma once

// Patterns: expressions over a step's carried values, in which sums and products match whatever the order
// and the brackets.

#include <array>
#include <cstdint>
#include <vector>

#include "compiler/classify/classify.hpp"

namespace coil::cells {

enum class Role : std::uint8_t { x, i, f, g, o, z, r, n };  // of gates; x is vanilla's only one
enum class Carry : std::uint8_t { h, s };
enum class Slot : std::uint8_t { activation, gate };

struct Pattern {
  enum class Form : std::uint8_t {
    carry,      // the carried value, as the step is given it
    next,       // the carried value, as the step leaves it
    sum,        // of all parts, in any order
    product,    // of all parts, in any order
    one_minus,  // 1 - part
    function,   // of the slot, applied to the part
    affine,     // x @ kernel + bias + part @ U: the gate's
    input,      // x @ kernel + bias: the gate's, and nothing carried
    recurrent,  // part @ U + bias: the gate's, and nothing that comes in
    same,       // the part; where the gate was met before, the very same value again
  };
  Form form;
  std::vector<Pattern> parts = {};
  Carry carried = Carry::h;
  Slot slot = Slot::activation;
  Role role = Role::x;
};

struct CellPattern {
  CellKind kind;
  std::vector<Pattern> next;  // of each carried value, h first
  std::vector<Role> gates;    // in the order of Cell::gates
};

const std::vector<CellPattern>& cell_patterns();

}  // namespace coil::cells

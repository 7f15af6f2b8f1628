#pragma once

// Arithmetic of numbers known while elaborating. Integers stay integers and are checked; an operation
// with a real is real and must stay finite.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "compiler/semantics/meaning.hpp"
#include "compiler/syntax/ast.hpp"

namespace coil::semantics {

using Number = std::variant<std::int64_t, double>;

// A number, or why there is none.
struct Computed {
  Number value;
  std::string error;
};

Computed compute(ast::BinaryOperator op, const Number& left, const Number& right);
Computed negate(const Number& operand);

// The digits of a literal: an error past the 64 bits of an integer.
Computed read_integer(const std::string& digits);

Number to_number(const Meaning& meaning);  // of one that is a number
double to_double(const Number& number);
std::string to_string(const Number& number);  // as the language writes it: 4 or 4.0
std::string_view symbol(ast::BinaryOperator op);

}  // namespace coil::semantics

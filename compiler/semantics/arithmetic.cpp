#include "compiler/semantics/arithmetic.hpp"

#include <charconv>
#include <cmath>
#include <fmt/format.h>

#include "compiler/source/internal_error.hpp"

namespace coil::semantics {
namespace {

using ast::BinaryOperator;

std::string expression(BinaryOperator op, const Number& left, const Number& right) {
  return fmt::format("{} {} {}", to_string(left), symbol(op), to_string(right));
}

// False on overflow. Division is exact, and not by zero.
bool apply(BinaryOperator op, std::int64_t a, std::int64_t b, std::int64_t& result) {
  switch (op) {
    case BinaryOperator::add:
      return !__builtin_add_overflow(a, b, &result);
    case BinaryOperator::subtract:
      return !__builtin_sub_overflow(a, b, &result);
    case BinaryOperator::multiply:
      return !__builtin_mul_overflow(a, b, &result);
    case BinaryOperator::divide:
      if (b == -1) return !__builtin_sub_overflow(std::int64_t{0}, a, &result);
      result = a / b;
      return true;
    case BinaryOperator::matmul:
      break;
  }
  throw InternalError("no arithmetic of integers for this operator");
}

double apply(BinaryOperator op, double a, double b) {
  switch (op) {
    case BinaryOperator::add:
      return a + b;
    case BinaryOperator::subtract:
      return a - b;
    case BinaryOperator::multiply:
      return a * b;
    case BinaryOperator::divide:
      return a / b;
    case BinaryOperator::matmul:
      break;
  }
  throw InternalError("no arithmetic of reals for this operator");
}

Computed compute_integers(BinaryOperator op, std::int64_t a, std::int64_t b) {
  if (op == BinaryOperator::divide && b != -1 && a % b != 0) {
    return {{}, fmt::format("{0} / {1} is not a whole number; write {0}.0 / {1} for a real", a, b)};
  }
  std::int64_t result = 0;
  if (apply(op, a, b, result)) return {result, ""};
  return {{}, expression(op, a, b) + " does not fit in an integer of 64 bits"};
}

}  // namespace

Computed compute(BinaryOperator op, const Number& left, const Number& right) {
  if (op == BinaryOperator::matmul) return {{}, "'@' multiplies values, and these are numbers"};
  if (op == BinaryOperator::divide && to_double(right) == 0) {
    return {{}, expression(op, left, right) + " is a division by zero"};
  }
  const auto* a = std::get_if<std::int64_t>(&left);
  const auto* b = std::get_if<std::int64_t>(&right);
  if (a && b) return compute_integers(op, *a, *b);
  const double result = apply(op, to_double(left), to_double(right));
  if (std::isfinite(result)) return {result, ""};
  return {{}, expression(op, left, right) + " is not a finite number"};
}

Computed negate(const Number& operand) {
  if (const auto* real = std::get_if<double>(&operand)) return {-*real, ""};
  return compute(BinaryOperator::subtract, std::int64_t{0}, operand);
}

Computed read_integer(const std::string& digits) {
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error == std::errc{} && stop == end) return {value, ""};
  return {{}, "the number is past the largest integer, 9223372036854775807"};
}

Number to_number(const Meaning& meaning) {
  if (const auto* integer = std::get_if<std::int64_t>(&meaning.what)) return *integer;
  return std::get<double>(meaning.what);
}

double to_double(const Number& number) {
  return std::visit([](auto value) { return static_cast<double>(value); }, number);
}

std::string to_string(const Number& number) {
  std::string text = std::visit([](auto value) { return fmt::format("{}", value); }, number);
  const bool looks_whole = text.find_first_not_of("-0123456789") == std::string::npos;
  if (std::holds_alternative<double>(number) && looks_whole) text += ".0";
  return text;
}

std::string_view symbol(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::add:
      return "+";
    case BinaryOperator::subtract:
      return "-";
    case BinaryOperator::multiply:
      return "*";
    case BinaryOperator::divide:
      return "/";
    case BinaryOperator::matmul:
      return "@";
  }
  throw InternalError("unknown operator");
}

}  // namespace coil::semantics

#pragma once

// Part of grammar.cpp, and of nothing else: what a rule makes of what it read. An action sees the rule's
// value as _val and what its parser read as _attr.

#include <charconv>
#include <cmath>

#include "compiler/syntax/grammar_directives.hpp"
#include "compiler/syntax/keywords.hpp"
#include "compiler/syntax/scanner.hpp"

namespace coil::grammar {

inline ast::ExpressionPtr boxed(ast::Expression& expression) {
  return std::make_unique<ast::Expression>(std::move(expression));
}

constexpr auto become = [](auto& context) { x3::_val(context) = std::move(x3::_attr(context)); };
constexpr auto become_node = [](auto& context) {
  x3::_val(context).node = std::move(x3::_attr(context));
};
constexpr auto append = [](auto& context) {
  x3::_val(context).push_back(std::move(x3::_attr(context)));
};
constexpr auto append_boxed = [](auto& context) {
  x3::_val(context).push_back(boxed(x3::_attr(context)));
};
template <auto member>
constexpr auto set =
    [](auto& context) { x3::_val(context).*member = std::move(x3::_attr(context)); };
template <auto member>
constexpr auto add_to =
    [](auto& context) { (x3::_val(context).*member).push_back(std::move(x3::_attr(context))); };
template <auto member>
constexpr auto set_boxed =
    [](auto& context) { x3::_val(context).*member = boxed(x3::_attr(context)); };

constexpr auto set_name = [](auto& context) {
  const auto& read = x3::_attr(context);
  ast::Identifier& name = x3::_val(context);
  name.name.assign(read.begin(), read.end());
  name.where = x3::get<Text>(context).range(read.begin(), read.end());
  if (find_keyword(name.name) != nullptr) x3::_pass(context) = false;
};

inline double read_real(const char* begin, const char* end, std::uint32_t where) {
  double value = 0;
  const bool in_range = std::from_chars(begin, end, value).ec == std::errc();
  if (!in_range || !std::isfinite(value)) throw SyntaxError{Wanted::number_in_range, where};
  return value;
}

// The rule read the longest number there is; what still clings to it spoils it.
constexpr auto set_number = [](auto& context) {
  const auto& read = x3::_attr(context);
  const Text& text = x3::get<Text>(context);
  const SourceRange where = text.range(read.begin(), read.end());
  if (next_token(text.all, where.begin).where != where) {
    throw SyntaxError{Wanted::well_formed_number, where.begin};
  }
  const std::string_view digits = text.all.substr(where.begin, where.end - where.begin);
  if (digits.find_first_of(".eE") == std::string_view::npos) {
    x3::_val(context).node = ast::IntegerLiteral{std::string(digits)};
  } else {
    x3::_val(context).node =
        ast::RealLiteral{read_real(digits.data(), digits.data() + digits.size(), where.begin)};
  }
};

// A name that starts a line and is followed by '=' is the next statement: whatever came before it
// misses its operand.
constexpr auto set_reference = [](auto& context) {
  ast::Identifier& name = x3::_attr(context);
  const std::string_view text = x3::get<Text>(context).all;
  const std::size_t before = text.substr(0, name.where.begin).find_last_not_of(" \t\r");
  const bool starts_line = before == std::string_view::npos || text[before] == '\n';
  if (starts_line && next_token(text, name.where.end).is("=")) x3::_pass(context) = false;
  x3::_val(context).node = ast::NameReference{std::move(name.name)};
};

constexpr auto set_operator = [](auto& context) {
  const auto& read = x3::_attr(context);
  ast::Term& term = x3::_val(context);
  term.op_where = x3::get<Text>(context).range(read.begin(), read.end());
  switch (*read.begin()) {
    case '+':
      term.op = ast::BinaryOperator::add;
      break;
    case '-':
      term.op = ast::BinaryOperator::subtract;
      break;
    case '*':
      term.op = ast::BinaryOperator::multiply;
      break;
    case '/':
      term.op = ast::BinaryOperator::divide;
      break;
    default:
      term.op = ast::BinaryOperator::matmul;
      break;
  }
};

constexpr auto set_negation = [](auto& context) {
  x3::_val(context).node = ast::Unary{ast::UnaryOperator::negate, boxed(x3::_attr(context))};
};

template <typename Row, typename Member>
Row row_of(Member Row::*);

// The first operand becomes the rule's value; only a second one makes a row of it. A row that is still
// growing has no place yet.
template <auto first, auto rest>
constexpr auto extend = [](auto& context) {
  using Row = decltype(row_of(first));
  ast::Expression& value = x3::_val(context);
  if (value.where.is_somewhere()) {
    Row row;
    row.*first = boxed(value);
    value = ast::Expression{{}, std::move(row)};
  }
  (std::get<Row>(value.node).*rest).push_back(std::move(x3::_attr(context)));
};
constexpr auto extend_chain = extend<&ast::Chain::first, &ast::Chain::rest>;
constexpr auto extend_pipeline = extend<&ast::Pipeline::source, &ast::Pipeline::stages>;

constexpr auto set_stage_arguments = [](auto& context) {
  x3::_val(context).has_arguments = true;
  x3::_val(context).arguments = std::move(x3::_attr(context));
};

constexpr auto set_index = [](auto& context) {
  x3::_val(context).type = ast::IndexType{boxed(x3::_attr(context))};
};
constexpr auto set_real = [](auto& context) {
  x3::_val(context).type = ast::RealType{std::move(x3::_attr(context))};
};

constexpr auto set_maker = [](auto& context) {
  ast::Expression& call = x3::_attr(context);
  x3::_val(context).maker_where = call.where;
  x3::_val(context).maker = std::get<ast::Call>(std::move(call.node));
};

}  // namespace coil::grammar

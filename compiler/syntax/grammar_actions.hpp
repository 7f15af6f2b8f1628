#pragma once

// Part of grammar.cpp, and of nothing else: what a rule makes of what it read. An action sees the rule's
// value as _val and what its parser read as _attr.

#include <charconv>
#include <cmath>

#include "compiler/syntax/grammar_directives.hpp"
#include "compiler/syntax/keywords.hpp"
#include "compiler/syntax/recover.hpp"
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

// A name that starts a line and an assignment is the next statement: whatever came before it misses its
// operand. Between brackets `a, b = c` on a line of its own is two arguments.
constexpr auto set_reference = [](auto& context) {
  ast::Identifier& name = x3::_attr(context);
  const Text& text = x3::get<Text>(context);
  const std::size_t before = text.all.substr(0, name.where.begin).find_last_not_of(" \t\r");
  const bool starts_line = before == std::string_view::npos || text.all[before] == '\n';
  const bool is_target =
      starts_line && (text.open_brackets > 0 ? is_before_equals(text.all, name.where.end)
                                             : starts_assignment(text.all, name.where.end));
  if (is_target) x3::_pass(context) = false;
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

constexpr auto set_target = [](auto& context) {
  x3::_val(context).targets.push_back({std::move(x3::_attr(context)), nullptr});
};

constexpr auto set_range = [](auto& context) { x3::_val(context).is_range = true; };
constexpr auto set_subscripts = [](auto& context) {
  ast::Expression& value = x3::_val(context);
  ast::ExpressionPtr base = boxed(value);
  value = ast::Expression{{}, ast::Indexed{std::move(base), std::move(x3::_attr(context))}};
};

constexpr auto set_maker = [](auto& context) {
  ast::Expression& call = x3::_attr(context);
  x3::_val(context).maker_where = call.where;
  x3::_val(context).maker = std::get<ast::Call>(std::move(call.node));
};

constexpr auto set_initializer = [](auto& context) {
  ast::Expression& read = x3::_attr(context);
  ast::WeightStatement& weight = x3::_val(context);
  weight.initializer_where = read.where;
  if (auto* call = std::get_if<ast::Call>(&read.node)) {
    weight.initializer = std::move(call->callee);
    weight.arguments = std::move(call->arguments);
  } else {
    weight.initializer = {std::get<ast::NameReference>(std::move(read.node)).name, read.where};
  }
};

// What was read is the path in its quotes.
constexpr auto set_path = [](auto& context) {
  const auto& read = x3::_attr(context);
  ast::Import& import = x3::_val(context);
  import.path.assign(read.begin() + 1, read.end() - 1);
  import.path_where = x3::get<Text>(context).range(read.begin(), read.end());
};

}  // namespace coil::grammar

#pragma once

// Part of grammar.cpp, and of nothing else: what Spirit X3 lacks. Errors that know what was wanted, and nodes
// that know their place.

#include <boost/spirit/home/x3.hpp>
#include <string_view>

#include "compiler/syntax/grammar.hpp"

namespace coil::grammar {

namespace x3 = boost::spirit::x3;

using Iterator = std::string_view::const_iterator;

// The text being parsed, for those who need offsets: x3::get<Text>(context).
struct Text {
  std::string_view all;
  int open_brackets = 0;

  std::uint32_t offset(Iterator at) const { return static_cast<std::uint32_t>(at - all.begin()); }
  SourceRange range(Iterator begin, Iterator end) const { return {offset(begin), offset(end)}; }
};

// `wanted(what, p)`: p, or else SyntaxError at the token where it failed.
template <typename Subject>
struct WantedDirective : x3::unary_parser<Subject, WantedDirective<Subject>> {
  using Base = x3::unary_parser<Subject, WantedDirective<Subject>>;
  static bool const is_pass_through_unary = true;

  WantedDirective(const Subject& inner, Wanted what) : Base(inner), what_(what) {}

  template <typename Context, typename RuleContext, typename Attribute>
  bool parse(Iterator& first, const Iterator& last, const Context& context, RuleContext& rule,
             Attribute& attribute) const {
    if (this->subject.parse(first, last, context, rule, attribute)) return true;
    x3::skip_over(first, last, context);
    throw SyntaxError{what_, x3::get<Text>(context).offset(first)};
  }

 private:
  Wanted what_;
};

template <typename Parser>
auto wanted(Wanted what, const Parser& parser) {
  return WantedDirective<typename x3::extension::as_parser<Parser>::value_type>(
      x3::as_parser(parser), what);
}

// `enclosed<'(', ')'>(p)`: p between brackets. Once the bracket is open it must be closed; the error
// knows where it was opened.
template <typename Subject, char opening, char closing>
struct EnclosedDirective : x3::unary_parser<Subject, EnclosedDirective<Subject, opening, closing>> {
  using Base = x3::unary_parser<Subject, EnclosedDirective<Subject, opening, closing>>;
  using Base::Base;
  static bool const is_pass_through_unary = true;

  template <typename Context, typename RuleContext, typename Attribute>
  bool parse(Iterator& first, const Iterator& last, const Context& context, RuleContext& rule,
             Attribute& attribute) const {
    Iterator at = first;
    x3::skip_over(at, last, context);
    if (at == last || *at != opening) return false;
    Text& text = x3::get<Text>(context);
    const std::uint32_t opener = text.offset(at++);
    ++text.open_brackets;
    const bool inside = this->subject.parse(at, last, context, rule, attribute);
    x3::skip_over(at, last, context);
    if (!inside || at == last || *at != closing) {
      throw SyntaxError{Wanted::closing_bracket, text.offset(at), opener};
    }
    --text.open_brackets;
    first = ++at;
    return true;
  }
};

template <char opening, char closing, typename Parser>
auto enclosed(const Parser& parser) {
  using Subject = typename x3::extension::as_parser<Parser>::value_type;
  return EnclosedDirective<Subject, opening, closing>(x3::as_parser(parser));
}

// `placed(p)`: p, whose rule makes a node that keeps its place. A node that has one already came whole from
// an inner rule.
template <typename Subject>
struct PlacedDirective : x3::unary_parser<Subject, PlacedDirective<Subject>> {
  using Base = x3::unary_parser<Subject, PlacedDirective<Subject>>;
  using Base::Base;
  static bool const is_pass_through_unary = true;

  template <typename Context, typename Node, typename Attribute>
  bool parse(Iterator& first, const Iterator& last, const Context& context, Node& node,
             Attribute& attribute) const {
    Iterator begin = first;
    if (!this->subject.parse(first, last, context, node, attribute)) return false;
    x3::skip_over(begin, last, context);
    if (!node.where.is_somewhere()) node.where = x3::get<Text>(context).range(begin, first);
    return true;
  }
};

template <typename Parser>
auto placed(const Parser& parser) {
  using Subject = typename x3::extension::as_parser<Parser>::value_type;
  return PlacedDirective<Subject>(x3::as_parser(parser));
}

}  // namespace coil::grammar

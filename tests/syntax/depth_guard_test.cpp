#include "compiler/syntax/depth_guard.hpp"

#include <catch2/catch.hpp>

#include "compiler/syntax/parse.hpp"

namespace {

std::string repeat(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

bool fits(const std::string& text, int limit) {
  const coil::SourceFile file("f", text);
  coil::Diagnostics diagnostics(file);
  const bool result = coil::check_depth(text, diagnostics, limit);
  CHECK(result != diagnostics.has_errors());
  return result;
}

}  // namespace

TEST_CASE("brackets count, and the braces around them") {
  CHECK(fits("model A { x = ((a)) }", 3));
  CHECK_FALSE(fits("model A { x = ((a)) }", 2));
  CHECK(fits("f(g(h(a)))", 3));
  CHECK_FALSE(fits("f(g(h(a)))", 2));
  CHECK_FALSE(fits("[(a)]", 1));
}

TEST_CASE("loops and branches count with the brackets in them") {
  CHECK(fits("model A { for t in 0..3 { x[(a)] = 1 } }", 4));
  CHECK_FALSE(fits("model A { for t in 0..3 { x[(a)] = 1 } }", 3));
  CHECK(fits("model A { " + repeat("for t in 0..3 { x = (a) } ", 100) + "}", 3));
  CHECK_FALSE(fits(repeat("if a { ", 10), 9));
}

TEST_CASE("a keyword taken for a name ends no block") {
  CHECK_FALSE(fits("model A { " + repeat("if a { model = 3 ", 10), 10));
  CHECK(fits("model A { " + repeat("if a { model B { ", 10), 2));
}

TEST_CASE("what stands in quotes does not count") {
  CHECK(fits("import A from \"((({{{\" model A { }", 1));
  CHECK_FALSE(fits("import A from \"(((\nmodel A { ( }", 1));
}

TEST_CASE("what is closed counts no longer") {
  CHECK(fits(repeat("(a) + ", 1000) + "a", 1));
  CHECK(fits(repeat("model A { }", 1000), 1));
  CHECK(fits(repeat("f(a, (b)) * ", 1000) + "a", 2));
}

TEST_CASE("signs in a row count; those between operands do not") {
  CHECK(fits("---a", 3));
  CHECK_FALSE(fits("----a", 3));
  CHECK(fits(repeat("a - ", 1000) + "a", 0));
  CHECK(fits(repeat("a * -", 1000) + "a", 1));
  CHECK(fits(repeat("x = -a\n", 1000), 1));
  CHECK(fits(repeat("f(-a) - (-b) + ", 1000) + "a", 2));
}

TEST_CASE("signs before a bracket stay open with it") {
  CHECK(fits(repeat("-(", 10) + "a" + repeat(")", 10), 20));
  CHECK_FALSE(fits(repeat("-(", 10) + "a" + repeat(")", 10), 19));
  CHECK_FALSE(fits(repeat("--f(", 10) + "a" + repeat(")", 10), 29));
}

TEST_CASE("comments, and closers without an opener, do not count") {
  CHECK(fits("# ((((((\n(a)", 1));
  CHECK(fits(")))]]]}}}(a)", 1));
  CHECK_FALSE(fits(")))]]]}}}((a))", 1));
}

TEST_CASE("the parser takes what the guard lets through, to the last level") {
  const auto errors_of = [](const std::string& expression) {
    const coil::SourceFile file("f", "model A {\n x = " + expression + "\n}");
    coil::Diagnostics diagnostics(file);
    const coil::ast::File ast = coil::parse(file, diagnostics);
    coil::print_ast(ast, file);
    return diagnostics.render();
  };
  CHECK(errors_of(repeat("(", 199) + "a" + repeat(")", 199)).empty());
  CHECK(errors_of(repeat("f(", 199) + "a" + repeat(")", 199)).empty());
  CHECK(errors_of(repeat("f(b=1*2+", 199) + "a" + repeat(")", 199)).empty());
  CHECK(errors_of(repeat("-", 199) + "a").empty());
  CHECK(errors_of(repeat("(", 200) + "a" + repeat(")", 200)) ==
        "f:2:205: error: this is nested more than 200 levels deep; give a part of it a name of its "
        "own\n"
        "    ..." +
            repeat("(", 44) + "(a" + repeat(")", 48) + "...\n" + repeat(" ", 51) + "^\n");
}

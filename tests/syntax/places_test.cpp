#include "tests/syntax/places.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "compiler/syntax/parse.hpp"

#include "tests/syntax/any_model.hpp"

using coil::SourceFile;

TEST_CASE("the place of every node is exact") {
  CHECK(rc::check("places", [] {
    const SourceFile file("f", *any_model());
    coil::Diagnostics diagnostics(file);
    const coil::ast::File ast = coil::parse(file, diagnostics);
    RC_ASSERT(diagnostics.render() == "");
    RC_ASSERT(misplaced(ast, file) == "");
  }));
}

TEST_CASE("the place of a block ends with its last brace") {
  const SourceFile file("f",
                        "cell A { if a { } else { h = x [ t ] } # a\n step ( x ) { yield x } } ");
  coil::Diagnostics diagnostics(file);
  const coil::ast::File ast = coil::parse(file, diagnostics);
  CHECK(diagnostics.render() == "");
  const auto& cell = std::get<coil::ast::Cell>(ast.declarations.at(0));
  CHECK(file.text(cell.where) == file.text().substr(0, file.text().size() - 1));
  CHECK(file.text(cell.step->where) == "step ( x ) { yield x }");
  CHECK(file.text(cell.statements.at(0).where) == "if a { } else { h = x [ t ] }");
  const auto& branch = std::get<coil::ast::IfStatement>(cell.statements[0].node);
  const auto& inner = branch.otherwise.at(0);
  CHECK(file.text(inner.where) == "h = x [ t ]");
  const auto& indexed = *std::get<coil::ast::AssignStatement>(inner.node).value;
  CHECK(file.text(indexed.where) == "x [ t ]");
  const auto& subscript = std::get<coil::ast::Indexed>(indexed.node).subscripts.at(0);
  CHECK(file.text(subscript.where) == "t");
}

TEST_CASE("a bracket belongs to what surrounds its content, not to the content") {
  const SourceFile file("f", "model A { output ( a + (b) ) * -( c ) |> f ( d ) # end\n }");
  coil::Diagnostics diagnostics(file);
  const coil::ast::File ast = coil::parse(file, diagnostics);
  const auto& model = std::get<coil::ast::Model>(ast.declarations.at(0));
  const auto& statement = model.statements.at(0);
  CHECK(file.text(model.where) == file.text());
  CHECK(file.text(statement.where) == "output ( a + (b) ) * -( c ) |> f ( d )");
  const auto& whole = *std::get<coil::ast::OutputStatement>(statement.node).value;
  const auto& pipeline = std::get<coil::ast::Pipeline>(whole.node);
  CHECK(file.text(pipeline.stages.at(0).where) == "f ( d )");
  CHECK(file.text(pipeline.source->where) == "( a + (b) ) * -( c )");
  const auto& product = std::get<coil::ast::Chain>(pipeline.source->node);
  CHECK(file.text(product.first->where) == "a + (b)");
  CHECK(file.text(product.rest.at(0).operand->where) == "-( c )");
  const auto& negation = std::get<coil::ast::Unary>(product.rest[0].operand->node);
  CHECK(file.text(negation.operand->where) == "c");
}

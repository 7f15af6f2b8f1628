#include "tests/syntax/places.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "compiler/syntax/parse.hpp"

namespace {

using coil::SourceFile;

// A random expression. Between its tokens stands `blank()`: nothing, spaces, line ends, comments.
class Writer {
 public:
  explicit Writer(std::vector<int> choices) : choices_(std::move(choices)) {}

  std::string model() {
    put("model"), out_ += ' ', put("A"), put("{");
    for (int i = 0, count = 1 + choose(4); i < count; ++i) {
      put("output"), out_ += ' ';
      expression(4);
      out_ += ' ';
    }
    put("}");
    return out_;
  }

 private:
  // Choices run out into zeros, which end every recursion.
  int choose(int count) { return next_ < choices_.size() ? choices_[next_++] % count : 0; }

  void put(const std::string& token) {
    static const std::vector<std::string> blanks{"", "", " ", "\n", "\r\n\t", " # x + (\n", "#\n"};
    out_ += token + blanks[static_cast<std::size_t>(choose(7))];
  }

  void expression(int depth) {
    static const std::vector<std::string> operators{"+", "-", "*", "/", "@"};
    operand(depth);
    for (int i = choose(4); i > 0; --i) {
      put(operators[static_cast<std::size_t>(choose(5))]);
      operand(depth);
    }
    for (int i = choose(3); i > 0; --i) {
      put("|>"), put("stage");
      if (choose(2) == 1) arguments(depth);
    }
  }

  void operand(int depth) {
    switch (depth == 0 ? choose(3) : choose(6)) {
      case 0:
        put("a1");
        break;
      case 1:
        put("57");
        break;
      case 2:
        put("1.5e-3");
        break;
      case 3:
        put("-"), operand(depth - 1);
        break;
      case 4:
        put("("), expression(depth - 1), put(")");
        break;
      default:
        put("f"), arguments(depth);
        break;
    }
  }

  void arguments(int depth) {
    put("(");
    for (int i = depth == 0 ? 0 : choose(4); i > 0; --i) {
      if (choose(2) == 1) put("units"), put("=");
      expression(depth - 1);
      if (i > 1) put(",");
    }
    put(")");
  }

  std::vector<int> choices_;
  std::size_t next_ = 0;
  std::string out_;
};

}  // namespace

TEST_CASE("the place of every node is exact") {
  CHECK(rc::check("places", [] {
    const auto choices = *rc::gen::container<std::vector<int>>(300, rc::gen::inRange(0, 420));
    const SourceFile file("f", Writer(choices).model());
    coil::Diagnostics diagnostics(file);
    const coil::ast::File ast = coil::parse(file, diagnostics);
    RC_ASSERT(diagnostics.render() == "");
    RC_ASSERT(misplaced(ast, file) == "");
  }));
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

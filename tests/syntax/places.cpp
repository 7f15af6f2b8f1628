#include "tests/syntax/places.hpp"

#include <fmt/format.h>

#include "compiler/syntax/scanner.hpp"

namespace {

using namespace coil;

// Walks the tree; `outer` is the range that what comes next must lie in.
class Walk {
 public:
  Walk(const SourceFile& file) : file_(file) {}

  std::string complaint;

  void check(const ast::File& ast) {
    const SourceRange whole{0, static_cast<std::uint32_t>(file_.text().size())};
    for (const auto& declaration : ast.declarations)
      std::visit([&](const auto& node) { check(node, whole); }, declaration);
  }

 private:
  void place(SourceRange where, SourceRange outer, const char* what) {
    if (!where.is_somewhere() || where.begin >= where.end || where.begin < outer.begin ||
        where.end > outer.end) {
      complain(where, what, "is outside its parent");
      return;
    }
    const std::string_view text = file_.text(where);
    if (next_token(text, 0).where.begin != 0) complain(where, what, "begins with a blank");
    std::uint32_t last = 0;
    for (Token token = next_token(text, 0); token.kind != TokenKind::end;
         token = next_token(text, last)) {
      last = token.where.end;
    }
    if (last != text.size()) complain(where, what, "ends with a blank");
  }

  void complain(SourceRange where, const char* what, const char* why) {
    if (complaint.empty())
      complaint = fmt::format("{} at {}..{} {}", what, where.begin, where.end, why);
  }

  void check(const ast::Identifier& name, SourceRange outer) {
    place(name.where, outer, "name");
    if (complaint.empty() && file_.text(name.where) != name.name) {
      complain(name.where, name.name.c_str(), "is not its own text");
    }
  }

  void check(const ast::Import& import, SourceRange outer) {
    place(import.where, outer, "import");
    check(import.names, import.where);
    place(import.path_where, import.where, "path");
    if (complaint.empty() && file_.text(import.path_where) != '"' + import.path + '"') {
      complain(import.path_where, "path", "is not its own text");
    }
  }

  void check(const ast::Model& model, SourceRange outer) {
    place(model.where, outer, "model");
    braces(model.where, "model");
    check(model.name, model.where);
    check(model.parameters, model.where);
    check(model.statements, model.where);
  }

  void check(const ast::Cell& cell, SourceRange outer) {
    place(cell.where, outer, "cell");
    braces(cell.where, "cell");
    check(cell.name, cell.where);
    check(cell.parameters, cell.where);
    check(cell.statements, cell.where);
    if (!cell.step) return complain(cell.where, "cell", "has no step");
    place(cell.step->where, cell.where, "step");
    braces(cell.step->where, "step");
    check(cell.step->parameters, cell.step->where);
    check(cell.step->body, cell.step->where);
  }

  void braces(SourceRange where, const char* what) {
    if (file_.text()[where.end - 1] != '}') complain(where, what, "ends before its brace");
  }

  void check(const std::vector<ast::Parameter>& parameters, SourceRange outer) {
    for (const auto& parameter : parameters) {
      check(parameter.name, outer);
      if (parameter.value) check(*parameter.value, outer);
    }
  }

  void check(const std::vector<ast::Identifier>& names, SourceRange outer) {
    for (const auto& name : names) check(name, outer);
  }

  // Statements follow each other.
  void check(const std::vector<ast::Statement>& statements, SourceRange outer) {
    for (const auto& statement : statements) {
      place(statement.where, outer, "statement");
      std::visit([&](const auto& node) { check(node, statement.where); }, statement.node);
      outer.begin = statement.where.end;
    }
  }

  void check(const ast::InputStatement& input, SourceRange outer) {
    for (const auto& name : input.names) {
      check(name.name, outer);
      if (name.steps) check(*name.steps, outer);
    }
    check(input.type, outer);
  }
  void check(const ast::ValueType& type, SourceRange outer) {
    place(type.where, outer, "type");
    std::visit([&](const auto& node) { check(node, type.where); }, type.type);
  }
  void check(const ast::IndexType& type, SourceRange outer) { check(*type.size, outer); }
  void check(const ast::RealType& type, SourceRange outer) {
    for (const auto& size : type.sizes) check(*size, outer);
  }
  void check(const ast::LayerStatement& layer, SourceRange outer) {
    check(layer.name, outer);
    place(layer.maker_where, outer, "maker");
    check(layer.maker, layer.maker_where);
  }
  void check(const ast::WeightStatement& weight, SourceRange outer) {
    check(weight.name, outer);
    check(weight.type, outer);
    place(weight.initializer_where, outer, "initializer");
    check(weight.initializer, weight.initializer_where);
    check(weight.arguments, weight.initializer_where);
  }
  void check(const ast::StateStatement& state, SourceRange outer) {
    check(state.names, outer);
    check(state.type, outer);
  }
  void check(const ast::AssignStatement& assign, SourceRange outer) {
    if (assign.targets.empty()) complain(outer, "assignment", "has no target");
    for (const auto& target : assign.targets) {
      check(target.name, outer);
      if (target.index) check(*target.index, {target.name.where.end, outer.end});
    }
    check(*assign.value, outer);
  }
  void check(const ast::OutputStatement& output, SourceRange outer) { check(*output.value, outer); }
  void check(const ast::YieldStatement& yielded, SourceRange outer) {
    check(*yielded.value, outer);
  }
  void check(const ast::ForStatement& loop, SourceRange outer) {
    braces(outer, "loop");
    check(loop.variable, outer);
    check(*loop.begin, outer);
    check(*loop.end, {loop.begin->where.end, outer.end});
    check(loop.body, {loop.end->where.end, outer.end});
  }
  void check(const ast::IfStatement& branch, SourceRange outer) {
    braces(outer, "if");
    check(branch.parameter, outer);
    if (branch.value) check(*branch.value, {branch.parameter.where.end, outer.end});
    check(branch.then, outer);
    if (!branch.then.empty()) outer.begin = branch.then.back().where.end;
    check(branch.otherwise, outer);
  }

  void check(const ast::Expression& expression, SourceRange outer) {
    place(expression.where, outer, "expression");
    std::visit([&](const auto& node) { check(node, expression.where); }, expression.node);
  }
  void check(const ast::IntegerLiteral& literal, SourceRange where) {
    if (complaint.empty() && file_.text(where) != literal.digits) {
      complain(where, "integer", "is not its own text");
    }
  }
  void check(const ast::RealLiteral&, SourceRange) {}
  void check(const ast::NameReference& reference, SourceRange where) {
    check(ast::Identifier{reference.name, where}, where);
  }
  void check(const ast::Unary& unary, SourceRange outer) { check(*unary.operand, outer); }
  void check(const ast::Chain& chain, SourceRange outer) {
    if (chain.rest.empty()) complain(outer, "chain", "has one operand");
    check(*chain.first, outer);
    for (const auto& term : chain.rest) {
      place(term.op_where, outer, "operator");
      if (complaint.empty() && file_.text(term.op_where) != op_text(term.op)) {
        complain(term.op_where, "operator", "is not its own text");
      }
      check(*term.operand, {term.op_where.end, outer.end});
    }
  }
  void check(const ast::Call& call, SourceRange outer) {
    check(call.callee, outer);
    if (call.callee.where.begin != outer.begin) complain(outer, "call", "begins before its name");
    if (file_.text()[outer.end - 1] != ')') complain(outer, "call", "ends before its bracket");
    check(call.arguments, outer);
  }
  void check(const ast::Pipeline& pipeline, SourceRange outer) {
    if (pipeline.stages.empty()) complain(outer, "pipeline", "has no stage");
    check(*pipeline.source, outer);
    for (const auto& stage : pipeline.stages) {
      place(stage.where, outer, "stage");
      check(stage.callee, stage.where);
      check(stage.arguments, stage.where);
    }
  }
  void check(const ast::Indexed& indexed, SourceRange outer) {
    if (indexed.subscripts.empty()) complain(outer, "subscripts", "are none");
    if (file_.text()[outer.end - 1] != ']') complain(outer, "indexed", "ends before its bracket");
    check(*indexed.base, outer);
    for (const auto& subscript : indexed.subscripts) {
      place(subscript.where, {indexed.base->where.end, outer.end}, "subscript");
      if (!subscript.is_range && subscript.end) complain(subscript.where, "index", "has an end");
      if (subscript.begin) check(*subscript.begin, subscript.where);
      if (subscript.end) check(*subscript.end, subscript.where);
    }
  }
  void check(const std::vector<ast::Argument>& arguments, SourceRange outer) {
    for (const auto& argument : arguments) {
      if (argument.name) check(*argument.name, outer);
      check(*argument.value, outer);
    }
  }

  static std::string_view op_text(ast::BinaryOperator op) {
    return std::string_view("+-*/@").substr(static_cast<std::size_t>(op), 1);
  }

  const SourceFile& file_;
};

}  // namespace

std::string misplaced(const coil::ast::File& ast, const coil::SourceFile& file) {
  Walk walk(file);
  walk.check(ast);
  return walk.complaint;
}

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "compiler/syntax/parse.hpp"

namespace coil {

namespace {

std::string_view name_of(ast::BinaryOperator op) {
  switch (op) {
    case ast::BinaryOperator::add:
      return "+";
    case ast::BinaryOperator::subtract:
      return "-";
    case ast::BinaryOperator::multiply:
      return "*";
    case ast::BinaryOperator::divide:
      return "/";
    case ast::BinaryOperator::matmul:
      return "@";
  }
  return "";
}

// Writes one node a line; `print` overloads go down the tree.
class Printer {
 public:
  explicit Printer(const SourceFile& file) : file_(file) {}

  void print(const ast::File& file) {
    for (const auto& declaration : file.declarations) {
      std::visit([this](const auto& node) { print(node); }, declaration);
    }
  }
  std::string take() { return std::move(out_); }

 private:
  template <typename... Args>
  void line(SourceRange where, fmt::format_string<Args...> text, Args&&... args) {
    out_.append(2 * static_cast<std::size_t>(depth_), ' ');
    fmt::format_to(std::back_inserter(out_), text, std::forward<Args>(args)...);
    const LineColumn at = file_.locate(where.begin);
    fmt::format_to(std::back_inserter(out_), "  {}:{}\n", at.line, at.column);
  }

  // What `print_children` prints stands one step further in.
  template <typename Children>
  void nest(const Children& print_children) {
    ++depth_;
    print_children();
    --depth_;
  }

  void print(const ast::Model& model) {
    line(model.where, "model {}", model.name.name);
    nest([&] {
      for (const ast::Parameter& parameter : model.parameters) {
        line(parameter.name.where, "parameter {}", parameter.name.name);
        nest([&] { print(*parameter.value); });
      }
      for (const ast::Statement& statement : model.statements) {
        std::visit([&](const auto& node) { print(node, statement.where); }, statement.node);
      }
    });
  }

  void print(const ast::InputStatement& input, SourceRange where) {
    line(where, "input");
    nest([&] {
      for (const ast::Identifier& name : input.names) line(name.where, "name {}", name.name);
      std::visit([&](const auto& type) { print(type, input.type.where); }, input.type.type);
    });
  }

  void print(const ast::IndexType& type, SourceRange where) {
    line(where, "index");
    nest([&] { print(*type.size); });
  }

  void print(const ast::RealType& type, SourceRange where) {
    line(where, "real");
    nest([&] {
      for (const ast::ExpressionPtr& size : type.sizes) print(*size);
    });
  }

  void print(const ast::LayerStatement& layer, SourceRange where) {
    line(where, "layer {}", layer.name.name);
    nest([&] { print(layer.maker, layer.maker_where); });
  }

  void print(const ast::AssignStatement& assign, SourceRange where) {
    line(where, "assign {}", assign.target.name);
    nest([&] { print(*assign.value); });
  }

  void print(const ast::OutputStatement& output, SourceRange where) {
    line(where, "output");
    nest([&] { print(*output.value); });
  }

  void print(const ast::Expression& expression) {
    std::visit([&](const auto& node) { print(node, expression.where); }, expression.node);
  }

  void print(const ast::IntegerLiteral& literal, SourceRange where) {
    line(where, "integer {}", literal.digits);
  }

  void print(const ast::RealLiteral& literal, SourceRange where) {
    line(where, "real {}", literal.value);
  }

  void print(const ast::NameReference& reference, SourceRange where) {
    line(where, "name {}", reference.name);
  }

  void print(const ast::Unary& unary, SourceRange where) {
    line(where, "negate");
    nest([&] { print(*unary.operand); });
  }

  void print(const ast::Chain& chain, SourceRange where) {
    line(where, "chain");
    nest([&] {
      print(*chain.first);
      for (const ast::Term& term : chain.rest) {
        line(term.op_where, "{}", name_of(term.op));
        nest([&] { print(*term.operand); });
      }
    });
  }

  void print(const ast::Call& call, SourceRange where) {
    line(where, "call {}", call.callee.name);
    print(call.arguments);
  }

  void print(const ast::Pipeline& pipeline, SourceRange where) {
    line(where, "pipeline");
    nest([&] {
      print(*pipeline.source);
      for (const ast::Stage& stage : pipeline.stages) {
        line(stage.where, "stage {}{}", stage.callee.name, stage.has_arguments ? "()" : "");
        print(stage.arguments);
      }
    });
  }

  void print(const std::vector<ast::Argument>& arguments) {
    nest([&] {
      for (const ast::Argument& argument : arguments) print(argument);
    });
  }

  void print(const ast::Argument& argument) {
    if (!argument.name) return print(*argument.value);
    line(argument.name->where, "argument {}", argument.name->name);
    nest([&] { print(*argument.value); });
  }

  const SourceFile& file_;
  std::string out_;
  int depth_ = 0;
};

}  // namespace

std::string print_ast(const ast::File& ast, const SourceFile& file) {
  Printer printer(file);
  printer.print(ast);
  return printer.take();
}

}  // namespace coil

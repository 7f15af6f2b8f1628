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

  void print(const ast::Import& import) {
    line(import.where, "import \"{}\"", import.path);
    nest([&] { print(import.names); });
  }

  void print(const ast::Model& model) {
    line(model.where, "model {}", model.name.name);
    nest([&] {
      print(model.parameters);
      print(model.statements);
    });
  }

  void print(const ast::Cell& cell) {
    line(cell.where, "cell {}", cell.name.name);
    nest([&] {
      print(cell.parameters);
      print(cell.statements);
      if (cell.step) print(*cell.step);
    });
  }

  void print(const ast::Step& step) {
    line(step.where, "step");
    nest([&] {
      print(step.parameters);
      print(step.body);
    });
  }

  void print(const std::vector<ast::Parameter>& parameters) {
    for (const ast::Parameter& parameter : parameters) {
      line(parameter.name.where, "parameter {}", parameter.name.name);
      if (parameter.value) nest([&] { print(*parameter.value); });
    }
  }

  void print(const std::vector<ast::Statement>& statements) {
    for (const ast::Statement& statement : statements) {
      std::visit([&](const auto& node) { print(node, statement.where); }, statement.node);
    }
  }

  void print(const std::vector<ast::Identifier>& names) {
    for (const ast::Identifier& name : names) line(name.where, "name {}", name.name);
  }

  void print(const ast::InputStatement& input, SourceRange where) {
    line(where, "input");
    nest([&] {
      for (const ast::InputName& name : input.names) {
        line(name.name.where, "name {}", name.name.name);
        if (name.steps) nest([&] { print(*name.steps); });
      }
      print(input.type);
    });
  }

  void print(const ast::ValueType& type) {
    std::visit([&](const auto& node) { print(node, type.where); }, type.type);
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

  void print(const ast::WeightStatement& weight, SourceRange where) {
    line(where, "weight {}", weight.name.name);
    nest([&] {
      print(weight.type);
      line(weight.initializer_where, "initializer {}", weight.initializer.name);
      print(weight.arguments);
    });
  }

  void print(const ast::StateStatement& state, SourceRange where) {
    line(where, "state");
    nest([&] {
      print(state.names);
      print(state.type);
    });
  }

  void print(const ast::AssignStatement& assign, SourceRange where) {
    const bool is_plain = assign.targets.size() == 1 && !assign.targets.front().index;
    if (is_plain) {
      line(where, "assign {}", assign.targets.front().name.name);
    } else {
      line(where, "assign");
    }
    nest([&] {
      if (!is_plain) print(assign.targets);
      print(*assign.value);
    });
  }

  void print(const std::vector<ast::Target>& targets) {
    for (const ast::Target& target : targets) {
      line(target.name.where, "target {}", target.name.name);
      if (target.index) nest([&] { print(*target.index); });
    }
  }

  void print(const ast::OutputStatement& output, SourceRange where) {
    line(where, "output");
    nest([&] { print(*output.value); });
  }

  void print(const ast::YieldStatement& yielded, SourceRange where) {
    line(where, "yield");
    nest([&] { print(*yielded.value); });
  }

  void print(const ast::ForStatement& loop, SourceRange where) {
    line(where, "for {}", loop.variable.name);
    nest([&] {
      print_part("from", loop.begin);
      print_part("to", loop.end);
      print(loop.body);
    });
  }

  void print(const ast::IfStatement& branch, SourceRange where) {
    if (branch.value) {
      line(where, "if {} == {}", branch.parameter.name, branch.value->name);
    } else {
      line(where, "if {}", branch.parameter.name);
    }
    nest([&] { print(branch.then); });
    if (branch.otherwise.empty()) return;
    line(branch.otherwise.front().where, "else");
    nest([&] { print(branch.otherwise); });
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

  void print(const ast::Indexed& indexed, SourceRange where) {
    line(where, "indexed");
    nest([&] {
      print(*indexed.base);
      for (const ast::Subscript& subscript : indexed.subscripts) print(subscript);
    });
  }

  void print(const ast::Subscript& subscript) {
    line(subscript.where, "{}", subscript.is_range ? "range" : "index");
    nest([&] {
      if (!subscript.is_range) return print(*subscript.begin);
      print_part("from", subscript.begin);
      print_part("to", subscript.end);
    });
  }

  // One end of a range; nothing where it was left out.
  void print_part(std::string_view what, const ast::ExpressionPtr& end) {
    if (!end) return;
    line(end->where, "{}", what);
    nest([&] { print(*end); });
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

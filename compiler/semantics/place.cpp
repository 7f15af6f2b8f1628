#include "compiler/semantics/place.hpp"

namespace coil::semantics {
namespace {

class Placer {
 public:
  explicit Placer(std::uint32_t number) : number_(number) {}

  void put(SourceRange& where) { where.file = number_; }
  void put(ast::Identifier& name) { put(name.where); }
  void put(std::optional<ast::Identifier>& name) {
    if (name) put(*name);
  }
  void put(ast::ExpressionPtr& expression) {
    if (!expression) return;
    put(expression->where);
    std::visit(*this, expression->node);
  }
  void put(ast::Argument& argument) {
    put(argument.name);
    put(argument.value);
  }
  void put(ast::Parameter& parameter) {
    put(parameter.name);
    put(parameter.value);
  }
  void put(ast::Stage& stage) {
    put(stage.where);
    put(stage.callee);
    put(stage.arguments);
  }
  void put(ast::Subscript& subscript) {
    put(subscript.where);
    put(subscript.begin);
    put(subscript.end);
  }
  void put(ast::ValueType& type) {
    put(type.where);
    std::visit(*this, type.type);
  }
  void put(ast::Statement& statement) {
    put(statement.where);
    std::visit(*this, statement.node);
  }
  template <typename Item>
  void put(std::vector<Item>& items) {
    for (Item& item : items) put(item);
  }

  void operator()(ast::IntegerLiteral&) {}
  void operator()(ast::RealLiteral&) {}
  void operator()(ast::NameReference&) {}
  void operator()(ast::Unary& unary) { put(unary.operand); }
  void operator()(ast::Chain& chain) {
    put(chain.first);
    for (ast::Term& term : chain.rest) {
      put(term.op_where);
      put(term.operand);
    }
  }
  void operator()(ast::Call& call) {
    put(call.callee);
    put(call.arguments);
  }
  void operator()(ast::Pipeline& pipeline) {
    put(pipeline.source);
    put(pipeline.stages);
  }
  void operator()(ast::Indexed& indexed) {
    put(indexed.base);
    put(indexed.subscripts);
  }

  void operator()(ast::IndexType& index) { put(index.size); }
  void operator()(ast::RealType& real) { put(real.sizes); }

  void operator()(ast::InputStatement& input) {
    for (ast::InputName& name : input.names) {
      put(name.name);
      put(name.steps);
    }
    put(input.type);
  }
  void operator()(ast::LayerStatement& layer) {
    put(layer.name);
    put(layer.maker_where);
    (*this)(layer.maker);
  }
  void operator()(ast::WeightStatement& weight) {
    put(weight.name);
    put(weight.type);
    put(weight.initializer_where);
    put(weight.initializer);
    put(weight.arguments);
  }
  void operator()(ast::StateStatement& state) {
    put(state.names);
    put(state.type);
  }
  void operator()(ast::AssignStatement& assign) {
    for (ast::Target& target : assign.targets) {
      put(target.name);
      put(target.index);
    }
    put(assign.value);
  }
  void operator()(ast::OutputStatement& output) { put(output.value); }
  void operator()(ast::YieldStatement& yielded) { put(yielded.value); }
  void operator()(ast::ForStatement& loop) {
    put(loop.variable);
    put(loop.begin);
    put(loop.end);
    put(loop.body);
  }
  void operator()(ast::IfStatement& choice) {
    put(choice.parameter);
    put(choice.value);
    put(choice.then);
    put(choice.otherwise);
  }

  void operator()(ast::Model& model) {
    put(model.where);
    put(model.name);
    put(model.parameters);
    put(model.statements);
  }
  void operator()(ast::Cell& cell) {
    put(cell.where);
    put(cell.name);
    put(cell.parameters);
    put(cell.statements);
    if (!cell.step) return;
    put(cell.step->where);
    put(cell.step->parameters);
    put(cell.step->body);
  }
  void operator()(ast::Import& import) {
    put(import.where);
    put(import.path_where);
    put(import.names);
  }

 private:
  std::uint32_t number_;
};

}  // namespace

void put_in_file(ast::File& file, std::uint32_t number) {
  Placer placer(number);
  for (ast::Declaration& declaration : file.declarations) std::visit(placer, declaration);
}

}  // namespace coil::semantics

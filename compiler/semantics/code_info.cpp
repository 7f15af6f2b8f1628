#include "compiler/semantics/code_info.hpp"

#include <algorithm>

#include "compiler/semantics/functions.hpp"
#include "compiler/semantics/layers.hpp"

namespace coil::semantics {
namespace {

class Reader {
 public:
  explicit Reader(CodeInfo& info) : info_(info) {}

  void define(const ast::Identifier& name) {
    info_.names.try_emplace(name.name, NamePlace{name.where, loops_ > 0});
  }

  void read(const std::vector<ast::Parameter>& parameters) {
    for (const ast::Parameter& parameter : parameters) {
      define(parameter.name);
      read(parameter.value);
    }
  }

  void read(const std::vector<ast::Statement>& statements) {
    for (const ast::Statement& statement : statements) std::visit(*this, statement.node);
  }

  void operator()(const ast::InputStatement& input) {
    for (const ast::InputName& name : input.names) {
      define(name.name);
      read(name.steps);
    }
    read(input.type);
  }
  void operator()(const ast::LayerStatement& layer) {
    define(layer.name);
    info_.makers.emplace(layer.name.name, layer.maker.callee.name);
    read(layer.maker.arguments);
  }
  void operator()(const ast::WeightStatement& weight) {
    define(weight.name);
    read(weight.type);
    read(weight.arguments);
  }
  void operator()(const ast::StateStatement& state) {
    for (const ast::Identifier& name : state.names) define(name);
    read(state.type);
  }
  void operator()(const ast::AssignStatement& assign) {
    for (const ast::Target& target : assign.targets) {
      define(target.name);
      read(target.index);
    }
    read(assign.value);
  }
  void operator()(const ast::OutputStatement& output) { read(output.value); }
  void operator()(const ast::YieldStatement& yielded) { read(yielded.value); }
  void operator()(const ast::ForStatement& loop) {
    read(loop.begin);
    read(loop.end);
    ++loops_;
    define(loop.variable);
    read(loop.body);
    --loops_;
  }
  void operator()(const ast::IfStatement& choice) {
    info_.compared[choice.parameter.name].push_back(choice.value ? choice.value->name : "true");
    read(choice.then);
    read(choice.otherwise);
  }

  void operator()(const ast::IntegerLiteral&) {}
  void operator()(const ast::RealLiteral&) {}
  void operator()(const ast::NameReference& name) { info_.read.insert(name.name); }
  void operator()(const ast::Unary& unary) { read(unary.operand); }
  void operator()(const ast::Chain& chain) {
    read(chain.first);
    for (const ast::Term& term : chain.rest) read(term.operand);
  }
  void operator()(const ast::Call& call) {
    info_.called.insert(call.callee.name);
    read(call.arguments);
  }
  void operator()(const ast::Pipeline& pipeline) {
    read(pipeline.source);
    for (const ast::Stage& stage : pipeline.stages) {
      info_.called.insert(stage.callee.name);
      read(stage.arguments);
    }
  }
  void operator()(const ast::Indexed& indexed) {
    read(indexed.base);
    for (const ast::Subscript& subscript : indexed.subscripts) {
      read(subscript.begin);
      read(subscript.end);
    }
  }

 private:
  void read(const ast::ExpressionPtr& expression) {
    if (expression) std::visit(*this, expression->node);
  }
  void read(const std::vector<ast::Argument>& arguments) {
    for (const ast::Argument& argument : arguments) read(argument.value);
  }
  void read(const ast::ValueType& type) {
    if (const auto* index = std::get_if<ast::IndexType>(&type.type)) return read(index->size);
    for (const ast::ExpressionPtr& size : std::get<ast::RealType>(type.type).sizes) read(size);
  }

  CodeInfo& info_;
  int loops_ = 0;
};

const std::vector<std::string>& truths() {
  static const std::vector<std::string> words = {"false", "true"};
  return words;
}

}  // namespace

bool is_truth(const std::string& word) { return word == "true" || word == "false"; }

std::unordered_set<std::string> names_read(const ast::Expression& expression) {
  CodeInfo info;
  std::visit(Reader(info), expression.node);
  return info.read;
}

CodeInfo inspect(const ast::Model& model) {
  CodeInfo info;
  Reader reader(info);
  reader.read(model.parameters);
  reader.read(model.statements);
  return info;
}

CodeInfo inspect(const ast::Cell& cell) {
  CodeInfo info;
  Reader reader(info);
  reader.read(cell.parameters);
  reader.read(cell.statements);
  if (!cell.step) return info;
  for (const ast::Identifier& parameter : cell.step->parameters) reader.define(parameter);
  reader.read(cell.step->body);
  return info;
}

std::vector<std::string> choices_of(const CodeInfo& info, const std::string& parameter,
                                    const std::string& fallback) {
  if (is_truth(fallback)) return truths();
  if (info.called.contains(parameter)) return callable_names();
  const auto compared = info.compared.find(parameter);
  if (compared == info.compared.end()) return all_choices();
  std::vector<std::string> words = compared->second;
  if (!fallback.empty()) words.push_back(fallback);
  if (info.read.contains(parameter)) {  // handed on to a layer
    const std::vector<std::string> more = all_choices();
    words.insert(words.end(), more.begin(), more.end());
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

}  // namespace coil::semantics

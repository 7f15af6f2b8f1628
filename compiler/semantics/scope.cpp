#include "compiler/semantics/scope.hpp"

#include <algorithm>

#include "compiler/source/internal_error.hpp"

namespace coil::semantics {
namespace {

class NameCollector {
 public:
  explicit NameCollector(NamesOfModel& names) : names_(names) {}

  void operator()(const ast::InputStatement& input) {
    for (const ast::Identifier& name : input.names) add(name);
  }
  void operator()(const ast::LayerStatement& layer) { add(layer.name); }
  void operator()(const ast::AssignStatement& assign) { add(assign.target); }
  void operator()(const ast::OutputStatement&) {}

  void add(const ast::Identifier& name) { names_.try_emplace(name.name, name.where); }

 private:
  NamesOfModel& names_;
};

}  // namespace

std::string_view describe(BindingKind kind) {
  switch (kind) {
    case BindingKind::parameter:
      return "a parameter";
    case BindingKind::input:
      return "an input";
    case BindingKind::variable:
      return "a value";
    case BindingKind::layer:
      return "a layer";
  }
  throw InternalError("unknown kind of binding");
}

Binding* Scope::find(const std::string& name) {
  const auto found = bindings_.find(name);
  return found == bindings_.end() ? nullptr : &found->second;
}

Binding& Scope::define(const std::string& name, Binding binding) {
  return bindings_[name] = std::move(binding);
}

std::vector<std::string> Scope::names() const {
  std::vector<std::string> names;
  names.reserve(bindings_.size());
  for (const auto& [name, binding] : bindings_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

NamesOfModel names_of(const ast::Model& model) {
  NamesOfModel names;
  NameCollector collect(names);
  for (const ast::Parameter& parameter : model.parameters) collect.add(parameter.name);
  for (const ast::Statement& statement : model.statements) std::visit(collect, statement.node);
  return names;
}

}  // namespace coil::semantics

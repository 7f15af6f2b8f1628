#include "compiler/semantics/statements.hpp"

#include <fmt/format.h>

#include "compiler/semantics/expressions.hpp"
#include "compiler/semantics/messages.hpp"
#include "compiler/semantics/values.hpp"

namespace coil::semantics {
namespace {

// An input's type; of a batch of rows.
struct InputType {
  Type type;
  std::int64_t bound = 0;
};

class InputTypeReader {
 public:
  InputTypeReader(Context& context, SourceRange where) : context_(context), where_(where) {}

  std::optional<InputType> operator()(const ast::IndexType& index) {
    const auto bound = size(*index.size, "the number of values of an index");
    if (!bound) return std::nullopt;
    return InputType{{Element::index, {{batch_dim}}}, *bound};
  }

  std::optional<InputType> operator()(const ast::RealType& real) {
    Shape shape{{batch_dim}};
    for (const ast::ExpressionPtr& expression : real.sizes) {
      if (const auto one = size(*expression, "a size")) shape.dims.push_back(*one);
    }
    if (shape.rank() != real.sizes.size() + 1) return std::nullopt;
    const auto why = why_too_large(shape);
    if (!why) return InputType{{Element::real, shape}};
    context_.diagnostics.error(where_, fmt::format("the input would be too large: {}", *why));
    return std::nullopt;
  }

 private:
  std::optional<std::int64_t> size(const ast::Expression& expression, const std::string& what) {
    return as_size(context_, meaning_of(context_, expression), what);
  }

  Context& context_;
  SourceRange where_;
};

// Whether the name is free for an input or a layer, which are defined once.
bool is_free(Context& context, const ast::Identifier& name) {
  const Binding* other = context.scope.find(name.name);
  if (!other) return true;
  context.diagnostics
      .error(name.where, fmt::format("'{}' is {} already; choose another name", name.name,
                                     describe(other->kind)))
      .note(other->where, fmt::format("'{}' is defined here", name.name));
  return false;
}

// Values may be given anew, nothing else.
bool is_assignable(Context& context, const ast::Identifier& name) {
  const Binding* other = context.scope.find(name.name);
  return !other || other->kind == BindingKind::variable || is_free(context, name);
}

Meaning make_input(Context& context, const ast::Identifier& name,
                   const std::optional<InputType>& type) {
  const std::int64_t position = context.inputs++;
  if (!type) return poison(name.where);
  context.at(name.where);
  const Value value = context.build.leaf(
      Op::input, InputAttributes{{name.name}, position, type->bound}, type->type);
  return {value, name.where, {OriginKind::input, name.name, name.where}};
}

bool may_be_output(Context& context, const Meaning& result) {
  if (result.is_poison()) return false;
  const Value* value = result.value();
  const Type* type = value ? &context.build.type(*value) : nullptr;
  if (type && type->element == Element::real && type->shape.is_batched()) return true;
  const bool constant = type && type->element == Element::real;
  context.diagnostics.error(
      result.where,
      fmt::format("an output must be a real value computed from the inputs, and this is {}",
                  constant ? "a constant" : describe(context.graph, result)));
  return false;
}

class StatementElaborator {
 public:
  explicit StatementElaborator(Context& context) : context_(context) {}

  void operator()(const ast::InputStatement& input) {
    context_.has_input = true;
    const auto type = std::visit(InputTypeReader(context_, input.type.where), input.type.type);
    for (const ast::Identifier& name : input.names) {
      if (!is_free(context_, name)) continue;
      context_.scope.define(name.name,
                            {BindingKind::input, name.where, make_input(context_, name, type)});
    }
  }

  void operator()(const ast::LayerStatement& statement) {
    const ast::Identifier& name = statement.name;
    Layer& layer = make_layer(context_, name.name, name.where, statement.maker.callee,
                              statement.maker.arguments);
    if (!is_free(context_, name)) return;
    context_.scope.define(name.name, {BindingKind::layer, name.where, {}, &layer});
  }

  void operator()(const ast::AssignStatement& assign) {
    const ast::Identifier& name = assign.target;
    Meaning value = meaning_of(context_, *assign.value);
    if (!is_assignable(context_, name)) return;
    value.origin = {OriginKind::variable, name.name, name.where};
    context_.scope.define(name.name, {BindingKind::variable, name.where, value});
  }

  void operator()(const ast::OutputStatement& output) {
    context_.has_output = true;
    const Meaning result = meaning_of(context_, *output.value);
    if (!may_be_output(context_, result)) return;
    std::vector<Output>& outputs = context_.graph.outputs;
    const std::string name = outputs.empty() ? "output" : fmt::format("output_{}", outputs.size());
    outputs.push_back({name, *result.value(), OutputKind::result});
  }

 private:
  Context& context_;
};

}  // namespace

void elaborate_statements(Context& context, const std::vector<ast::Statement>& statements) {
  StatementElaborator elaborator(context);
  for (const ast::Statement& statement : statements) std::visit(elaborator, statement.node);
}

}  // namespace coil::semantics

#include "compiler/semantics/expressions.hpp"

#include <fmt/format.h>

#include "compiler/semantics/arithmetic.hpp"
#include "compiler/semantics/functions.hpp"
#include "compiler/semantics/messages.hpp"
#include "compiler/semantics/sequences.hpp"

namespace coil::semantics {
namespace {

// A built-in's name in place of a value.
Meaning misused_name(Context& context, const std::string& name, SourceRange where) {
  if (const Function* function = find_function(name)) {
    context.diagnostics.error(
        where, fmt::format("'{}' is a function; call it: {}", name, function->usage));
    return poison(where);
  }
  if (is_layer_kind(context, name)) {
    context.diagnostics.error(where, fmt::format("'{}' is a kind of layer; make one first: layer "
                                                 "NAME = {}",
                                                 name, usage_of_kind(context, name)));
    return poison(where);
  }
  return unknown_name(context, name, where);
}

// A collection is given as it stands, complete or not.
Meaning named(Context& context, const std::string& name, SourceRange where) {
  Binding* binding = context.scope().find(name);
  if (!binding) return misused_name(context, name, where);
  binding->used = true;
  if (binding->kind == BindingKind::layer) {
    context.diagnostics
        .error(where, fmt::format("'{0}' is a layer, not a value; apply it to one: {0}(...)", name))
        .note(binding->where, fmt::format("layer '{}' is defined here", name));
    return poison(where);
  }
  Meaning found = binding->meaning;
  found.where = where;
  return found;
}

Meaning meaning_of_name(Context& context, const std::string& name, SourceRange where) {
  Meaning found = named(context, name, where);
  return found.collection() ? completed(context, found, where) : found;
}

class Evaluator {
 public:
  Evaluator(Context& context, SourceRange where) : context_(context), where_(where) {}

  Meaning operator()(const ast::IntegerLiteral& literal) {
    const Computed read = read_integer(literal.digits);
    if (read.error.empty()) return meaning(std::get<std::int64_t>(read.value), where_);
    context_.diagnostics.error(where_, read.error);
    return poison(where_);
  }

  Meaning operator()(const ast::RealLiteral& literal) { return meaning(literal.value, where_); }

  Meaning operator()(const ast::NameReference& reference) {
    return meaning_of_name(context_, reference.name, where_);
  }

  Meaning operator()(const ast::Unary& unary) {
    return apply_negation(context_, meaning_of(context_, *unary.operand), where_);
  }

  Meaning operator()(const ast::Chain& chain) {
    Meaning left = meaning_of(context_, *chain.first);
    for (const ast::Term& term : chain.rest) {
      left = apply_operator(context_, term, left, meaning_of(context_, *term.operand));
    }
    return left;
  }

  Meaning operator()(const ast::Call& call) { return apply_call(context_, call, where_); }

  Meaning operator()(const ast::Indexed& indexed) {
    const auto* name = std::get_if<ast::NameReference>(&indexed.base->node);
    const Meaning base = name ? named(context_, name->name, indexed.base->where)
                              : meaning_of(context_, *indexed.base);
    return apply_subscripts(context_, base, indexed.subscripts, where_);
  }

  Meaning operator()(const ast::Pipeline& pipeline) {
    Meaning value = meaning_of(context_, *pipeline.source);
    for (const ast::Stage& stage : pipeline.stages) value = apply_stage(context_, stage, value);
    return value;
  }

 private:
  Context& context_;
  SourceRange where_;
};

}  // namespace

Meaning meaning_of(Context& context, const ast::Expression& expression) {
  return std::visit(Evaluator(context, expression.where), expression.node);
}

}  // namespace coil::semantics

#include <fmt/format.h>

#include "compiler/semantics/expressions.hpp"
#include "compiler/semantics/functions.hpp"
#include "compiler/semantics/messages.hpp"

namespace coil::semantics {
namespace {

// Every argument's meaning, so that the mistakes inside each are reported whatever the callee is.
std::vector<Meaning> meanings(Context& context, const std::vector<ast::Argument>& arguments) {
  std::vector<Meaning> all;
  all.reserve(arguments.size());
  for (const ast::Argument& argument : arguments) {
    all.push_back(meaning_of(context, *argument.value));
  }
  return all;
}

const ast::Identifier* first_name(const std::vector<ast::Argument>& arguments) {
  for (const ast::Argument& argument : arguments) {
    if (argument.name) return &*argument.name;
  }
  return nullptr;
}

Meaning refuse_named(Context& context, const std::string& callee, const ast::Identifier& name,
                     SourceRange where) {
  context.diagnostics.error(name.where,
                            fmt::format("'{}' takes no argument by name; write the value "
                                        "without '{} ='",
                                        callee, name.name));
  return poison(where);
}

Meaning call_layer(Context& context, const ast::Call& call, Layer& layer, SourceRange where) {
  const std::vector<Meaning> arguments = meanings(context, call.arguments);
  if (const auto* name = first_name(call.arguments)) {
    return refuse_named(context, call.callee.name, *name, where);
  }
  return apply_layer(context, layer, arguments, where);
}

Meaning call_function(Context& context, const ast::Call& call, const Function& function,
                      SourceRange where) {
  const std::vector<Meaning> arguments = meanings(context, call.arguments);
  if (const auto* name = first_name(call.arguments)) {
    return refuse_named(context, call.callee.name, *name, where);
  }
  return apply_function(context, function, arguments, where);
}

// `h = dense(4)`: the arguments are a layer's and are not looked at before it is one.
Meaning refuse_kind(Context& context, const std::string& kind, SourceRange where) {
  context.diagnostics.error(
      where, fmt::format("'{0}(...)' makes a layer, not a value; write 'layer NAME = {0}(...)' and "
                         "apply it with NAME(x), or write 'x |> {0}(...)'",
                         kind));
  return poison(where);
}

// A person's cell hides the built-in function of its name.
bool is_own_cell(const Context& context, const std::string& name) {
  return context.frame->file->cells.contains(name);
}

const Word* word_of(const Binding& binding) {
  return binding.kind == BindingKind::parameter ? binding.meaning.word() : nullptr;
}

// A value, input or parameter that is called, or stands as a stage.
Meaning refuse_value(Context& context, const Binding& binding, const ast::Identifier& name,
                     SourceRange where) {
  const bool hides = find_function(name.name) || is_layer_kind(context, name.name);
  context.diagnostics
      .error(name.where, fmt::format("'{}' is {}, and only layers and functions can be applied",
                                     name.name, describe(binding.kind)))
      .note(binding.where, hides ? fmt::format("'{}' is defined here and hides the built-in one; "
                                               "another name would not",
                                               name.name)
                                 : fmt::format("'{}' is defined here", name.name));
  return poison(where);
}

Meaning stage_of_layer(Context& context, const ast::Stage& stage, Layer& layer,
                       const Meaning& source) {
  const SourceRange where = stage.where;
  if (!stage.has_arguments) return apply_layer(context, layer, {&source, 1}, where);
  meanings(context, stage.arguments);
  context.diagnostics
      .error(where, fmt::format("layer '{0}' has its arguments already; write '|> {0}'",
                                stage.callee.name))
      .note(layer.where, fmt::format("layer '{}' is defined here", stage.callee.name));
  return poison(where);
}

std::vector<Meaning> with_source(Context& context, const ast::Stage& stage, const Meaning& source) {
  std::vector<Meaning> arguments = {source};
  for (Meaning& argument : meanings(context, stage.arguments)) {
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

Meaning stage_of_function(Context& context, const ast::Stage& stage, const Function& function,
                          const Meaning& source) {
  const std::vector<Meaning> arguments = with_source(context, stage, source);
  if (const auto* name = first_name(stage.arguments)) {
    return refuse_named(context, stage.callee.name, *name, stage.where);
  }
  return apply_function(context, function, arguments, stage.where);
}

}  // namespace

Meaning apply_call(Context& context, const ast::Call& call, SourceRange where) {
  const std::string& name = call.callee.name;
  if (Binding* binding = context.scope().find(name)) {
    binding->used = true;
    if (binding->layer) return call_layer(context, call, *binding->layer, where);
    const std::vector<Meaning> arguments = meanings(context, call.arguments);
    if (const Word* word = word_of(*binding)) return apply_word(context, *word, arguments, where);
    return refuse_value(context, *binding, call.callee, where);
  }
  if (is_own_cell(context, name)) return refuse_kind(context, name, where);
  if (const Function* function = find_function(name)) {
    return call_function(context, call, *function, where);
  }
  if (is_layer_kind(context, name)) return refuse_kind(context, name, where);
  unknown_name(context, name, call.callee.where);
  meanings(context, call.arguments);
  return poison(where);
}

Meaning apply_stage(Context& context, const ast::Stage& stage, const Meaning& source) {
  const std::string& name = stage.callee.name;
  if (Binding* binding = context.scope().find(name)) {
    binding->used = true;
    if (binding->layer) return stage_of_layer(context, stage, *binding->layer, source);
    const std::vector<Meaning> arguments = with_source(context, stage, source);
    if (const Word* word = word_of(*binding))
      return apply_word(context, *word, arguments, stage.where);
    return refuse_value(context, *binding, stage.callee, stage.where);
  }
  const Function* function = is_own_cell(context, name) ? nullptr : find_function(name);
  if (function) return stage_of_function(context, stage, *function, source);
  if (is_layer_kind(context, name)) {
    return apply_layer(context, layer_of_stage(context, stage), {&source, 1}, stage.where);
  }
  unknown_name(context, name, stage.callee.where);
  meanings(context, stage.arguments);
  return poison(stage.where);
}

}  // namespace coil::semantics

#include "compiler/semantics/cell_arguments.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utility>

#include "compiler/semantics/arguments.hpp"
#include "compiler/semantics/arithmetic.hpp"
#include "compiler/semantics/cells.hpp"
#include "compiler/semantics/expressions.hpp"
#include "compiler/semantics/functions.hpp"
#include "compiler/semantics/messages.hpp"

namespace coil::semantics {
namespace {

std::string text_of(const FileScope& file, const Reports& reports, SourceRange where) {
  const SourceFile& source = file.source ? *file.source : reports.file();
  return std::string(source.text(where));
}

Signature signature_of(Context& context, const CellDeclaration& cell) {
  Signature signature{cell.name(), usage(context, cell), {}, {}};
  for (const ast::Parameter& parameter : cell.cell->parameters) {
    signature.parameters.push_back(parameter.name.name);
    signature.required.push_back(!parameter.value);
  }
  signature.parameters.emplace_back(stateful_parameter);
  signature.required.push_back(false);
  return signature;
}

// Works out defaults in the cell's own names.
class DefaultFrame {
 public:
  DefaultFrame(Context& context, const CellDeclaration& cell) : context_(context) {
    frame_.info = &cell.info;
    frame_.file = cell.file;
    frame_.part = Part::cell;
  }

  Meaning of(const ast::Parameter& parameter) {
    Frame* before = std::exchange(context_.frame, &frame_);
    Meaning value = default_of(context_, parameter.name.name, *parameter.value);
    context_.frame = before;
    return value;
  }

  void define(const ast::Identifier& name, const Meaning& value) {
    frame_.scope.define(name.name, {BindingKind::parameter, name.where, value});
  }

 private:
  Context& context_;
  Frame frame_;
};

class CellBinder {
 public:
  CellBinder(Context& context, const CellDeclaration& cell)
      : context_(context), cell_(cell), defaults_(context, cell) {}

  std::optional<std::vector<Meaning>> bind(SourceRange where,
                                           const std::vector<ast::Argument>& arguments) {
    const Signature signature = signature_of(context_, cell_);
    const Matched matched = match_arguments(context_, signature, where, arguments);
    bool ok = matched.ok;
    std::vector<Meaning> values;
    const std::vector<ast::Parameter>& parameters = cell_.cell->parameters;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      Meaning value = value_of(parameters[i], matched.given[i], ok);
      ok = ok && !value.is_poison();
      const ast::Identifier& name = parameters[i].name;
      value.origin = {OriginKind::parameter, name.name, name.where};
      defaults_.define(name, value);
      values.push_back(std::move(value));
    }
    values.push_back(stateful(matched.given.back(), where));
    if (!ok || values.back().is_poison()) return std::nullopt;
    return values;
  }

 private:
  Meaning value_of(const ast::Parameter& parameter, const ast::Argument* given, bool ok) {
    const std::string& name = parameter.name.name;
    // A default that needs a parameter with a mistake, or without a value, has nothing to say.
    if (!given && (!ok || !parameter.value)) return poison(parameter.name.where);
    if (!given) return defaults_.of(parameter);
    if (!parameter.value) return without_default(name, *given->value);
    const Meaning fallback = defaults_.of(parameter);
    if (const Word* word = fallback.word()) {
      return bind_choice(context_, name, choices_of(cell_.info, name, word->text), *given->value);
    }
    return number(name, fallback, *given->value);
  }

  // As what it is given: a number, or one of the names that make sense here.
  Meaning without_default(const std::string& name, const ast::Expression& given) {
    const auto* reference = std::get_if<ast::NameReference>(&given.node);
    const bool is_known = reference && context_.scope().find(reference->name);
    const std::vector<std::string> choices = choices_of(cell_.info, name, "");
    const auto is_one = [&](const std::string& word) {
      return std::find(choices.begin(), choices.end(), word) != choices.end();
    };
    if (reference && !is_known && is_one(reference->name)) {
      return meaning(Word{reference->name}, given.where);
    }
    if (reference && !is_known && is_truth(reference->name)) {
      return refuse(name, "a number or a name", meaning(Word{reference->name}, given.where));
    }
    const Meaning found = meaning_of(context_, given);
    const bool fits = found.word() && is_one(found.word()->text);
    if (found.is_poison() || found.is_number() || fits) return found;
    return refuse(name, "a number or a name", found);
  }

  Meaning number(const std::string& name, const Meaning& fallback, const ast::Expression& given) {
    Meaning found = meaning_of(context_, given);
    if (found.is_poison() || fallback.is_poison()) return poison(given.where);
    if (!found.is_number()) return refuse(name, "a number", found);
    if (!fallback.integer()) found.what = to_double(to_number(found));
    if (fallback.integer() && !found.integer()) return refuse(name, "an integer", found);
    return found;
  }

  Meaning refuse(const std::string& name, const std::string& wanted, const Meaning& found) {
    Diagnostic& diagnostic = context_.diagnostics.error(
        found.where, fmt::format("'{}' of cell '{}' must be {}, and this is {}", name, cell_.name(),
                                 wanted, describe(context_.graph, found)));
    note_origin(context_, diagnostic, found);
    return poison(found.where);
  }

  Meaning stateful(const ast::Argument* given, SourceRange where) {
    if (!given) return meaning(Word{"false"}, where);
    return bind_choice(context_, stateful_parameter, {"false", "true"}, *given->value);
  }

  Context& context_;
  const CellDeclaration& cell_;
  DefaultFrame defaults_;
};

}  // namespace

std::string usage(Context& context, const CellDeclaration& cell) {
  std::string list;
  for (const ast::Parameter& parameter : cell.cell->parameters) {
    list += parameter.name.name;
    if (parameter.value) {
      list += " = " + text_of(*cell.file, context.diagnostics, parameter.value->where);
    }
    list += ", ";
  }
  return fmt::format("{}({}{} = false)", cell.name(), list, stateful_parameter);
}

std::optional<std::vector<Meaning>> bind_cell_arguments(
    Context& context, const CellDeclaration& cell, SourceRange where,
    const std::vector<ast::Argument>& arguments) {
  return CellBinder(context, cell).bind(where, arguments);
}

Meaning default_of(Context& context, const std::string& parameter,
                   const ast::Expression& expression) {
  const auto* name = std::get_if<ast::NameReference>(&expression.node);
  if (name && !context.scope().find(name->name)) {
    // An activation's name is one for whatever takes activations; a parameter that an `if` asks for may
    // have any.
    const std::string& word = name->name;
    if (is_choice(word) || is_truth(word) || context.frame->info->compared.contains(parameter) ||
        (context.frame->info->called.contains(parameter) && find_function(word))) {
      return meaning(Word{word}, expression.where);
    }
  }
  const Meaning found = meaning_of(context, expression);
  if (!found.value() && !found.sequence()) return found;
  context.diagnostics.error(expression.where,
                            fmt::format("a parameter must be a number or a name, and this is {}",
                                        describe(context.graph, found)));
  return poison(expression.where);
}

}  // namespace coil::semantics

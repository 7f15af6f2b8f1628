#include "compiler/semantics/arguments.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/semantics/expressions.hpp"
#include "compiler/semantics/messages.hpp"
#include "compiler/semantics/values.hpp"
#include "compiler/source/suggest.hpp"

namespace coil::semantics {
namespace {

class ArgumentBinder {
 public:
  ArgumentBinder(Context& context, const LayerKind& kind)
      : context_(context), kind_(kind), given_(kind.parameters.size()) {}

  void bind(const ast::Argument& argument) {
    const std::optional<std::size_t> slot = argument.name ? named(argument) : positional(argument);
    if (!slot) {
      if (!is_word(*argument.value)) meaning_of(context_, *argument.value);  // its own mistakes
      ok_ = false;
    } else {
      given_[*slot] = &argument;
    }
  }

  std::optional<std::vector<ParameterValue>> finish(SourceRange where) {
    report_missing(where);
    std::vector<ParameterValue> values;
    for (std::size_t i = 0; i < given_.size(); ++i) {
      if (auto value = value_of(i)) values.push_back(std::move(*value));
    }
    if (!ok_ || values.size() != given_.size()) return std::nullopt;
    return values;
  }

 private:
  // A bare `tanh` may have been meant as a choice: there is nothing to say about it by itself.
  static bool is_word(const ast::Expression& expression) {
    const auto* name = std::get_if<ast::NameReference>(&expression.node);
    return name && is_choice(name->name);
  }

  static SourceRange place_of(const ast::Argument& argument) {
    return argument.name ? argument.name->where : argument.value->where;
  }

  std::optional<std::size_t> positional(const ast::Argument& argument) {
    const SourceRange where = argument.value->where;
    if (any_named_) {
      context_.diagnostics.error(where,
                                 "an argument without a name stands after one with a name; "
                                 "put it first, or name it too");
      return std::nullopt;
    }
    if (next_ < given_.size()) return next_++;
    if (ok_) {
      context_.diagnostics.error(where, fmt::format("'{}' takes at most {} arguments: {}",
                                                    kind_.name, given_.size(), usage(kind_)));
    }
    return std::nullopt;
  }

  std::optional<std::size_t> named(const ast::Argument& argument) {
    any_named_ = true;
    const ast::Identifier& name = *argument.name;
    std::vector<std::string> names;
    for (const LayerParameter& parameter : kind_.parameters) names.push_back(parameter.name);
    const auto found = std::find(names.begin(), names.end(), name.name);
    if (found == names.end()) {
      context_.diagnostics.error(
          name.where, fmt::format("'{}' has no argument '{}': {}{}", kind_.name, name.name,
                                  usage(kind_), did_you_mean(name.name, names)));
      return std::nullopt;
    }
    const auto slot = static_cast<std::size_t>(found - names.begin());
    if (!given_[slot]) return slot;
    context_.diagnostics.error(name.where, fmt::format("argument '{}' is given twice", name.name))
        .note(place_of(*given_[slot]), "first given here");
    return std::nullopt;
  }

  void report_missing(SourceRange where) {
    std::vector<std::string> missing;
    for (std::size_t i = 0; i < given_.size(); ++i) {
      const LayerParameter& parameter = kind_.parameters[i];
      if (!given_[i] && !parameter.fallback) missing.push_back(fmt::format("'{}'", parameter.name));
    }
    if (missing.empty() || !ok_) return;
    context_.diagnostics.error(where, fmt::format("'{}' needs {}: {}", kind_.name,
                                                  fmt::join(missing, " and "), usage(kind_)));
  }

  std::optional<ParameterValue> value_of(std::size_t slot) {
    const LayerParameter& parameter = kind_.parameters[slot];
    if (!given_[slot]) return parameter.fallback;
    const ast::Expression& value = *given_[slot]->value;
    if (!parameter.choices.empty()) return choice(parameter, value);
    const auto size =
        as_size(context_, meaning_of(context_, value), fmt::format("'{}'", parameter.name));
    if (size) return *size;
    return std::nullopt;
  }

  // A name that is no parameter's stands for itself here, whatever else has it.
  std::optional<ParameterValue> choice(const LayerParameter& parameter,
                                       const ast::Expression& expression) {
    const auto* name = std::get_if<ast::NameReference>(&expression.node);
    const Binding* bound = name ? context_.scope.find(name->name) : nullptr;
    const bool literal = name && !(bound && bound->kind == BindingKind::parameter);
    const Meaning chosen =
        literal ? meaning(Word{name->name}, expression.where) : meaning_of(context_, expression);
    if (chosen.is_poison()) return std::nullopt;
    const auto& choices = parameter.choices;
    const Word* word = chosen.word();
    if (word && std::find(choices.begin(), choices.end(), word->text) != choices.end()) {
      return word->text;
    }
    report_choice(parameter, chosen);
    return std::nullopt;
  }

  void report_choice(const LayerParameter& parameter, const Meaning& chosen) {
    const Word* word = chosen.word();
    Diagnostic& diagnostic = context_.diagnostics.error(
        chosen.where,
        fmt::format("'{}' must be one of {}, and this is {}{}", parameter.name,
                    fmt::join(parameter.choices, ", "), describe(context_.graph, chosen),
                    word ? did_you_mean(word->text, parameter.choices) : ""));
    note_origin(context_, diagnostic, chosen);
  }

  Context& context_;
  const LayerKind& kind_;
  std::vector<const ast::Argument*> given_;
  std::size_t next_ = 0;
  bool any_named_ = false;
  bool ok_ = true;
};

}  // namespace

std::optional<std::vector<ParameterValue>> bind_arguments(
    Context& context, const LayerKind& kind, SourceRange where,
    const std::vector<ast::Argument>& arguments) {
  ArgumentBinder binder(context, kind);
  for (const ast::Argument& argument : arguments) binder.bind(argument);
  return binder.finish(where);
}

}  // namespace coil::semantics

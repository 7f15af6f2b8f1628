#include "compiler/semantics/arguments.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/semantics/cell_arguments.hpp"
#include "compiler/semantics/cells.hpp"
#include "compiler/semantics/expressions.hpp"
#include "compiler/semantics/messages.hpp"
#include "compiler/semantics/values.hpp"
#include "compiler/source/suggest.hpp"

namespace coil::semantics {
namespace {

class ArgumentMatcher {
 public:
  ArgumentMatcher(Context& context, const Signature& signature)
      : context_(context), signature_(signature) {
    matched_.given.resize(signature.parameters.size());
  }

  void match(const ast::Argument& argument) {
    const std::optional<std::size_t> slot = argument.name ? named(argument) : positional(argument);
    if (!slot) {
      if (!is_word(*argument.value)) meaning_of(context_, *argument.value);  // its own mistakes
      matched_.ok = false;
    } else {
      matched_.given[*slot] = &argument;
    }
  }

  Matched finish(SourceRange where) {
    report_missing(where);
    return std::move(matched_);
  }

 private:
  // A bare `tanh` may have been meant as a choice: there is nothing to say about it by itself.
  static bool is_word(const ast::Expression& expression) {
    const auto* name = std::get_if<ast::NameReference>(&expression.node);
    return name && (is_choice(name->name) || is_truth(name->name));
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
    if (next_ < matched_.given.size()) return next_++;
    if (matched_.ok) {
      context_.diagnostics.error(
          where, fmt::format("'{}' takes at most {} arguments: {}", signature_.callee,
                             matched_.given.size(), signature_.usage));
    }
    return std::nullopt;
  }

  std::optional<std::size_t> named(const ast::Argument& argument) {
    any_named_ = true;
    const ast::Identifier& name = *argument.name;
    const std::vector<std::string>& names = signature_.parameters;
    const auto found = std::find(names.begin(), names.end(), name.name);
    if (found == names.end()) {
      context_.diagnostics.error(
          name.where, fmt::format("'{}' has no argument '{}': {}{}", signature_.callee, name.name,
                                  signature_.usage, did_you_mean(name.name, names)));
      return std::nullopt;
    }
    const auto slot = static_cast<std::size_t>(found - names.begin());
    if (!matched_.given[slot]) return slot;
    context_.diagnostics.error(name.where, fmt::format("argument '{}' is given twice", name.name))
        .note(place_of(*matched_.given[slot]), "first given here");
    return std::nullopt;
  }

  void report_missing(SourceRange where) {
    if (!matched_.ok) return;
    std::vector<std::string> missing;
    for (std::size_t i = 0; i < matched_.given.size(); ++i) {
      if (matched_.given[i] || !signature_.required[i]) continue;
      missing.push_back(fmt::format("'{}'", signature_.parameters[i]));
    }
    if (missing.empty()) return;
    matched_.ok = false;
    context_.diagnostics.error(where, fmt::format("'{}' needs {}: {}", signature_.callee,
                                                  fmt::join(missing, " and "), signature_.usage));
  }

  Context& context_;
  const Signature& signature_;
  Matched matched_;
  std::size_t next_ = 0;
  bool any_named_ = false;
};

Signature signature_of(const LayerKind& kind) {
  Signature signature{kind.name, usage(kind), {}, {}};
  for (const LayerParameter& parameter : kind.parameters) {
    signature.parameters.push_back(parameter.name);
    signature.required.push_back(!parameter.fallback);
  }
  return signature;
}

std::optional<ParameterValue> value_of(Context& context, const LayerParameter& parameter,
                                       const ast::Argument* given) {
  if (!given) return parameter.fallback;
  const std::string what = fmt::format("'{}'", parameter.name);
  if (parameter.takes == LayerParameter::Takes::rate) {
    const auto rate = as_rate(context, meaning_of(context, *given->value), what);
    return rate ? std::optional<ParameterValue>(*rate) : std::nullopt;
  }
  if (parameter.choices.empty()) {
    const auto size = as_size(context, meaning_of(context, *given->value), what);
    return size ? std::optional<ParameterValue>(*size) : std::nullopt;
  }
  const Meaning chosen = bind_choice(context, parameter.name, parameter.choices, *given->value);
  if (const Word* word = chosen.word()) return word->text;
  return std::nullopt;
}

void report_choice(Context& context, const std::string& parameter,
                   const std::vector<std::string>& choices, const Meaning& chosen) {
  const Word* word = chosen.word();
  Diagnostic& diagnostic = context.diagnostics.error(
      chosen.where,
      fmt::format("'{}' must be one of {}, and this is {}{}", parameter, fmt::join(choices, ", "),
                  describe(context.graph, chosen), word ? did_you_mean(word->text, choices) : ""));
  note_origin(context, diagnostic, chosen);
}

bool same(const Meaning& a, const Meaning& b) {
  if (const Word* word = a.word()) return b.word() && *b.word() == *word;
  if (const std::int64_t* integer = a.integer()) return b.integer() && *b.integer() == *integer;
  const auto* real = std::get_if<double>(&a.what);
  const auto* other = std::get_if<double>(&b.what);
  return real && other && *real == *other;
}

}  // namespace

Matched match_arguments(Context& context, const Signature& signature, SourceRange where,
                        const std::vector<ast::Argument>& arguments) {
  ArgumentMatcher matcher(context, signature);
  for (const ast::Argument& argument : arguments) matcher.match(argument);
  return matcher.finish(where);
}

std::optional<std::vector<ParameterValue>> bind_arguments(
    Context& context, const LayerKind& kind, SourceRange where,
    const std::vector<ast::Argument>& arguments) {
  const Matched matched = match_arguments(context, signature_of(kind), where, arguments);
  std::vector<ParameterValue> values;
  for (std::size_t i = 0; i < matched.given.size(); ++i) {
    if (auto value = value_of(context, kind.parameters[i], matched.given[i])) {
      values.push_back(std::move(*value));
    }
  }
  if (!matched.ok || values.size() != matched.given.size()) return std::nullopt;
  return values;
}

Meaning bind_choice(Context& context, const std::string& parameter,
                    const std::vector<std::string>& choices, const ast::Expression& expression) {
  const auto* name = std::get_if<ast::NameReference>(&expression.node);
  const Binding* bound = name ? context.scope().find(name->name) : nullptr;
  const bool literal = name && !(bound && bound->kind == BindingKind::parameter);
  Meaning chosen =
      literal ? meaning(Word{name->name}, expression.where) : meaning_of(context, expression);
  if (chosen.is_poison()) return chosen;
  const Word* word = chosen.word();
  if (word && std::find(choices.begin(), choices.end(), word->text) != choices.end()) {
    return chosen;
  }
  report_choice(context, parameter, choices, chosen);
  return poison(expression.where);
}

bool same_arguments(Context& context, const Layer& layer, SourceRange where,
                    const std::vector<ast::Argument>& arguments) {
  if (!layer.cell) {
    const auto now = bind_arguments(context, *layer.kind, where, arguments);
    return !now || *now == layer.arguments;
  }
  const auto now = bind_cell_arguments(context, *layer.cell->declaration, where, arguments);
  return !now || std::equal(now->begin(), now->end(), layer.cell->arguments.begin(),
                            layer.cell->arguments.end(), same);
}

}  // namespace coil::semantics

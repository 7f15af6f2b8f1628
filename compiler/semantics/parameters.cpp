#include "compiler/semantics/parameters.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/semantics/cell_arguments.hpp"
#include "compiler/semantics/expressions.hpp"
#include "compiler/semantics/messages.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/suggest.hpp"
#include "compiler/source/utf8.hpp"

namespace coil::semantics {
namespace {

using Definitions = std::unordered_map<std::string, const Definition*>;

std::vector<std::string> parameter_names(const ast::Model& model) {
  std::vector<std::string> names;
  for (const ast::Parameter& parameter : model.parameters) names.push_back(parameter.name.name);
  return names;
}

[[noreturn]] void refuse_unknown(const ast::Model& model, const std::string& name) {
  const std::vector<std::string> names = parameter_names(model);
  const std::string known =
      names.empty() ? "it has none" : fmt::format("it has {}", fmt::join(names, ", "));
  fail(ExitCode::usage, "model '{}' has no parameter '{}' ({}){}", model.name.name, printable(name),
       known, did_you_mean(name, names));
}

// A command line may hold anything; a message should not.
std::string shown(const Definition& definition) { return printable(definition.value); }

std::string given(const Definition& definition) {
  return fmt::format("-D {}={}", definition.name, shown(definition));
}

Definitions check_definitions(const ast::Model& model, const std::vector<Definition>& definitions) {
  Definitions found;
  for (const ast::Parameter& parameter : model.parameters) found[parameter.name.name] = nullptr;
  for (const Definition& definition : definitions) {
    const auto place = found.find(definition.name);
    if (place == found.end()) refuse_unknown(model, definition.name);
    if (place->second) {
      fail(ExitCode::usage, "parameter '{}' is set twice, {} and {}", definition.name,
           given(*place->second), given(definition));
    }
    place->second = &definition;
  }
  return found;
}

// The whole of `text` as a number.
template <typename Number>
std::optional<Number> parse_number(const std::string& text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

// One overload per kind of parameter: the definition's text read as what the default is.
std::int64_t read_as(std::int64_t, const CodeInfo&, const Definition& definition) {
  if (const auto value = parse_number<std::int64_t>(definition.value)) return *value;
  fail(ExitCode::usage, "{}: parameter '{}' is an integer (of 64 bits), and '{}' is not",
       given(definition), definition.name, shown(definition));
}

double read_as(double, const CodeInfo&, const Definition& definition) {
  const auto value = parse_number<double>(definition.value);
  if (value && std::isfinite(*value)) return *value;
  fail(ExitCode::usage, "{}: parameter '{}' is a real, and '{}' is not", given(definition),
       definition.name, shown(definition));
}

Word read_as(const Word& fallback, const CodeInfo& info, const Definition& definition) {
  const std::vector<std::string> choices = choices_of(info, definition.name, fallback.text);
  if (std::find(choices.begin(), choices.end(), definition.value) != choices.end()) {
    return {definition.value};
  }
  fail(ExitCode::usage, "{}: parameter '{}' is a name, and '{}' is none of {}{}", given(definition),
       definition.name, shown(definition), fmt::join(choices, ", "),
       did_you_mean(definition.value, choices));
}

// The default's kind decides how the definition is read.
void override_with(Meaning& meaning, const CodeInfo& info, const Definition& definition) {
  if (const Word* word = meaning.word()) {
    meaning.what = read_as(*word, info, definition);
  } else if (const std::int64_t* integer = meaning.integer()) {
    meaning.what = read_as(*integer, info, definition);
  } else if (const auto* real = std::get_if<double>(&meaning.what)) {
    meaning.what = read_as(*real, info, definition);
  }
}

std::optional<ParameterValue> to_parameter(const Meaning& meaning) {
  if (const Word* word = meaning.word()) return word->text;
  if (const auto* integer = std::get_if<std::int64_t>(&meaning.what)) return *integer;
  if (const auto* real = std::get_if<double>(&meaning.what)) return *real;
  return std::nullopt;
}

bool is_new(Context& context, const ast::Identifier& name) {
  const Binding* other = context.scope().find(name.name);
  if (!other) return true;
  context.diagnostics.error(name.where, fmt::format("parameter '{}' is defined twice", name.name))
      .note(other->where, "first defined here");
  return false;
}

}  // namespace

std::vector<EffectiveParameter> elaborate_parameters(Context& context, const ast::Model& model,
                                                     const std::vector<Definition>& definitions) {
  const Definitions given_values = check_definitions(model, definitions);
  std::vector<EffectiveParameter> effective;
  for (const ast::Parameter& parameter : model.parameters) {
    const ast::Identifier& name = parameter.name;
    Meaning value = default_of(context, name.name, *parameter.value);
    if (const Definition* definition = given_values.at(name.name)) {
      override_with(value, context.info, *definition);
    }
    value.origin = {OriginKind::parameter, name.name, name.where};
    if (!is_new(context, name)) continue;
    if (const auto known = to_parameter(value)) effective.push_back({name.name, *known});
    context.scope().define(name.name, {BindingKind::parameter, name.where, value});
  }
  return effective;
}

}  // namespace coil::semantics

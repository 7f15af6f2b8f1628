#include "compiler/semantics/memories.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/semantics/arithmetic.hpp"
#include "compiler/semantics/cells.hpp"
#include "compiler/semantics/expressions.hpp"
#include "compiler/semantics/messages.hpp"
#include "compiler/semantics/sequences.hpp"
#include "compiler/semantics/types.hpp"
#include "compiler/semantics/values.hpp"
#include "compiler/source/suggest.hpp"

namespace coil::semantics {
namespace {

struct InitializerRow {
  std::string_view name;
  InitializerKind kind;
  std::string_view usage;
};

constexpr std::array<InitializerRow, 6> initializers = {
    {{"zeros", InitializerKind::zeros, "zeros"},
     {"ones", InitializerKind::ones, "ones"},
     {"uniform", InitializerKind::uniform, "uniform(limit)"},
     {"glorot_uniform", InitializerKind::glorot_uniform, "glorot_uniform"},
     {"orthogonal", InitializerKind::orthogonal, "orthogonal"},
     {"lstm_bias", InitializerKind::lstm_bias, "lstm_bias"}}};

const InitializerRow* find_initializer(Context& context, const ast::Identifier& name) {
  const auto* row = std::find_if(initializers.begin(), initializers.end(),
                                 [&](const InitializerRow& one) { return one.name == name.name; });
  if (row != initializers.end()) return row;
  std::vector<std::string> names;
  for (const InitializerRow& one : initializers) names.emplace_back(one.name);
  context.diagnostics.error(name.where,
                            fmt::format("unknown initializer '{}'; there are {}{}", name.name,
                                        fmt::join(names, ", "), did_you_mean(name.name, names)));
  return nullptr;
}

// Values of uniform lie in [-limit, limit).
std::optional<double> read_limit(Context& context, const ast::Expression& expression) {
  const Meaning limit = meaning_of(context, expression);
  if (limit.is_poison()) return std::nullopt;
  if (limit.is_number() && to_double(to_number(limit)) > 0) return to_double(to_number(limit));
  Diagnostic& diagnostic = context.diagnostics.error(
      expression.where,
      fmt::format("the limit of 'uniform' must be a number above 0, and this is {}",
                  describe(context.graph, limit)));
  note_origin(context, diagnostic, limit);
  return std::nullopt;
}

std::optional<Initializer> read_initializer(Context& context,
                                            const ast::WeightStatement& statement) {
  const InitializerRow* row = find_initializer(context, statement.initializer);
  if (!row) return std::nullopt;
  const std::size_t wanted = row->kind == InitializerKind::uniform ? 1 : 0;
  if (statement.arguments.size() != wanted) {
    context.diagnostics.error(
        statement.initializer_where,
        fmt::format("'{}' does not take {} argument{}: {}", row->name, statement.arguments.size(),
                    statement.arguments.size() == 1 ? "" : "s", row->usage));
    return std::nullopt;
  }
  Initializer initializer{row->kind, 0};
  if (wanted == 0) return initializer;
  const auto limit = read_limit(context, *statement.arguments.front().value);
  if (!limit) return std::nullopt;
  initializer.limit = *limit;
  return initializer;
}

// What an initializer asks of the shape; empty where it fits.
std::string why_unfit(InitializerKind kind, const Shape& shape) {
  if (kind == InitializerKind::orthogonal && shape.rank() != 2) return "a matrix of two dimensions";
  if (kind == InitializerKind::glorot_uniform && shape.is_scalar()) return "at least one dimension";
  const bool gates = shape.rank() == 1 && shape.last() % 4 == 0;
  if (kind == InitializerKind::lstm_bias && !gates)
    return "one dimension, a multiple of four: one quarter for each gate";
  return "";
}

bool initializer_fits(Context& context, const ast::WeightStatement& statement,
                      const Initializer& initializer, const Shape& shape) {
  const std::string why = why_unfit(initializer.kind, shape);
  if (why.empty()) return true;
  context.diagnostics
      .error(statement.initializer_where,
             fmt::format("'{}' is for {}, and '{}' is {}", statement.initializer.name, why,
                         statement.name.name, describe(Type{Element::real, shape})))
      .note(statement.type.where, fmt::format("'{}' gets its shape here", statement.name.name));
  return false;
}

Meaning make_weight_leaf(Context& context, const ast::WeightStatement& statement) {
  const ast::Identifier& name = statement.name;
  const auto shape =
      read_real_type(context, statement.type, fmt::format("weight '{}'", name.name), {});
  const auto initializer = read_initializer(context, statement);
  if (!shape || !initializer || !initializer_fits(context, statement, *initializer, *shape)) {
    return poison(name.where);
  }
  context.at(name.where);
  const Value value = context.build.leaf(
      Op::weight, WeightAttributes{{context.frame->prefix + name.name}, *initializer},
      {Element::real, *shape});
  return {value, name.where, {OriginKind::weight, name.name, name.where}};
}

Meaning meaning_of_state(const StateSlot& state, const std::string& name) {
  return {state.value, state.where, {OriginKind::state, name, state.where}};
}

}  // namespace

bool is_free(Context& context, const ast::Identifier& name) {
  const Binding* other = context.scope().find(name.name);
  if (!other) return true;
  context.diagnostics
      .error(name.where, fmt::format("'{}' is {} already; choose another name", name.name,
                                     describe(other->kind)))
      .note(other->where, fmt::format("'{}' is defined here", name.name));
  return false;
}

void define_weight(Context& context, const ast::WeightStatement& statement) {
  const ast::Identifier& name = statement.name;
  if (!is_free(context, name)) {
    read_real_type(context, statement.type, "", {});  // its own mistakes
    return;
  }
  const Meaning weight = make_weight_leaf(context, statement);
  context.scope().define(name.name, {BindingKind::weight, name.where, weight});
}

void define_states(Context& context, const ast::StateStatement& statement) {
  const auto shape = read_real_type(context, statement.type, "a state", {{batch_dim}});
  CellInstance* cell = context.frame->cell;
  for (const ast::Identifier& name : statement.names) {
    if (!is_free(context, name)) continue;
    Binding binding{BindingKind::state, name.where, poison(name.where)};
    if (shape) {
      StateSlot& slot = context.states.emplace_back();
      slot.name = context.frame->prefix + name.name;
      slot.short_name = name.name;
      slot.where = name.where;
      slot.shape = join({{batch_dim}}, *shape);
      slot.outlives_call = !cell || cell->stateful();
      binding.state = &slot;
      if (cell) cell->states.push_back(&slot);
    }
    Binding& defined = context.scope().define(name.name, std::move(binding));
    if (defined.state) set_to_start(context, context.scope(), *defined.state);
  }
}

void set_to_start(Context& context, Scope& scope, StateSlot& state) {
  context.at(state.where);
  state.value = state.outlives_call ? context.build.leaf(Op::state, StateAttributes{{state.name}},
                                                         {Element::real, state.shape})
                                    : context.build.constant(0, state.shape);
  scope.find(state.short_name)->meaning = meaning_of_state(state, state.short_name);
}

void assign_state(Context& context, Binding& binding, const Meaning& value, SourceRange where) {
  if (!binding.state || value.is_poison()) return;
  StateSlot& state = *binding.state;
  state.assigned = true;
  const std::string what = fmt::format("state '{}'", state.short_name);
  const auto real = as_real(context, value, what);
  if (!real) return;
  context.at(where);
  const Value batched = as_batched(context, *real);
  if (context.build.type(batched).shape != state.shape) {
    Diagnostic& diagnostic = context.diagnostics.error(
        value.where,
        fmt::format("{} is {}, and its new value is {}", what,
                    describe(Type{Element::real, state.shape}), describe(context.graph, value)));
    diagnostic.note(state.where, fmt::format("state '{}' is defined here", state.short_name));
    note_origin(context, diagnostic, value);
    return;
  }
  state.value = batched;
  binding.meaning = meaning_of_state(state, state.short_name);
  binding.meaning.where = where;
}

void output_states(Context& context) {
  for (const StateSlot& state : context.states) {
    if (!state.outlives_call) continue;
    context.graph.outputs.push_back({state.name, state.value, OutputKind::update});
    if (state.assigned) continue;
    context.diagnostics.warning(
        state.where, fmt::format("state '{}' is never given a new value", state.short_name));
  }
}

}  // namespace coil::semantics

#include "compiler/semantics/statements.hpp"

#include <fmt/format.h>
#include <limits>

#include "compiler/semantics/assign.hpp"
#include "compiler/semantics/expressions.hpp"
#include "compiler/semantics/memories.hpp"
#include "compiler/semantics/messages.hpp"
#include "compiler/semantics/sequences.hpp"
#include "compiler/semantics/types.hpp"
#include "compiler/semantics/values.hpp"

namespace coil::semantics {
namespace {

// `input x[steps]: real[n]` is one leaf, real[batch, steps, n], cut into its elements where it is used.
Meaning make_input(Context& context, const ast::InputName& input, const ast::ValueType& declared) {
  const ast::Identifier& name = input.name;
  const std::int64_t position = context.inputs++;
  Shape front{{batch_dim}};
  bool ok = true;
  if (input.steps) {
    const auto steps = as_size(context, meaning_of(context, *input.steps), "the number of steps");
    if (steps) front.dims.push_back(*steps);
    ok = steps.has_value();
  }
  const auto type = read_type(context, declared, "the input", front);
  if (!ok || !type) return poison(name.where);
  context.at(name.where);
  const Value value =
      context.build.leaf(Op::input, InputAttributes{{name.name}, position, type->bound},
                         {type->type.element, join(front, type->type.shape)});
  const Origin origin{OriginKind::input, name.name, name.where};
  if (!input.steps) return {value, name.where, origin};
  auto sequence = std::make_shared<Sequence>();
  sequence->element = {type->type.element, join({{batch_dim}}, type->type.shape)};
  sequence->steps = front.dims[1];
  sequence->whole = value;
  return {SequencePtr(std::move(sequence)), name.where, origin};
}

const Type* type_of(Context& context, const Meaning& meaning) {
  if (const Sequence* sequence = meaning.sequence()) return &sequence->element;
  const Value* value = meaning.value();
  return value ? &context.build.type(*value) : nullptr;
}

bool may_be_output(Context& context, const Meaning& result) {
  if (result.is_poison()) return false;
  const Type* type = type_of(context, result);
  const bool real = type && type->element == Element::real;
  if (real && type->shape.is_batched()) return true;
  context.diagnostics.error(
      result.where,
      fmt::format("an output must be a real value computed from the inputs, and this is {}",
                  real ? "the same for all inputs" : describe(context.graph, result)));
  return false;
}

// The value of an output; of a sequence all steps in one.
std::optional<Value> output_value(Context& context, const Meaning& result) {
  const Sequence* sequence = result.sequence();
  if (!sequence) return *result.value();
  std::optional<std::string> why = why_too_large(shape_of(context, result));
  if (!why && sequence->steps > most_steps) {
    why = fmt::format("{} steps are more than {}", sequence->steps, most_steps);
  }
  if (!why) return as_one_value(context, *sequence, result.where);
  context.diagnostics.error(result.where, fmt::format("the output would be too large: {}", *why));
  return std::nullopt;
}

std::optional<std::int64_t> bound_of(Context& context, const ast::Expression& expression) {
  const Meaning bound = meaning_of(context, expression);
  if (bound.is_poison()) return std::nullopt;
  if (const std::int64_t* integer = bound.integer()) return *integer;
  Diagnostic& diagnostic = context.diagnostics.error(
      bound.where, fmt::format("the bounds of a loop must be integers, and this is {}",
                               describe(context.graph, bound)));
  note_origin(context, diagnostic, bound);
  return std::nullopt;
}

// The parser sees to it that each statement stands where it may.
class StatementElaborator {
 public:
  StatementElaborator(Context& context, SourceRange where) : context_(context), where_(where) {}

  void operator()(const ast::InputStatement& input) {
    context_.has_input = true;
    for (const ast::InputName& one : input.names) {
      const ast::Identifier& name = one.name;
      if (!is_free(context_, name)) continue;
      const Meaning made = make_input(context_, one, input.type);
      context_.scope().define(name.name, {BindingKind::input, name.where, made});
    }
  }

  void operator()(const ast::LayerStatement& statement) {
    const ast::Identifier& name = statement.name;
    Layer& layer = make_layer(context_, name.name, name.where, statement.maker.callee,
                              statement.maker.arguments);
    if (!is_free(context_, name)) return;
    context_.scope().define(name.name, {BindingKind::layer, name.where, {}, &layer});
  }

  void operator()(const ast::WeightStatement& weight) { define_weight(context_, weight); }

  void operator()(const ast::StateStatement& state) { define_states(context_, state); }

  void operator()(const ast::AssignStatement& assign) { elaborate_assignment(context_, assign); }

  void operator()(const ast::OutputStatement& output) {
    context_.has_output = true;
    const Meaning result = meaning_of(context_, *output.value);
    if (!may_be_output(context_, result)) return;
    const auto value = output_value(context_, result);
    if (!value) return;
    std::vector<Output>& outputs = context_.graph.outputs;
    const std::string name = outputs.empty() ? "output" : fmt::format("output_{}", outputs.size());
    outputs.push_back({name, *value, OutputKind::result});
  }

  void operator()(const ast::YieldStatement& yielded) {
    Meaning result = meaning_of(context_, *yielded.value);
    std::optional<Meaning>& place = *context_.yielded;
    if (place) {
      context_.diagnostics.error(where_, "a step yields once, and this is the second time")
          .note(place->where, "first yielded here");
      return;
    }
    if (!result.is_poison() && !result.value()) {
      context_.diagnostics.error(result.where, fmt::format("a step yields a value, and this is {}",
                                                           describe(context_.graph, result)));
      result = poison(result.where);
    }
    context_.at(where_);
    if (result.value()) result.what = as_batched(context_, *result.value());
    place = std::move(result);
  }

  void operator()(const ast::ForStatement& loop) {
    const auto begin = bound_of(context_, *loop.begin);
    const auto end = bound_of(context_, *loop.end);
    if (!is_free(context_, loop.variable)) return;
    if (!begin || !end) return skip(loop);
    const SourceRange bounds = coil::join(loop.begin->where, loop.end->where);
    if (*begin > *end) {
      context_.diagnostics.error(bounds,
                                 fmt::format("a loop counts up, and {} is above {}", *begin, *end));
      return skip(loop);
    }
    run(loop, *begin, *end, bounds);
  }

  void operator()(const ast::IfStatement& choice) {
    const Binding* binding = context_.scope().find(choice.parameter.name);
    if (!binding) {
      unknown_name(context_, choice.parameter.name, choice.parameter.where);
      return;
    }
    const Word* word = binding->meaning.word();
    if (binding->kind == BindingKind::parameter && word) {
      const std::string& wanted = choice.value ? choice.value->name : "true";
      elaborate_statements(context_, word->text == wanted ? choice.then : choice.otherwise);
      return;
    }
    if (binding->meaning.is_poison() && binding->kind != BindingKind::layer) return;
    context_.diagnostics
        .error(choice.parameter.where,
               fmt::format("'if' asks for a parameter that is a name, and '{}' is {}",
                           choice.parameter.name,
                           binding->kind == BindingKind::parameter
                               ? describe(context_.graph, binding->meaning)
                               : std::string(describe(binding->kind))))
        .note(binding->where, fmt::format("'{}' is defined here", choice.parameter.name));
  }

 private:
  void run(const ast::ForStatement& loop, std::int64_t begin, std::int64_t end,
           SourceRange bounds) {
    std::int64_t steps = 0;
    if (__builtin_sub_overflow(end, begin, &steps))
      steps = std::numeric_limits<std::int64_t>::max();
    if (steps == 0) return;
    const Repeat repeat(context_, bounds, "the loop", steps, cost_of(context_, loop.body));
    const ast::Identifier& name = loop.variable;
    for (std::int64_t t = begin; t < end; ++t) {
      context_.scope().open();
      Meaning count{t, name.where, {OriginKind::variable, name.name, name.where}};
      context_.scope().define(name.name, {BindingKind::counter, name.where, std::move(count)});
      elaborate_statements(context_, loop.body);
      context_.scope().close();
    }
  }

  // What a loop with a mistake would have assigned is not known: uses of it say nothing.
  void skip(const ast::ForStatement& loop) { poison_targets(context_, loop.body); }

  Context& context_;
  SourceRange where_;
};

}  // namespace

void elaborate_statements(Context& context, const std::vector<ast::Statement>& statements) {
  for (const ast::Statement& statement : statements) {
    ++context.expansion.statements;
    std::visit(StatementElaborator(context, statement.where), statement.node);
  }
}

}  // namespace coil::semantics

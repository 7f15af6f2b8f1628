#include "compiler/semantics/assign.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "compiler/semantics/expressions.hpp"
#include "compiler/semantics/memories.hpp"
#include "compiler/semantics/messages.hpp"
#include "compiler/semantics/sequences.hpp"

namespace coil::semantics {
namespace {

// What a cell works out once is the same at each step: only a state goes from one to the next.
bool is_of_the_cell(Context& context, const ast::Identifier& name, const Binding& binding) {
  const bool in_step = context.frame->part == Part::step;
  if (!in_step || context.scope().block_of(name.name) > 0) return false;
  context.diagnostics
      .error(name.where, fmt::format("'{0}' is the cell's, the same at each step; make it a state "
                                     "('state {0}: real[size]') to change it",
                                     name.name))
      .note(binding.where, fmt::format("'{}' is defined here", name.name));
  return true;
}

// Values and states may be given anew, nothing else.
bool is_assignable(Context& context, const ast::Identifier& name) {
  const Binding* other = context.scope().find(name.name);
  if (other && other->kind == BindingKind::variable && is_of_the_cell(context, name, *other)) {
    return false;
  }
  const bool fits =
      !other || other->kind == BindingKind::variable || other->kind == BindingKind::state;
  return fits || is_free(context, name);
}

void assign_name(Context& context, const ast::Identifier& name, Meaning value) {
  if (!is_assignable(context, name)) return;
  Binding* known = context.scope().find(name.name);
  if (known && known->kind == BindingKind::state) {
    assign_state(context, *known, value, name.where);
    return;
  }
  value.origin = {OriginKind::variable, name.name, name.where};
  context.scope().define(name.name, {BindingKind::variable, name.where, std::move(value)});
}

std::optional<std::int64_t> index_of(Context& context, const ast::Target& target) {
  const Meaning index = meaning_of(context, *target.index);
  if (index.is_poison()) return std::nullopt;
  const std::int64_t* step = index.integer();
  if (step && *step >= 0 && *step < most_steps) return *step;
  Diagnostic& diagnostic = context.diagnostics.error(
      index.where, fmt::format("the index of an element must be an integer from 0 to {}, and this "
                               "is {}",
                               most_steps - 1, describe(context.graph, index)));
  note_origin(context, diagnostic, index);
  return std::nullopt;
}

// A collection belongs outside of the loop that its index counts: `y[t] = h` is filled by all steps of the
// loop over t. One whose index is the same at every step belongs where it stands.
std::size_t block_for(Context& context, const ast::Expression& index) {
  std::size_t block = context.scope().innermost();
  for (const std::string& name : names_read(index)) {
    const std::size_t other = context.scope().block_of(name);
    if (other > 0) block = std::min(block, other - 1);
  }
  const std::size_t least = context.frame->part == Part::step ? 1 : 0;
  return std::max(block, least);
}

// The collection that `name[..] = ` adds to, a new one where the name is free; null, and a report, where it
// stands for something else.
Collection* collection_for(Context& context, const ast::Target& target) {
  const ast::Identifier& name = target.name;
  Binding* known = context.scope().find(name.name);
  if (!known) {
    auto made = std::make_shared<Collection>();
    made->name = name.name;
    made->where = name.where;
    Meaning value{CollectionPtr(made), name.where, {OriginKind::variable, name.name, name.where}};
    context.scope().define_in(block_for(context, *target.index), name.name,
                              {BindingKind::variable, name.where, std::move(value)});
    return made.get();
  }
  if (known->kind != BindingKind::variable) {
    is_free(context, name);
    return nullptr;
  }
  if (known->meaning.is_poison() || is_of_the_cell(context, name, *known)) return nullptr;
  if (Collection* collection = known->meaning.collection()) return collection;
  context.diagnostics
      .error(name.where,
             fmt::format("'{}' has a value, {}, and only a new name collects elements: choose "
                         "another",
                         name.name, describe(context.graph, known->meaning)))
      .note(known->where, fmt::format("'{}' is defined here", name.name));
  return nullptr;
}

// A mistake in an element makes the whole poison: what is missing then says nothing.
void spoil(Context& context, const ast::Target& target) {
  const Binding* known = context.scope().find(target.name.name);
  if (known && known->kind != BindingKind::variable) return;
  const Meaning nothing = poison(target.name.where);
  if (known) {
    context.scope().define(target.name.name, {BindingKind::variable, target.name.where, nothing});
  } else {
    context.scope().define_in(block_for(context, *target.index), target.name.name,
                              {BindingKind::variable, target.name.where, nothing});
  }
}

void assign_element(Context& context, const ast::Target& target, const Meaning& value) {
  const auto step = index_of(context, target);
  if (!step || value.is_poison()) return spoil(context, target);
  if (!value.value()) {
    context.diagnostics.error(value.where,
                              fmt::format("an element of '{}' must be a value, and "
                                          "this is {}",
                                          target.name.name, describe(context.graph, value)));
    return spoil(context, target);
  }
  Collection* into = collection_for(context, target);
  if (!into) return;
  const SourceRange where = join(target.name.where, target.index->where);
  if (!collect(context, *into, *step, value, where)) spoil(context, target);
}

void assign(Context& context, const ast::Target& target, const Meaning& value) {
  if (target.index) return assign_element(context, target, value);
  assign_name(context, target.name, value);
}

// As many parts as targets; else a report.
bool parts_fit(Context& context, const ast::AssignStatement& assign, const Meaning& value) {
  const std::vector<Meaning>* parts = value.parts();
  const std::size_t targets = assign.targets.size();
  if (!parts && targets == 1) return true;
  if (parts && parts->size() == targets) return true;
  const SourceRange where = assign.targets.front().name.where;
  const std::string names = fmt::format("{} name{}", targets, targets == 1 ? "" : "s");
  context.diagnostics.error(join(where, assign.targets.back().name.where),
                            fmt::format("{} on the left, and the right side is {}", names,
                                        describe(context.graph, value)));
  return false;
}

class Poisoner {
 public:
  explicit Poisoner(Context& context) : context_(context) {}

  void operator()(const ast::AssignStatement& assign) {
    for (const ast::Target& target : assign.targets) {
      const Binding* known = context_.scope().find(target.name.name);
      if (known && known->kind != BindingKind::variable) continue;
      const SourceRange where = target.name.where;
      context_.scope().define(target.name.name, {BindingKind::variable, where, poison(where)});
    }
  }
  void operator()(const ast::ForStatement& loop) { poison_targets(context_, loop.body); }
  void operator()(const ast::IfStatement& choice) {
    poison_targets(context_, choice.then);
    poison_targets(context_, choice.otherwise);
  }
  template <typename Other>
  void operator()(const Other&) {}

 private:
  Context& context_;
};

}  // namespace

void elaborate_assignment(Context& context, const ast::AssignStatement& statement) {
  const Meaning value = meaning_of(context, *statement.value);
  const bool ok = !value.is_poison() && parts_fit(context, statement, value);
  for (std::size_t i = 0; i < statement.targets.size(); ++i) {
    const ast::Target& target = statement.targets[i];
    if (!ok) {
      assign(context, target, poison(value.where));
    } else {
      assign(context, target, value.parts() ? (*value.parts())[i] : value);
    }
  }
}

void poison_targets(Context& context, const std::vector<ast::Statement>& statements) {
  for (const ast::Statement& statement : statements) {
    std::visit(Poisoner(context), statement.node);
  }
}

}  // namespace coil::semantics

#include "compiler/semantics/cells.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utility>

#include "compiler/semantics/cell_arguments.hpp"
#include "compiler/semantics/memories.hpp"
#include "compiler/semantics/messages.hpp"
#include "compiler/semantics/sequences.hpp"
#include "compiler/semantics/statements.hpp"

namespace coil::semantics {
namespace {

constexpr const char* width_name = "width";

// While it lives, what is elaborated is the text of a cell, for one application.
class Inside {
 public:
  Inside(Context& context, CellInstance& cell, SourceRange application)
      : context_(context), before_(std::exchange(context.frame, &cell.frame)) {
    context.diagnostics.enter({cell.declaration->name(), application});
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() {
    context_.diagnostics.leave();
    context_.frame = before_;
  }

 private:
  Context& context_;
  Frame* before_;
};

// One application of a layer that was made of a cell.
struct CellUse {
  Context& context;
  Layer& layer;
  CellInstance& cell;
  std::span<const Meaning> inputs;
  SourceRange where;

  const ast::Cell& text() const { return *cell.declaration->cell; }
  const std::string& name() const { return cell.declaration->name(); }
};

bool takes_as_many(const CellUse& use) {
  const std::vector<ast::Identifier>& parameters = use.text().step->parameters;
  if (parameters.size() == use.inputs.size()) return true;
  std::vector<std::string> names;
  for (const ast::Identifier& parameter : parameters) names.push_back(parameter.name);
  use.context.diagnostics
      .error(use.where, fmt::format("a step of cell '{}' takes {} value{} ({}), and here are {}",
                                    use.name(), names.size(), names.size() == 1 ? "" : "s",
                                    fmt::join(names, ", "), use.inputs.size()))
      .note(use.text().step->where, fmt::format("the step of '{}' is here", use.name()));
  return false;
}

bool is_within_itself(const CellUse& use) {
  std::vector<const CellDeclaration*>& running = use.context.running;
  const auto first = std::find(running.begin(), running.end(), use.cell.declaration);
  if (first == running.end()) return false;
  std::string chain;
  for (auto one = first; one != running.end(); ++one) chain += (*one)->name() + " -> ";
  use.context.diagnostics
      .error(use.where, fmt::format("cell '{0}' is applied within itself, which would never end: "
                                    "{1}{0}",
                                    use.name(), chain))
      .note(use.text().name.where, fmt::format("cell '{}' is defined here", use.name()));
  return true;
}

// The compiler recurses where cells do.
bool is_too_deep(const CellUse& use) {
  constexpr std::size_t deepest = 64;
  if (use.context.running.size() < deepest) return false;
  use.context.diagnostics.error(
      use.where, fmt::format("cell '{}' is applied within {} others, and that is the limit",
                             use.name(), deepest));
  return true;
}

// The last dimension of the first input; 0 where it has none.
std::int64_t width_of(const CellUse& use) {
  const Meaning& input = use.inputs.front();
  const Sequence* sequence = input.sequence();
  const Type& type = sequence ? sequence->element : use.context.build.type(*input.value());
  const std::size_t own = type.shape.rank() - (type.shape.is_batched() ? 1 : 0);
  return type.element == Element::real && own > 0 ? type.shape.last() : 0;
}

bool mentions_width(const CellUse& use) {
  const CodeInfo& info = use.cell.declaration->info;
  return info.read.contains(width_name) && !info.names.contains(width_name);
}

// Weights get their shapes from the first input; later ones must be as wide.
bool width_fits(const CellUse& use) {
  if (!mentions_width(use)) return true;
  const std::int64_t width = width_of(use);
  const std::string found = describe(use.context.graph, use.inputs.front());
  std::string message;
  if (width == 0) {
    const bool index = found.find("index") != std::string::npos;
    message = fmt::format("cell '{}' asks for the width of its input, and this is {}{}", use.name(),
                          found, index ? "; apply an embedding to it" : "");
  } else if (use.cell.is_made && use.cell.width != width) {
    message = fmt::format("layer '{}' takes real[{}] since its first use, and this is {}",
                          use.layer.name, use.cell.width, found);
  }
  if (message.empty()) return true;
  Diagnostic& diagnostic = use.context.diagnostics.error(use.inputs.front().where, message);
  if (width > 0) {
    diagnostic.note(use.cell.first_use,
                    fmt::format("first used here, on real[{}]", use.cell.width));
  }
  note_origin(use.context, diagnostic, use.inputs.front());
  return false;
}

void check_step_names(const CellUse& use) {
  for (const ast::Identifier& parameter : use.text().step->parameters) {
    if (const Binding* other = use.cell.frame.scope.find(parameter.name)) {
      use.context.diagnostics
          .error(parameter.where, fmt::format("'{}' is {} already; choose another name",
                                              parameter.name, describe(other->kind)))
          .note(other->where, fmt::format("'{}' is defined here", parameter.name));
    }
  }
}

// Weights, states and layers, with the first application.
bool make(const CellUse& use) {
  CellInstance& cell = use.cell;
  if (cell.is_made) return true;
  cell.is_made = true;
  cell.first_use = use.where;
  cell.width = width_of(use);
  if (mentions_width(use)) {
    Meaning width = meaning(cell.width, use.inputs.front().where);
    width.origin = use.inputs.front().origin;
    cell.frame.scope.define(width_name, {BindingKind::parameter, width.where, width});
  }
  const std::size_t before = use.context.diagnostics.errors();
  const Inside inside(use.context, cell, use.where);
  elaborate_statements(use.context, use.text().statements);
  check_step_names(use);
  return use.context.diagnostics.errors() == before;
}

void start_from_zeros(const CellUse& use) {
  for (StateSlot* state : use.cell.states) {
    if (!state->outlives_call) set_to_start(use.context, use.cell.frame.scope, *state);
  }
}

Meaning run_step(const CellUse& use, std::span<const Meaning> inputs) {
  Context& context = use.context;
  Frame& frame = use.cell.frame;
  const std::size_t before = context.diagnostics.errors();
  const Inside inside(context, use.cell, use.where);
  frame.part = Part::step;
  frame.scope.open();
  const ast::Step& step = *use.text().step;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const ast::Identifier& name = step.parameters[i];
    Meaning input = inputs[i];
    frame.scope.define(name.name, {BindingKind::variable, name.where, std::move(input)});
  }
  std::optional<Meaning> result;
  auto* outer = std::exchange(context.yielded, &result);
  elaborate_statements(context, step.body);
  context.yielded = outer;
  frame.scope.close();
  frame.part = Part::cell;
  if (!result && context.diagnostics.errors() == before) {
    context.diagnostics.error(
        step.where,
        fmt::format("the step of cell '{}' yields nothing; add a line such as 'yield h'",
                    use.name()));
  }
  return result ? *result : poison(use.where);
}

}  // namespace

bool CellInstance::stateful() const { return arguments.back().word()->text == "true"; }

std::unique_ptr<CellInstance> make_cell(Context& context, const CellDeclaration& cell,
                                        const std::string& layer, SourceRange where,
                                        const std::vector<ast::Argument>& arguments) {
  auto bound = bind_cell_arguments(context, cell, where, arguments);
  if (!bound) return nullptr;
  auto made = std::make_unique<CellInstance>();
  made->declaration = &cell;
  made->frame.info = &cell.info;
  made->frame.file = cell.file;
  made->frame.prefix = layer + ".";
  made->frame.part = Part::cell;
  made->frame.cell = made.get();
  const std::vector<ast::Parameter>& parameters = cell.cell->parameters;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const ast::Identifier& name = parameters[i].name;
    made->frame.scope.define(name.name, {BindingKind::parameter, name.where, (*bound)[i]});
  }
  made->frame.scope.define(stateful_parameter, {BindingKind::parameter, where, bound->back()});
  made->arguments = std::move(*bound);
  return made;
}

Meaning apply_cell(Context& context, Layer& layer, std::span<const Meaning> inputs,
                   SourceRange where) {
  const CellUse use{context, layer, *layer.cell, inputs, where};
  if (!takes_as_many(use) || is_within_itself(use) || is_too_deep(use) || !width_fits(use)) {
    return poison(where);
  }
  context.running.push_back(use.cell.declaration);
  if (!make(use)) {
    layer.is_poison = true;
    context.running.pop_back();
    return poison(where);
  }
  const std::int64_t cost = cost_of_step(*use.cell.declaration);
  const std::string what = fmt::format("cell '{}'", use.name());
  const bool any_sequence = std::any_of(inputs.begin(), inputs.end(),
                                        [](const Meaning& input) { return input.sequence(); });
  if (any_sequence) start_from_zeros(use);
  const Repeat once(context, where, what, 1, cost);
  Meaning result = per_step(context, {what, cost, where}, inputs,
                            [&](std::span<const Meaning> step) { return run_step(use, step); });
  context.running.pop_back();
  result.where = where;
  result.origin = {OriginKind::layer, layer.name, layer.where};
  return result;
}

}  // namespace coil::semantics

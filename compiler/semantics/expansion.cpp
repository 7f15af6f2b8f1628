#include "compiler/semantics/expansion.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

#include "compiler/semantics/context.hpp"

namespace coil::semantics {
namespace {

constexpr std::int64_t countless = std::numeric_limits<std::int64_t>::max();

std::int64_t times(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? countless : product;
}

std::int64_t plus(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? countless : sum;
}

std::string shown(std::int64_t number) {
  return number == countless ? fmt::format("more than {}", countless) : fmt::format("{}", number);
}

// Deeper cells are refused when they are applied.
constexpr int deepest = 100;
std::int64_t cost_at(const CellDeclaration& cell, int depth);

class Counter {
 public:
  Counter(const FileScope& file, const CodeInfo& info, int depth)
      : file_(file), info_(info), depth_(depth) {}

  std::int64_t count(const std::vector<ast::Statement>& statements) {
    for (const ast::Statement& statement : statements) {
      add(1);
      std::visit(*this, statement.node);
    }
    return total_;
  }

  void operator()(const ast::AssignStatement& assign) { read(assign.value); }
  void operator()(const ast::OutputStatement& output) { read(output.value); }
  void operator()(const ast::YieldStatement& yielded) { read(yielded.value); }
  // A loop in here is counted when it is met: its bounds may depend on what is not known yet.
  void operator()(const ast::IfStatement& choice) {
    count(choice.then);
    count(choice.otherwise);
  }

  void operator()(const ast::Unary& unary) {
    add(1);
    read(unary.operand);
  }
  void operator()(const ast::Chain& chain) {
    read(chain.first);
    for (const ast::Term& term : chain.rest) {
      add(1);
      read(term.operand);
    }
  }
  void operator()(const ast::Call& call) {
    call_of(call.callee.name);
    for (const ast::Argument& argument : call.arguments) read(argument.value);
  }
  void operator()(const ast::Pipeline& pipeline) {
    read(pipeline.source);
    for (const ast::Stage& stage : pipeline.stages) call_of(stage.callee.name);
  }
  void operator()(const ast::Indexed& indexed) {
    read(indexed.base);
    add(static_cast<std::int64_t>(indexed.subscripts.size()));
  }
  template <typename Other>
  void operator()(const Other&) {}

 private:
  void add(std::int64_t nodes) { total_ = plus(total_, nodes); }
  void read(const ast::ExpressionPtr& expression) {
    if (expression) std::visit(*this, expression->node);
  }

  void call_of(const std::string& callee) {
    add(1);
    const auto maker = info_.makers.find(callee);
    const std::string& kind = maker == info_.makers.end() ? callee : maker->second;
    if (const CellDeclaration* cell = find_cell(file_, kind)) {
      add(cost_at(*cell, depth_ + 1));
    } else if (maker != info_.makers.end() || find_layer_kind(kind)) {
      add(2);  // a product, a bias and an activation
    }
  }

  const FileScope& file_;
  const CodeInfo& info_;
  int depth_;
  std::int64_t total_ = 0;
};

std::int64_t cost_at(const CellDeclaration& cell, int depth) {
  if (cell.cost >= 0 || depth > deepest) return std::max<std::int64_t>(cell.cost, 0);
  cell.cost = 0;  // a cell within itself is refused when it is applied
  if (cell.cell->step) {
    cell.cost = Counter(*cell.file, cell.info, depth).count(cell.cell->step->body);
  }
  return cell.cost;
}

}  // namespace

Repeat::Repeat(Context& context, SourceRange where, const std::string& what, std::int64_t steps,
               std::int64_t nodes)
    : context_(context), before_(context.expansion.repeats) {
  Expansion& expansion = context.expansion;
  const std::int64_t all = times(expansion.repeats, steps);
  const std::int64_t made = times(all, std::max<std::int64_t>(nodes, 1));
  const auto so_far = plus(static_cast<std::int64_t>(context.graph.size()), expansion.statements);
  const std::int64_t total = plus(made, so_far);
  if (total > most_nodes) {
    context.diagnostics.error(
        where,
        fmt::format("written out {}, {} would bring the graph to {} nodes, and the limit is "
                    "{}",
                    all == 1 ? "once" : shown(all) + " times", what, shown(total), most_nodes));
    throw TooLarge{};
  }
  expansion.repeats = std::max<std::int64_t>(all, 1);
  context.diagnostics.begin_repeats();
}

Repeat::~Repeat() {
  context_.expansion.repeats = before_;
  context_.diagnostics.end_repeats();
}

std::int64_t cost_of(const Context& context, const std::vector<ast::Statement>& statements) {
  return Counter(*context.frame->file, *context.frame->info, 0).count(statements);
}

std::int64_t cost_of_step(const CellDeclaration& cell) { return cost_at(cell, 0); }

}  // namespace coil::semantics

#include "compiler/semantics/functions.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/semantics/messages.hpp"
#include "compiler/semantics/sequences.hpp"
#include "compiler/semantics/values.hpp"

namespace coil::semantics {
namespace {

std::string quoted(const Function& function) { return fmt::format("'{}'", function.name); }

template <Op op>
Meaning elementwise(const FunctionUse& use) {
  const auto x = as_real(use.context, use.arguments[0], quoted(use.function));
  return x ? build_node(use.context, op, {*x}, use.where) : poison(use.where);
}

Meaning softmax(const FunctionUse& use) {
  const std::string what = quoted(use.function);
  const auto x = as_real(use.context, use.arguments[0], what);
  if (!x || !has_width(use.context, use.arguments[0], *x, what)) return poison(use.where);
  return build_node(use.context, Op::softmax, {*x}, use.where);
}

// A batched value, every element of it `value`.
Meaning filled(const FunctionUse& use, double value) {
  Shape shape{{batch_dim}};
  for (const Meaning& argument : use.arguments) {
    const auto size = as_size(use.context, argument, "a size");
    if (size) shape.dims.push_back(*size);
  }
  if (shape.rank() != use.arguments.size() + 1) return poison(use.where);
  if (const auto why = why_too_large(shape)) {
    use.context.diagnostics.error(use.where, fmt::format("the value would be too large: {}", *why));
    return poison(use.where);
  }
  use.context.at(use.where);
  return meaning(use.context.build.constant(value, shape), use.where);
}

Meaning zeros(const FunctionUse& use) { return filled(use, 0); }
Meaning ones(const FunctionUse& use) { return filled(use, 1); }

// last(x) = x[steps - 1]
Meaning last(const FunctionUse& use) {
  const Meaning& x = use.arguments[0];
  use.context.at(use.where);
  if (const Sequence* sequence = x.sequence()) {
    return {element(use.context, *sequence, sequence->steps - 1), use.where, x.origin};
  }
  Diagnostic& diagnostic = use.context.diagnostics.error(
      x.where, fmt::format("'last' takes the last step of a sequence, and this is {}",
                           describe(use.context.graph, x)));
  note_origin(use.context, diagnostic, x);
  return poison(use.where);
}

// split(x, n) cuts the last dimension into n equal parts: part i is x[.., i * width / n : (i + 1) * width / n]
Meaning split(const FunctionUse& use) {
  const Meaning& whole = use.arguments[0];
  const std::string what = quoted(use.function);
  const auto x = as_real(use.context, whole, what);
  const auto parts = as_size(use.context, use.arguments[1], "the number of parts");
  if (!x || !parts || !has_width(use.context, whole, *x, what)) return poison(use.where);
  const Shape shape = use.context.build.type(*x).shape;
  if (shape.last() % *parts != 0) {
    Diagnostic& diagnostic = use.context.diagnostics.error(
        use.where, fmt::format("'split' cuts the last dimension into equal parts, and {} is not a "
                               "multiple of {}: this is {}",
                               shape.last(), *parts, describe(use.context.graph, whole)));
    note_origin(use.context, diagnostic, whole);
    return poison(use.where);
  }
  const Repeat repeat(use.context, use.where, what, *parts, 1);
  const std::int64_t size = shape.last() / *parts;
  const auto axis = static_cast<std::int64_t>(shape.rank()) - 1;
  std::vector<Meaning> all;
  for (std::int64_t i = 0; i < *parts; ++i) {
    const Value part =
        *parts == 1 ? *x
                    : use.context.build.add(Op::slice, {*x}, SliceAttributes{axis, i * size, size});
    all.push_back(meaning(part, use.where));
  }
  return meaning(std::make_shared<const std::vector<Meaning>>(std::move(all)), use.where);
}

Meaning refuse_concat(const FunctionUse& use, const Meaning& first, const Meaning& other) {
  Diagnostic& diagnostic = use.context.diagnostics.error(
      use.where,
      fmt::format("'concat' puts values side by side that differ in the last dimension "
                  "only, and these are {} and {}",
                  describe(use.context.graph, first), describe(use.context.graph, other)));
  note_origin(use.context, diagnostic, first);
  note_origin(use.context, diagnostic, other);
  return poison(use.where);
}

// Whether the shapes differ in the last dimension only.
bool side_by_side(Shape a, Shape b) {
  if (a.rank() != b.rank()) return false;
  a.dims.back() = b.dims.back() = 1;
  return a == b;
}

// concat(a, b, ..) along the last dimension; what has no batch is the same in each row of the others'.
Meaning concat(const FunctionUse& use) {
  std::vector<Value> operands;
  bool any_batched = false;
  for (const Meaning& argument : use.arguments) {
    const auto x = as_real(use.context, argument, quoted(use.function));
    if (!x || !has_width(use.context, argument, *x, quoted(use.function))) return poison(use.where);
    operands.push_back(*x);
    any_batched = any_batched || use.context.build.type(*x).shape.is_batched();
  }
  std::int64_t width = 0;
  use.context.at(use.where);
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (any_batched) operands[i] = as_batched(use.context, operands[i]);
    const Shape& shape = use.context.build.type(operands[i]).shape;
    if (!side_by_side(use.context.build.type(operands[0]).shape, shape)) {
      return refuse_concat(use, use.arguments[0], use.arguments[i]);
    }
    width += shape.last();
  }
  Shape shape = use.context.build.type(operands[0]).shape;
  shape.dims.back() = width;
  if (const auto why = why_too_large(shape)) {
    use.context.diagnostics.error(use.where, fmt::format("the value would be too large: {}", *why));
    return poison(use.where);
  }
  const auto axis = static_cast<std::int64_t>(shape.rank()) - 1;
  return meaning(use.context.build.add(Op::concat, operands, ConcatAttributes{axis, false}),
                 use.where);
}

bool is_identity(const std::string& word) { return word == "linear" || word == "none"; }

Meaning call(const FunctionUse& use) {
  if (use.function.sees == Function::Sees::sequences) return use.function.apply(use);
  const Stepwise work{quoted(use.function), 1, use.where};
  return per_step(use.context, work, use.arguments, [&](std::span<const Meaning> step) {
    return use.function.apply({use.context, use.function, step, use.where});
  });
}

}  // namespace

const std::vector<Function>& functions() {
  static constexpr std::size_t most_sizes = 255;  // why_invalid knows how many a shape may have
  static constexpr std::size_t most_operands = 4096;
  using enum Function::Sees;
  static const std::vector<Function> table = {
      {"sigmoid", "sigmoid(x)", 1, 1, steps, elementwise<Op::sigmoid>},
      {"hard_sigmoid", "hard_sigmoid(x)", 1, 1, steps, elementwise<Op::hard_sigmoid>},
      {"tanh", "tanh(x)", 1, 1, steps, elementwise<Op::tanh>},
      {"relu", "relu(x)", 1, 1, steps, elementwise<Op::relu>},
      {"exp", "exp(x)", 1, 1, steps, elementwise<Op::exp>},
      {"log", "log(x)", 1, 1, steps, elementwise<Op::log>},
      {"softmax", "softmax(x)", 1, 1, steps, softmax},
      {"zeros", "zeros(size, ...)", 1, most_sizes, steps, zeros},
      {"ones", "ones(size, ...)", 1, most_sizes, steps, ones},
      {"last", "last(x)", 1, 1, sequences, last},
      {"split", "split(x, parts)", 2, 2, steps, split},
      {"concat", "concat(x, y, ...)", 2, most_operands, steps, concat},
  };
  return table;
}

std::vector<std::string> callable_names() {
  std::vector<std::string> names = {"linear", "none", "exponential"};
  for (const Function& function : functions()) {
    const bool activates = function.most == 1 && function.sees == Function::Sees::steps;
    if (activates) names.push_back(function.name);
  }
  return names;
}

Meaning apply_word(Context& context, const Word& word, std::span<const Meaning> arguments,
                   SourceRange where) {
  const Function* function = find_function(word.text == "exponential" ? "exp" : word.text);
  if (function) return apply_function(context, *function, arguments, where);
  if (!is_identity(word.text)) {
    context.diagnostics.error(where, fmt::format("'{}' is the name of no function; there are {}",
                                                 word.text, fmt::join(callable_names(), ", ")));
    return poison(where);
  }
  static const Function identity = {
      "linear", "linear(x)",           1,
      1,        Function::Sees::steps, [](const FunctionUse& use) { return use.arguments[0]; }};
  return apply_function(context, identity, arguments, where);
}

const Function* find_function(const std::string& name) {
  for (const Function& function : functions()) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

Meaning apply_function(Context& context, const Function& function,
                       std::span<const Meaning> arguments, SourceRange where) {
  if (arguments.size() < function.least || arguments.size() > function.most) {
    context.diagnostics.error(
        where, fmt::format("'{}' does not take {} argument{}: {}", function.name, arguments.size(),
                           arguments.size() == 1 ? "" : "s", function.usage));
    return poison(where);
  }
  const bool any_poison = std::any_of(arguments.begin(), arguments.end(),
                                      [](const Meaning& argument) { return argument.is_poison(); });
  if (any_poison) return poison(where);
  return call({context, function, arguments, where});
}

}  // namespace coil::semantics

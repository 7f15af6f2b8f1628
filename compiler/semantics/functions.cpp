#include "compiler/semantics/functions.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "compiler/semantics/messages.hpp"
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

}  // namespace

const std::vector<Function>& functions() {
  static constexpr std::size_t most_sizes = 255;  // why_invalid knows how many a shape may have
  static const std::vector<Function> table = {
      {"sigmoid", "sigmoid(x)", 1, 1, elementwise<Op::sigmoid>},
      {"hard_sigmoid", "hard_sigmoid(x)", 1, 1, elementwise<Op::hard_sigmoid>},
      {"tanh", "tanh(x)", 1, 1, elementwise<Op::tanh>},
      {"relu", "relu(x)", 1, 1, elementwise<Op::relu>},
      {"exp", "exp(x)", 1, 1, elementwise<Op::exp>},
      {"log", "log(x)", 1, 1, elementwise<Op::log>},
      {"softmax", "softmax(x)", 1, 1, softmax},
      {"zeros", "zeros(size, ...)", 1, most_sizes, zeros},
      {"ones", "ones(size, ...)", 1, most_sizes, ones},
  };
  return table;
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
  return function.apply({context, function, arguments, where});
}

}  // namespace coil::semantics

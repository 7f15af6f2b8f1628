#pragma once

// The language's functions, in a table.

#include <span>
#include <string>
#include <vector>

#include "compiler/semantics/context.hpp"

namespace coil::semantics {

struct Function;

struct FunctionUse {
  Context& context;
  const Function& function;
  std::span<const Meaning> arguments;  // none is poison, and as many as the function takes
  SourceRange where;
};

struct Function {
  std::string name;
  std::string usage;  // "tanh(x)"
  std::size_t least = 1;
  std::size_t most = 1;
  Meaning (*apply)(const FunctionUse& use);
};

const std::vector<Function>& functions();
const Function* find_function(const std::string& name);

Meaning apply_function(Context& context, const Function& function,
                       std::span<const Meaning> arguments, SourceRange where);

}  // namespace coil::semantics

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
  // Of a sequence it is what it is of each step; else it sees the sequence.
  enum class Sees : std::uint8_t { steps, sequences } sees = Sees::steps;
  Meaning (*apply)(const FunctionUse& use);
};

const std::vector<Function>& functions();
const Function* find_function(const std::string& name);

// The names that a parameter may have that is called as a function: functions of one value, and Keras's
// other names of activations.
std::vector<std::string> callable_names();

// `activation(x)`, where the parameter `activation` is one of those names.
Meaning apply_word(Context& context, const Word& word, std::span<const Meaning> arguments,
                   SourceRange where);

Meaning apply_function(Context& context, const Function& function,
                       std::span<const Meaning> arguments, SourceRange where);

}  // namespace coil::semantics

#pragma once

// Every op described once, for its meaning, its gradient and its lowering: how to make a small random
// graph around it, and which values its leaves take.

#include <functional>
#include <string>
#include <vector>

#include "tests/support/feeds.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test {

// Whether the gradient rule of the op is checked on the case: ops that come into being by differentiation
// or after it have none, and leaves have nothing to pass on.
enum class Differentiable { yes, no };

struct OpCase {
  std::string name;  // the op, and after a slash which variant
  Op op;
  Differentiable differentiable;
  // A graph whose first output is the op's first result; an op with several has each as an output. Batched
  // and fixed operands, sizes from one. The same from the same state of the generator.
  std::function<Graph(Rng&)> build;
  Ranges ranges;
};

const std::vector<OpCase>& op_cases();

// The families, each in its file.
std::vector<OpCase> elementwise_cases();
std::vector<OpCase> product_cases();
std::vector<OpCase> rounding_cases();
std::vector<OpCase> fused_cases();
std::vector<OpCase> parts_cases();
std::vector<OpCase> recurrent_cases();
std::vector<OpCase> training_cases();

}  // namespace coil::test

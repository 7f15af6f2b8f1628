#pragma once

// Several element-wise functions over the rows of matrices as one kernel: block by block, each function over the
// block before the next one, so that what lies between them never leaves the first-level cache.

#include <cstdint>
#include <vector>

#include "runtime/kernels/bf16.hpp"
#include "runtime/kernels/matrix.hpp"

namespace coil::kernels {

// Of one operand (`left`) or two. Gradients take that of the result first, then the result.
enum class Function : std::uint8_t {
  copy,
  negate,
  exp,
  log,
  relu,
  tanh,
  sigmoid,
  hard_sigmoid,
  add,
  subtract,
  multiply,
  divide,
  relu_gradient,
  tanh_gradient,
  sigmoid_gradient,
  hard_sigmoid_gradient,
  round_to_bf16,
};

// Where a value lies: element (row, column) at data[row * stride + column], which a stride of 0 makes one row that
// all rows share; or, without data, in a block of the scratch, for as long as the block is worked on. Where `rows` are
// given, row r lies where row rows[r] would: only what is read does.
struct Place {
  float* data = nullptr;
  std::int64_t stride = 0;
  int block = 0;
  const std::int32_t* rows = nullptr;
  // In place of data, where numbers are rounded to: the same element of this, by the same stride.
  Bf16* rounded = nullptr;
};

struct Instruction {
  Function function;
  Place left, right, to;
};

// A block that holds one number, read anew at each evaluation.
struct Number {
  int block = 0;
  const float* value = nullptr;
};

// An instruction may write where it reads, and where no later one reads.
struct Expression {
  Extent extent;  // of every value
  std::vector<Number> numbers;
  std::vector<Instruction> instructions;
  int blocks = 0;
};

// Floats of one block: 4 KiB, of which a few fit into the first-level cache.
inline constexpr std::int64_t block_size = 512;

// Floats of scratch that `evaluate` needs for so many threads.
std::int64_t scratch_size(const Expression& expression, int threads);

// Runs all instructions over all elements. Elements with NaN stay NaN as each function says.
void evaluate(const Expression& expression, float* scratch);

}  // namespace coil::kernels

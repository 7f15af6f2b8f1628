#pragma once

// Loops, sequences and cells are written out while elaborating. How many nodes that makes is counted
// before it is done, so that a bound mistyped, or hostile, is an error and not an hour or the memory.

#include <cstdint>

#include "compiler/source/source_file.hpp"
#include "compiler/syntax/ast.hpp"

namespace coil::semantics {

struct Context;
struct CellDeclaration;

inline constexpr std::int64_t most_nodes = 4'000'000;
// Steps of one sequence; what one concat may take.
inline constexpr std::int64_t most_steps = std::int64_t{1} << 20;

// Where elaboration stands in what it writes out.
struct Expansion {
  std::int64_t repeats = 1;     // how often the text being elaborated is elaborated in all
  std::int64_t statements = 0;  // elaborated so far: what no node is made for takes time too
};

// Thrown after the report: nothing that follows could be said.
struct TooLarge {};

// Runs once for each step of a loop or a sequence, `steps` times, making about `nodes` nodes a step:
// reports at `where` and throws where that is too many. `what` is "the loop", "layer 'lstm'".
class Repeat {
 public:
  Repeat(Context& context, SourceRange where, const std::string& what, std::int64_t steps,
         std::int64_t nodes);
  Repeat(const Repeat&) = delete;
  Repeat& operator=(const Repeat&) = delete;
  ~Repeat();

 private:
  Context& context_;
  std::int64_t before_;
};

// Nodes that statements, one expression, and one step of a layer make, about: an operator or a call is one.
std::int64_t cost_of(const Context& context, const std::vector<ast::Statement>& statements);
std::int64_t cost_of_step(const CellDeclaration& cell);

}  // namespace coil::semantics

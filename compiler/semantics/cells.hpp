#pragma once

// Cells as kinds of layers: arguments bound by position and name, weights and layers made at the first
// application, and the text of `step` elaborated once a step.

#include <memory>
#include <span>
#include <string>

#include "compiler/semantics/context.hpp"

namespace coil::semantics {

// What a layer made of a cell has besides its name.
struct CellInstance {
  const CellDeclaration* declaration = nullptr;
  Frame frame;
  std::vector<Meaning> arguments;  // one a parameter, `stateful` the last
  std::vector<StateSlot*> states;
  std::int64_t width = 0;  // of the input, since the first use; 0 where it has none
  bool is_made = false;
  SourceRange first_use;

  bool stateful() const;
};

// "MinGRU(units, stateful = false)"
std::string usage(Context& context, const CellDeclaration& cell);

// An instance with its arguments; null where there is a mistake in them. `where` is the kind's name.
std::unique_ptr<CellInstance> make_cell(Context& context, const CellDeclaration& cell,
                                        const std::string& layer, SourceRange where,
                                        const std::vector<ast::Argument>& arguments);

// Runs `step` on values, or on each step of sequences: what was yielded. None of the inputs is poison.
Meaning apply_cell(Context& context, Layer& layer, std::span<const Meaning> inputs,
                   SourceRange where);

}  // namespace coil::semantics

#pragma once

#include <optional>
#include <string>

#include "compiler/graph/graph.hpp"

namespace coil {

// One step of a model that carries its memory from call to call: the same graph with sequences of one element.
//
//   index[batch, T]             -> index[batch, 1]
//   scan of T steps             -> scan of one step
//   the last element of T       -> the only one
//
// What T calls of the result compute one after the other is then what one call of the model computes, provided
// that all that goes from step to step goes through states. So every recurrence begins with a state that takes
// its last value, states do nothing else, and no element of a sequence but the last is singled out. Where that
// does not hold, nothing, and in `why` the reason, said to the person who wrote the model. A model whose
// sequences have one element, or that has none and reads one input, is returned as it is.
std::optional<Graph> retime(const Graph& canonical, std::string* why = nullptr);

}  // namespace coil

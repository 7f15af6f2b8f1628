#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "compiler/graph/graph.hpp"

namespace coil {

// The same model over another number of steps: what its text gives with another length of its sequences.
//
//   index[batch, T]             -> index[batch, steps]
//   scan of T steps             -> scan of `steps` steps
//   the last element of T       -> the last of `steps`
//
// Where no such graph is the same model (it singles out another element of a sequence, say, or has steps that are
// not part of a scan), nothing, and in `why` the reason, said to the person who wrote the model. `steps` is at
// least one.
std::optional<Graph> retime(const Graph& canonical, std::int64_t steps, std::string* why = nullptr);

// One step of a model that carries its memory from call to call, as retime() makes it. What T calls of it compute
// one after the other is then what one call of the model computes, provided that all that goes from step to step
// goes through states. So every recurrence begins with a state that takes its last value, and states do nothing else;
// where that does not hold, nothing, and in `why` the reason. A model whose sequences have one element, or that has
// none and reads one input, is returned as it is.
std::optional<Graph> one_step(const Graph& canonical, std::string* why = nullptr);

}  // namespace coil

#pragma once

// The reference interpreter: slow, in double precision, and by definition right.

#include <map>
#include <string>

#include "compiler/graph/op_record.hpp"

namespace coil {

// Values of inputs, weights and states by name.
using Feeds = std::map<std::string, Array>;

// Every output by name: results, gradients under "gradient:NAME", updates under "update:NAME".
// InternalError where a leaf is not fed, has another shape, or an index is not below its bound.
std::map<std::string, Array> evaluate(const Graph& graph, const Feeds& feeds, std::int64_t batch);

}  // namespace coil

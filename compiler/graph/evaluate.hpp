#pragma once

// The reference interpreter: slow, in double precision, and by definition right.

#include <map>
#include <string>

#include "compiler/graph/op_record.hpp"

namespace coil {

// Values of inputs, weights and states by name: the names and shapes that people see, so that a weight's
// pieces are cut from the whole and a sequence may be fed by its parts.
using Feeds = std::map<std::string, Array>;

// The box of an array, as a piece of a weight is one of the whole.
Array cut(const Array& whole, const std::vector<std::int64_t>& begin,
          const std::vector<std::int64_t>& size, std::vector<std::int64_t> dims);

// One value an output, in their order, from one array an input by position. `batch` is that of the outputs
// of a scan's body. InternalError where the graph has weights or states.
std::vector<Array> evaluate_body(const Graph& body, const std::vector<const Array*>& inputs,
                                 std::int64_t batch);

// Every output by name: results, gradients under "gradient:NAME", updates under "update:NAME".
// InternalError where a leaf is not fed, has another shape, or an index is not below its bound.
std::map<std::string, Array> evaluate(const Graph& graph, const Feeds& feeds, std::int64_t batch);

}  // namespace coil

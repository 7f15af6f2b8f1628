#pragma once

#include <string>

#include "compiler/graph/graph.hpp"

namespace coil {

// XXH3 (128 bits) of the computation: ops, attributes, shapes, wiring, outputs and the
// leaves that gradients and updates belong to. Taken away before: names, initial values, places in the
// text, and the order of nodes (they are numbered by first use from the outputs, weights with them).
Hash hash_of(const Graph& graph);
std::string to_string(const Hash& hash);  // 32 hexadecimal digits

}  // namespace coil

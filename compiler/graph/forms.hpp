#pragma once

#include <string>

#include "compiler/graph/graph.hpp"

namespace coil {

// The forms a graph passes through (graph.hpp). Each says why not, in `why`, for messages and tests.
bool is_flat(const Graph& graph, std::string* why = nullptr);
bool is_unrolled(const Graph& graph, std::string* why = nullptr);  // no scan, whatever else
bool is_canonical(const Graph& graph, std::string* why = nullptr);

// Whether every op is one that models are made of: none that only training derives, and whose gradient
// nobody asks for (adam, cross_entropy, scatter_add, tanh_grad, ...). What a graph from a file must be
// before anything is derived from it.
bool is_model(const Graph& graph, std::string* why = nullptr);

}  // namespace coil

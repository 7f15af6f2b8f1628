#pragma once

#include "compiler/graph/graph.hpp"
#include "compiler/passes/ranges.hpp"

namespace coil {

// The same graph with the left sides of the products that quantize_products could take as outputs too, which `observed`
// then knows: what runs give tells the ranges. No row of the pipeline: a Runner does so in the place of that row where
// it is told to.
Graph observe_products(Graph graph, Observed& observed);

}  // namespace coil

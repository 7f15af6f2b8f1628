#pragma once

// How large what is multiplied by each weight becomes: what products in int8 are scaled by. Known by the names of
// leaves, so by pieces where a graph has them: however a recurrence was spelled its products have ranges of their own,
// and whatever an entry is derived for its leaves keep their names. Told by runs over a text (observe_products).

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace coil {

// The largest magnitude of a left side, over all products whose right side is made of the leaf.
using Ranges = std::map<std::string, float, std::less<>>;

// The outputs that are left sides of products, by name: the leaves that the right sides are made of.
using Observed = std::map<std::string, std::vector<std::string>, std::less<>>;

}  // namespace coil

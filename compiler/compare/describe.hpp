#pragma once

#include <string>

#include "compiler/compare/view.hpp"

namespace coil::comparing {

// An item as a person would write it: `relu(.. @ encode.kernel + encode.bias)`. What lies deeper than
// `depth` is left out, as `..`; so are terms of a long sum.
std::string describe(const View& view, ItemId id, int depth = 4);

// The same, as deep as it fits into a message.
std::string describe_briefly(const View& view, ItemId id);

// "the input c", "the weight encode.kernel", "the state h", "the number 2"; else its description.
std::string call(const View& view, ItemId id);

}  // namespace coil::comparing

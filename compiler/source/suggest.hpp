#pragma once

#include <span>
#include <string>
#include <string_view>

namespace coil {

// The candidate nearest to `word` by edit distance (a swap of neighbours counts one), if it is near
// enough to be what was meant; else empty. Ties go to the first candidate.
std::string_view nearest(std::string_view word, std::span<const std::string> candidates);

// "; did you mean 'encode'?" or "".
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace coil

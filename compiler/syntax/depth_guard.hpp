#pragma once

#include <string>
#include <string_view>

#include "compiler/source/diagnostic.hpp"

namespace coil {

// Brackets, signs and the braces around them, together.
constexpr int depth_limit = 200;

// The parser and everything after it recurse over expressions and over blocks; this bounds how deep
// before any of them runs. Reports the first bracket, brace or minus sign that opens a level past `limit`,
// and returns false. Comments are skipped. Minus signs in a row nest without brackets (`----x`) and count too.
// `text` is what will be parsed: the file's text as check_characters gave it.
bool check_depth(std::string_view text, Diagnostics& diagnostics, int limit = depth_limit);

// "this is nested more than 200 levels deep; ..."
std::string too_deep(int limit);

}  // namespace coil

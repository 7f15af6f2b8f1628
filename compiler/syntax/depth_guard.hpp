#pragma once

#include <string_view>

#include "compiler/source/diagnostic.hpp"

namespace coil {

// The parser and everything after it recurse over expressions; this bounds how deep before any of
// them runs. Reports the first bracket or minus sign that opens a level past `limit`, and returns
// false. Comments are skipped. Minus signs in a row nest without brackets (`----x`) and count too.
// `text` is what will be parsed: the file's text as check_characters gave it.
bool check_depth(std::string_view text, Diagnostics& diagnostics, int limit = 200);

}  // namespace coil

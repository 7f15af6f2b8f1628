#pragma once

// Numbers on the command line, read strictly: the whole word, in a range. Anything else is a RunError
// (usage) that names the option and the range.

#include <cstdint>
#include <string>

#include "runtime/cli/command_line.hpp"
#include "runtime/recipe/limits.hpp"

namespace coil::cli {

// `option` as the message shows it: "--epochs".
std::int64_t parse_number(const std::string& option, const std::string& text,
                          Range<std::int64_t> range);
std::uint64_t parse_number(const std::string& option, const std::string& text,
                           Range<std::uint64_t> range);
double parse_number(const std::string& option, const std::string& text, Range<double> range);

// The longest of "-n,--count".
std::string shown_name(const std::string& names);

// An option that takes a number. `target` may be an optional.
template <typename Number, typename Target>
Option* add_number(App& app, const std::string& names, Target& target, Range<Number> range,
                   const std::string& help) {
  const std::string shown = shown_name(names);
  const auto take = [&target, range, shown](const std::string& text) {
    target = parse_number(shown, text, range);
  };
  return app.add_option(names, take, help)->type_name("N");
}

}  // namespace coil::cli

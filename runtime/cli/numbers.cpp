#include "runtime/cli/numbers.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

namespace coil::cli {
namespace {

template <typename Number>
Number parse(const std::string& option, const std::string& text, Range<Number> range,
             const char* kind) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc{} && stop == end && range.contains(number)) return number;
  fail(ExitCode::usage, "{}: '{}' is not a {} from {} to {}", option, printable(text), kind,
       range.least, range.most);
}

}  // namespace

std::int64_t parse_number(const std::string& option, const std::string& text,
                          Range<std::int64_t> range) {
  return parse(option, text, range, "whole number");
}

std::uint64_t parse_number(const std::string& option, const std::string& text,
                           Range<std::uint64_t> range) {
  return parse(option, text, range, "whole number");
}

double parse_number(const std::string& option, const std::string& text, Range<double> range) {
  return parse(option, text, range, "number");
}

std::string shown_name(const std::string& names) {
  std::string longest;
  for (std::size_t begin = 0; begin < names.size();) {
    const std::size_t end = std::min(names.find(',', begin), names.size());
    if (end - begin > longest.size()) longest = names.substr(begin, end - begin);
    begin = end + 1;
  }
  return longest;
}

}  // namespace coil::cli

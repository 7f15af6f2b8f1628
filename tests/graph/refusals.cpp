#include "tests/graph/refusals.hpp"

#include <catch2/catch.hpp>

#include "compiler/graph/text.hpp"
#include "compiler/graph/verify.hpp"
#include "compiler/source/run_error.hpp"

namespace coil::test {

std::string refusal(const std::string& text) {
  try {
    graph_from_text(text, "f");
  } catch (const RunError& error) {
    CHECK(error.code() == ExitCode::bad_artifact);
    return error.what();
  }
  return "accepted";
}

std::string refusal_of_change(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return refusal(text.replace(at, from.size(), to));
}

bool is_safe(const std::string& text) {
  try {
    return !why_malformed(graph_from_text(text, "f"));
  } catch (const RunError& error) {
    return error.code() == ExitCode::bad_artifact &&
           std::string_view(error.what()).starts_with("f:");
  }
}

}  // namespace coil::test

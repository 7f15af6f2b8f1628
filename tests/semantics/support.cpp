#include "tests/semantics/support.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "compiler/graph/forms.hpp"
#include "compiler/graph/verify.hpp"
#include "compiler/source/load.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/syntax/parse.hpp"

namespace coil::testing {

Outcome elaborate_text(const std::string& text, const std::vector<Definition>& definitions,
                       const std::string& model) {
  const SourceFile file("m.model", text);
  Diagnostics diagnostics(file);
  const ast::File parsed = parse(file, diagnostics);
  INFO(diagnostics.render());
  REQUIRE(!diagnostics.has_errors());
  Outcome outcome;
  outcome.graph = elaborate(parsed, model, definitions, diagnostics);
  outcome.messages = diagnostics.render();
  CHECK(outcome.graph.has_value() == !diagnostics.has_errors());
  return outcome;
}

Graph graph_of(const std::string& text, const std::vector<Definition>& definitions,
               const std::string& model) {
  Outcome outcome = elaborate_text(text, definitions, model);
  INFO(outcome.messages);
  REQUIRE(outcome.graph);
  CHECK(why_malformed(*outcome.graph).value_or("") == "");
  std::string why;
  CHECK(is_flat(*outcome.graph, &why));
  CHECK(why == "");
  return std::move(*outcome.graph);
}

std::string messages_of(const std::string& text) {
  const Outcome outcome = elaborate_text(text);
  REQUIRE(!outcome.graph);
  return outcome.messages;
}

std::string headlines(const std::string& messages) {
  static const std::string start = "m.model:";
  std::istringstream lines(messages);
  std::string all;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(start)) all += line.substr(start.size()) + "\n";
  }
  return all;
}

std::string headlines_of(const std::string& lines) {
  return headlines(messages_of("model M() {\n" + lines + "\n}\n"));
}

std::string usage_error(const std::string& text, const std::vector<Definition>& definitions,
                        const std::string& model) {
  try {
    elaborate_text(text, definitions, model);
  } catch (const RunError& error) {
    CHECK(error.code() == ExitCode::usage);
    return error.what();
  }
  FAIL("no RunError");
  return "";
}

std::string read_model(const std::string& name) {
  return read_file(COIL_ROOT "/models/" + name, largest_source_bytes);
}

std::string read_example(const std::string& name) {
  return read_file(COIL_ROOT "/examples/" + name, largest_source_bytes);
}

}  // namespace coil::testing

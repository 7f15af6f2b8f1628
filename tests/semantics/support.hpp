#pragma once

#include <string>
#include <vector>

#include "compiler/graph/graph.hpp"
#include "compiler/semantics/elaborate.hpp"

namespace coil::testing {

// What came of a text: a graph, or else messages; and warnings in either case.
struct Outcome {
  std::optional<Graph> graph;
  std::string messages;  // rendered, the file called m.model
};

Outcome elaborate_text(const std::string& text, const std::vector<Definition>& definitions = {},
                       const std::string& model = "");

// The graph of a text without mistakes; fails the test, with the messages, where there are any. The
// graph is checked to be well formed and flat.
Graph graph_of(const std::string& text, const std::vector<Definition>& definitions = {},
               const std::string& model = "");

// The messages of a text with mistakes; fails the test where it has none.
std::string messages_of(const std::string& text);

// Without source lines and carets: "3:8: error: ..." and "2:3: note: ...", one a line.
std::string headlines(const std::string& messages);

// The headlines of `model M() { lines }` whose first line is number 2.
std::string headlines_of(const std::string& lines);

// What RunError (usage) says; fails the test where nothing is thrown.
std::string usage_error(const std::string& text, const std::vector<Definition>& definitions,
                        const std::string& model = "");

std::string read_model(const std::string& name);
std::string read_example(const std::string& name);

}  // namespace coil::testing

#include "runtime/cli/annotated_text.hpp"

#include <fmt/format.h>

#include "compiler/classify/classify.hpp"
#include "compiler/graph/text.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil::cli {

std::string annotated_text(const Graph& graph) {
  std::string text = to_text(graph);
  std::size_t from = 0;
  for (const NodeId id : leaves(graph, Op::scan)) {
    // Nodes of bodies are further to the right.
    const std::string line = fmt::format("\n  - node: {{id: {}, op: scan,", id);
    const std::size_t at = text.find(line, from);
    require(at != std::string::npos, "the text of a graph has a line for scan {}", id);
    const std::string comment =
        fmt::format("\n  # scan {}: {}", id, describe(classify(graph, id), graph));
    text.insert(at, comment);
    from = at + comment.size();
  }
  return text;
}

}  // namespace coil::cli

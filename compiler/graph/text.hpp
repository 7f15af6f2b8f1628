#pragma once

// The graph's text form: YAML, one node a line.
//
//   coil: 1
//   graph: Char3
//   layers:
//     - {name: embed, kind: embedding, output: "[batch, 42]"}
//   nodes:
//     - {id: 0, op: input, type: "index[batch]", name: c1, position: 0, bound: 57, at: "4:9"}
//     - {id: 1, op: weight, type: "real[57, 42]", name: embed.embeddings, initializer: uniform 0.05}
//     - {id: 2, op: gather, of: [1, 0], type: "real[batch, 42]"}
//   outputs:
//     - {name: output, of: 2}
//
// `of: 7.1` is the second result of node 7; a field at its default value is left out. A weight that is a piece
// of a stored one says so; inputs that people feed apart are listed before the nodes; a scan's line is
// followed by its body:
//
//   parts:
//     - {name: c1, of: c, step: 0}
//   nodes:
//     - {id: 1, op: weight, .., piece: {of: lstm.kernel, whole: "[42, 2048]", begin: [0, 512], size: [42, 512]}}
//     - node: {id: 9, op: scan, of: [7, 8, 4], type: "real[batch, 16]", steps: 3, sequences: 1, carries: 1}
//       body:
//         nodes:
//           - {id: 0, op: input, type: "real[batch, 16]", name: x}
//           ..
//         outputs:
//           - {name: h, of: 3}

#include <string>
#include <string_view>

#include "compiler/graph/graph.hpp"

namespace coil {

std::string to_text(const Graph& graph);

// Reads what to_text wrote, strictly: unknown or repeated keys, numbers out of order, types other than
// those inferred, a malformed graph: RunError (bad_artifact) that names `origin` and the line.
Graph graph_from_text(const std::string& text, const std::string& origin);

}  // namespace coil

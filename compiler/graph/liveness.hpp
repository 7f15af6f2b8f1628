#pragma once

#include <map>
#include <memory>
#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil {

// Which values are needed, told one by one; looks into the bodies of scans, so that a result that nobody wants
// does not keep what only it is computed of. Linear in the graph and its bodies.
class Liveness {
 public:
  explicit Liveness(const Graph& graph);

  void mark(Value value);

  bool is_live(NodeId id) const;
  bool is_live(Value value) const { return live_[value.node][value.result]; }
  // Of the body of a scan that is live.
  const Liveness& body(NodeId scan) const { return *bodies_.at(scan); }
  // Of a body: whether its output, or its input at a position, is needed. A value that is carried is needed with
  // its first value.
  bool needs_output(std::size_t i) const { return outputs_[i]; }
  bool needs_input(std::size_t position) const { return inputs_[position]; }

 private:
  // Marks a scan's result in its body; gives the operands that are needed from now on.
  std::vector<std::size_t> mark_result(std::size_t i, const ScanAttributes& scan);

  const Graph& graph_;
  std::vector<std::vector<bool>> live_;
  std::map<NodeId, std::unique_ptr<Liveness>> bodies_;
  std::vector<bool> outputs_, inputs_;
  std::vector<std::size_t> new_inputs_;
};

}  // namespace coil

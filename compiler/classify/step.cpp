#include "compiler/classify/step.hpp"

#include <algorithm>

namespace coil::cells {
namespace {

const ScanAttributes& attributes_of(const Node& scan) {
  return std::get<ScanAttributes>(scan.attributes);
}

}  // namespace

Step::Step(const Graph& graph, NodeId scan)
    : scan_(graph.node(scan)),
      body_(*attributes_of(scan_).body.graph),
      sequences_(static_cast<std::size_t>(attributes_of(scan_).sequences)),
      carries_(static_cast<std::size_t>(attributes_of(scan_).carries)) {
  for (NodeId id = 0; id < body_.size(); ++id) {
    const auto& operands = body_.node(id).operands;
    depends_.push_back(carry({id, 0}).has_value() ||
                       std::ranges::any_of(operands, [&](Value x) { return depends_[x.node]; }));
  }
}

std::optional<std::size_t> Step::position(Value value) const {
  const auto* input = std::get_if<InputAttributes>(&node(value).attributes);
  return input ? std::optional(static_cast<std::size_t>(input->position)) : std::nullopt;
}

std::optional<std::size_t> Step::carry(Value value) const {
  const auto at = position(value);
  if (!at || *at < sequences_ || *at >= sequences_ + carries_) return std::nullopt;
  return *at - sequences_;
}

std::optional<Value> Step::sequence(Value value) const {
  const auto at = position(value);
  return at && *at < sequences_ ? std::optional(scan_.operands[*at]) : std::nullopt;
}

std::optional<Value> Step::capture(Value value) const {
  const auto at = position(value);
  return at && *at >= sequences_ + carries_ ? std::optional(scan_.operands[*at]) : std::nullopt;
}

std::vector<Value> Step::parts(Op op, Value value) const {
  std::vector<Value> found, open = {value};
  while (!open.empty()) {
    const Value part = open.back();
    open.pop_back();
    const Node& inner = node(part);
    if (inner.op == op)
      open.insert(open.end(), inner.operands.rbegin(), inner.operands.rend());
    else
      found.push_back(part);
    if (found.size() + open.size() > most_terms) return {value};
  }
  return found;
}

}  // namespace coil::cells

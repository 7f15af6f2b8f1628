#include "compiler/graph/backward.hpp"

#include "compiler/graph/op_record.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil {

Backward::Backward(Builder& build, std::vector<bool> depends)
    : build_(build), depends_(std::move(depends)), parts_(depends_.size()) {
  for (NodeId id = 0; id < parts_.size(); ++id)
    parts_[id].resize(build.graph().node(id).types.size());
}

void Backward::add(Value value, Value part) {
  require(build_.type(part) == build_.type(value), "the gradient of {} is {}",
          to_string(build_.type(value)), to_string(build_.type(part)));
  parts_[value.node][value.result].push_back(part);
}

std::optional<Value> Backward::gradient(Value value) {
  std::optional<Value> sum;
  for (const Value part : parts(value)) sum = sum ? build_.add(Op::add, {*sum, part}) : part;
  return sum;
}

void Backward::run() {
  const Graph& graph = build_.graph();
  for (auto id = static_cast<NodeId>(parts_.size()); id-- > 0;) {
    if (!depends_[id] || record(graph.node(id).op).trait.value == Trait::leaf) continue;
    build_.at(graph.node(id).place);
    std::vector<std::optional<Value>> by_result;
    bool any = false;
    for (std::uint32_t i = 0; i < parts_[id].size(); ++i) {
      by_result.push_back(gradient({id, i}));
      any = any || by_result.back();
    }
    if (!any) continue;
    const auto by_operand =
        record(graph.node(id).op).gradient.value({build_, graph, id, by_result});
    const std::vector<Value> operands = graph.node(id).operands;
    for (std::size_t i = 0; i < by_operand.size(); ++i)
      if (by_operand[i] && depends_[operands[i].node]) add(operands[i], *by_operand[i]);
  }
}

std::vector<bool> dependents(const Graph& graph, std::vector<bool> sources) {
  for (NodeId id = 0; id < graph.size(); ++id)
    for (const Value operand : graph.node(id).operands)
      if (sources[operand.node]) sources[id] = true;
  return sources;
}

}  // namespace coil

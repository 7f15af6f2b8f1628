#include "compiler/graph/hash.hpp"

#include <fmt/format.h>

#include "compiler/graph/digest.hpp"
#include "compiler/graph/op_record.hpp"
#include "compiler/graph/use_order.hpp"

namespace coil {
namespace {

void digest_node(Digest& digest, const Node& node) {
  digest.add(to_string(node.op));
  digest_attributes(digest, node.attributes, NamesIn::nothing);
  for (const Type& type : node.types) digest_type(digest, type);
  digest.add(std::uint64_t{node.operands.size()});
}

}  // namespace

Hash hash_of(const Graph& graph) {
  std::vector<std::uint32_t> number(graph.size(), 0);
  std::uint32_t next = 0;
  Digest digest;
  for (NodeId id : use_order(graph)) {
    number[id] = next++;
    const Node& node = graph.node(id);
    digest_node(digest, node);
    for (Value operand : node.operands) {
      digest.add(number[operand.node]);
      digest.add(operand.result);
    }
  }
  const auto leaves_named = output_leaves(graph);
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    const Output& output = graph.outputs[i];
    digest.add(static_cast<std::uint64_t>(output.kind));
    digest.add(number[output.value.node]);
    digest.add(output.value.result);
    if (leaves_named[i]) digest.add(number[*leaves_named[i]]);
  }
  return digest.finish();
}

std::string to_string(const Hash& hash) { return fmt::format("{:016x}{:016x}", hash[0], hash[1]); }

}  // namespace coil

#include "runtime/execute/store.hpp"

#include "compiler/source/internal_error.hpp"

namespace coil {

void Store::add_leaves_of(const Graph& graph, std::int64_t batch) {
  for (const Node& node : graph.nodes()) {
    if (node.op != Op::weight && node.op != Op::state) continue;
    const Shape& shape = node.types[0].shape;
    const std::string name(leaf_name(node));
    const auto found = entries_.find(name);
    if (found != entries_.end()) {
      require(found->second.shape == shape, "'{}' is {} and {}", name,
              to_string(found->second.shape), to_string(shape));
      continue;
    }
    const auto elements = static_cast<std::size_t>(count(shape, batch));
    entries_.emplace(name, Entry{shape, elements, AlignedBuffer(elements * sizeof(float))});
  }
}

const Store::Entry& Store::entry(const std::string& name) const {
  const auto found = entries_.find(name);
  require(found != entries_.end(), "no weight or state is called '{}'", name);
  return found->second;
}

std::span<float> Store::values(const std::string& name) {
  const Entry& found = entry(name);
  return {static_cast<float*>(found.buffer.data()), found.count};
}

std::span<const float> Store::values(const std::string& name) const {
  const Entry& found = entry(name);
  return {static_cast<const float*>(found.buffer.data()), found.count};
}

const Shape& Store::shape(const std::string& name) const { return entry(name).shape; }

}  // namespace coil

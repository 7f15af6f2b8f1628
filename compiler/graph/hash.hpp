#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil {

using Hash = std::array<std::uint64_t, 2>;

// XXH3 (128 bits) of the computation: ops, attributes, shapes, wiring, outputs and the
// leaves that gradients and updates belong to. Taken away before: names,
// initial values, places in the text, and the order of nodes (they are numbered by first use from the
// outputs, weights with them).
Hash hash_of(const Graph& graph);
std::string to_string(const Hash& hash);  // 32 hexadecimal digits

// One hash per node of what it computes, weights told apart by shape only: an order for the operands of
// commutative ops that no renaming and no reordering of the text changes. Grows with its graph.
class StructuralHashes {
 public:
  void extend(const Graph& graph);  // to the nodes added since
  // Two results of one node are told apart too.
  std::pair<Hash, std::uint32_t> of(Value value) const {
    return {hashes_[value.node], value.result};
  }

 private:
  std::vector<Hash> hashes_;
};

}  // namespace coil

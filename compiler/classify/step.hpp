#pragma once

#include <optional>
#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil::cells {

// A scan's body as patterns see it.
class Step {
 public:
  Step(const Graph& graph, NodeId scan);

  std::size_t carries() const { return carries_; }
  std::size_t yields() const { return body_.outputs.size() - carries_; }
  Value next(std::size_t carry) const { return body_.outputs[carry].value; }
  Value yield(std::size_t i) const { return body_.outputs[carries_ + i].value; }

  const Node& node(Value value) const { return body_.node(value.node); }
  const Type& type(Value value) const { return body_.type(value); }
  bool depends_on_carry(Value value) const { return depends_[value.node]; }

  // What the value is, as one of the body's inputs: a carry's number; or the outer value that a sequence
  // or a capture is.
  std::optional<std::size_t> carry(Value value) const;
  std::optional<Value> sequence(Value value) const;
  std::optional<Value> capture(Value value) const;

  // The terms of a sum, or the factors of a product, however it is bracketed; of anything else itself.
  // At most `most_terms`: what has more is no well-known cell, and is given whole.
  std::vector<Value> parts(Op op, Value value) const;

 private:
  static constexpr std::size_t most_terms = 16;
  std::optional<std::size_t> position(Value value) const;

  const Node& scan_;
  const Graph& body_;
  std::size_t sequences_, carries_;
  std::vector<bool> depends_;  // of each node, on a carried value
};

}  // namespace coil::cells

#pragma once

// A graph as an expression: what two graphs are compared as. Sums and products are n-ary, and a product of a
// sum, (x + h) @ W, is the sum x @ W + h @ W. A scan's body is seen in its place: what a step captures is
// the value outside, and an element of a sequence is the sequence, so that it is all one whether something
// is done in each step or for all steps at once. The only way back to oneself is through a carried value,
// which has its first and next value noted with the scan.

#include <cstdint>
#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil::comparing {

using ItemId = std::uint32_t;

enum class Kind : std::uint8_t {
  op,       // any other node
  sum,      // of its operands
  product,  // of its operands
  carry,    // the carried value of number `index`, as a step is given it
  scan,     // operands: the first values, the next ones, then what each step yields
  last,     // the last value of the scan's carry `index`
  yielded,  // the sequence of what the scan's steps yield: its operands are the scan and the value
};

struct Item {
  Kind kind = Kind::op;
  const Node* node = nullptr;  // of a body's input for carries, which have its name
  Type type;
  std::vector<ItemId> operands;
  std::uint32_t index = 0;  // of a result, where the node has several
  std::uint32_t scope = 0;  // which scan of the view a carry, a scan and its results belong to
  // Of the structure without names, shapes and sizes, and without a difference between weights: equal
  // prints are where a comparison looks first.
  std::uint64_t print = 0;

  Op op() const { return node->op; }
  bool is(Op wanted) const { return kind == Kind::op && node->op == wanted; }
  bool is_leaf() const { return kind == Kind::op && operands.empty(); }
  std::size_t carries() const;  // of a scan
};

// Of a graph that outlives it.
class View {
 public:
  explicit View(const Graph& graph);

  const Graph& graph() const { return graph_; }
  const Item& item(ItemId id) const { return items_[id]; }
  std::size_t size() const { return items_.size(); }
  ItemId of(Value value) const { return results_[value.node][value.result]; }

 private:
  friend class Expansion;

  const Graph& graph_;
  std::vector<Item> items_;
  std::vector<std::vector<ItemId>> results_;  // of each node of the graph, but for absorbed terms
};

}  // namespace coil::comparing

#pragma once

// A graph is a list of nodes in an order in which every operand stands before its user: it is acyclic
// because it cannot be written otherwise. A node computes one or more results from operands; a Value
// names one result. Nodes are pure. What a call changes (a weight, a state) is told by the outputs: an
// output of kind `update` names the weight or state that takes the value after everything was computed.
//
// The forms a graph passes through, each a predicate in forms.hpp:
//   flat       as elaborated from the text: loops are unrolled, no scan
//   canonical  recurrences rolled into scans whose bodies hold only what depends on a carried value;
//              shared, simplified, sums flat and without differences, operands of commutative ops in the
//              order of their colours (colours.hpp), no dead node
//   fused      products carry their bias and activation
// Every form is typed: shapes are inferred when a node is added and verified between passes.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/graph/attributes.hpp"
#include "compiler/graph/ops.hpp"
#include "compiler/graph/type.hpp"

namespace coil {

using NodeId = std::uint32_t;

// One result of one node.
struct Value {
  NodeId node = 0;
  std::uint32_t result = 0;
  bool operator==(const Value&) const = default;
  auto operator<=>(const Value&) const = default;
};

// Where in the text a node comes from; line 0 is nowhere.
struct Place {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  bool operator==(const Place&) const = default;
};

struct Node {
  Op op;
  Attributes attributes;
  std::vector<Value> operands;
  std::vector<Type> types;  // of its results
  Place place;
};

enum class OutputKind : std::uint8_t {
  result,    // handed to the caller
  gradient,  // of the weight of that name
  update,    // becomes the value of the weight or state of that name
};

struct Output {
  std::string name;
  Value value;
  OutputKind kind = OutputKind::result;
  bool operator==(const Output&) const = default;
};

// Inputs have two faces, as weights do: inputs that people feed apart (c1, c2, c3) may be one sequence in
// the graph. A part is element `step` of the input leaf called `of`.
struct InputPart {
  std::string name;
  std::string of;
  std::int64_t step = 0;
  bool operator==(const InputPart&) const = default;
};

// What `inspect` shows of a layer; it says nothing about the computation.
struct LayerInfo {
  std::string name;
  std::string kind;
  Shape output;
  bool operator==(const LayerInfo&) const = default;
};

class Graph {
 public:
  std::string name;
  std::vector<LayerInfo> layers;
  std::vector<InputPart> parts;  // by input leaf, then by step; every step of a leaf that has any
  std::vector<Output> outputs;

  std::size_t size() const { return nodes_.size(); }
  const std::vector<Node>& nodes() const { return nodes_; }
  const Node& node(NodeId id) const { return nodes_[id]; }
  const Type& type(Value value) const { return nodes_[value.node].types[value.result]; }

  // Adds a node whose types are known. Builders infer them: use Builder (builder.hpp).
  NodeId append(Node node);

 private:
  std::vector<Node> nodes_;
};

// Its name for a leaf that has one; else empty.
std::string_view leaf_name(const Node& node);
// What a weight or a state is a joint of; null where it is none.
const Joint* joint_of(const Node& node);

// For each output the weight or state that it is a gradient or an update of; nothing for a result, and
// where no leaf has that name. Such a leaf is needed though no node may use it, since the output names it.
std::vector<std::optional<NodeId>> output_leaves(const Graph& graph);

// The leaves of one op, in the order of the graph.
std::vector<NodeId> leaves(const Graph& graph, Op op);

// How often each node is used, as an operand or an output.
std::vector<std::uint32_t> count_uses(const Graph& graph);

// Elements of all stored weights together: the "parameters" of a summary.
std::int64_t count_parameters(const Graph& graph);

}  // namespace coil

#pragma once

// What an op carries besides operands: one small struct per kind, in one variant. `fields` lists a
// struct's fields once; the text form, its reader and the hash all walk that list.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "compiler/graph/type.hpp"

namespace coil {

// A name that people gave. Names are kept for people and files, and are not part of a graph's hash.
struct Name {
  std::string text;
  bool operator==(const Name&) const = default;
};

// How a weight starts; Keras's initializers. Not part of the hash either.
enum class InitializerKind : std::uint8_t {
  zeros,
  ones,
  uniform,
  glorot_uniform,
  orthogonal,
  lstm_bias,  // zeros, but ones in the second quarter: the forget gate's
};
struct Initializer {
  InitializerKind kind = InitializerKind::zeros;
  double limit = 0;  // uniform: values in [-limit, limit)
  bool operator==(const Initializer&) const = default;
};

// Element-wise functions that a product can apply to its result before storing it.
enum class Activation : std::uint8_t { none, relu, tanh, sigmoid, hard_sigmoid };

struct NoAttributes {
  static void fields(auto&, auto&&) {}
  bool operator==(const NoAttributes&) const = default;
};

struct InputAttributes {
  Name name;
  std::int64_t position = 0;  // in the order of the text; the meaning of an input without its name
  std::int64_t bound = 0;     // index inputs: values lie in [0, bound)
  static void fields(auto& self, auto&& field) {
    field("name", self.name);
    field("position", self.position);
    field("bound", self.bound);
  }
  bool operator==(const InputAttributes&) const = default;
};

// Weights have two faces. In files and for people a weight has the name and the shape of the text; a graph
// that only uses slices of it has a leaf for each slice, which is a view of the stored weight: the box
// `size` at `begin`, in which dimensions of size one may be dropped. Empty (no `of`) where the leaf is the
// whole weight. Not part of the hash, which is why one kernel and four are one graph.
struct Piece {
  std::string of;  // the stored weight
  Shape whole;     // its shape
  std::vector<std::int64_t> begin;
  std::vector<std::int64_t> size;
  bool operator==(const Piece&) const = default;
};

// Leaves that are side by side in one: what is learnt together, and stored apart.
struct Joint {
  struct Part {
    std::string name;       // of the leaf
    std::int64_t size = 0;  // along the axis
    bool operator==(const Part&) const = default;
  };
  std::int64_t axis = 0;
  std::vector<Part> parts;  // none: the leaf is no joint
  bool operator==(const Joint&) const = default;
};

// A trained tensor. The initializer is that of the whole weight; a joint is what its parts are.
struct WeightAttributes {
  Name name;  // unique among the leaves: the stored weight's, with the box where it is a piece
  Initializer initializer;
  Piece piece = {};
  Joint joint = {};
  static void fields(auto& self, auto&& field) {
    field("name", self.name);
    field("initializer", self.initializer);
    field("piece", self.piece);
    field("joint", self.joint);
  }
  bool operator==(const WeightAttributes&) const = default;
};

// A value that outlives the call: an optimizer's moments (and, in models, a recurrence's memory).
struct StateAttributes {
  Name name;
  Joint joint = {};
  static void fields(auto& self, auto&& field) {
    field("name", self.name);
    field("joint", self.joint);
  }
  bool operator==(const StateAttributes&) const = default;
};

struct ConstantAttributes {
  double value = 0;  // of every element
  static void fields(auto& self, auto&& field) { field("value", self.value); }
  bool operator==(const ConstantAttributes&) const = default;
};

// The real number that one stands for.
struct ScaleAttributes {
  double scale = 1;
  static void fields(auto& self, auto&& field) { field("scale", self.scale); }
  bool operator==(const ScaleAttributes&) const = default;
};

struct MatmulAttributes {
  bool transpose_a = false;
  bool transpose_b = false;
  static void fields(auto& self, auto&& field) {
    field("transpose_a", self.transpose_a);
    field("transpose_b", self.transpose_b);
  }
  bool operator==(const MatmulAttributes&) const = default;
};

// activation(a @ b + bias + addend); which operands follow a and b is told by the two flags.
struct FusedMatmulAttributes {
  bool transpose_a = false;
  bool transpose_b = false;
  bool bias = false;
  bool addend = false;
  Activation activation = Activation::none;
  static void fields(auto& self, auto&& field) {
    field("transpose_a", self.transpose_a);
    field("transpose_b", self.transpose_b);
    field("bias", self.bias);
    field("addend", self.addend);
    field("activation", self.activation);
  }
  bool operator==(const FusedMatmulAttributes&) const = default;
};

// Ops whose result shape the operands do not tell.
struct ShapeAttributes {
  Shape shape;
  static void fields(auto& self, auto&& field) { field("shape", self.shape); }
  bool operator==(const ShapeAttributes&) const = default;
};

struct AdamAttributes {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-7;
  static void fields(auto& self, auto&& field) {
    field("beta1", self.beta1);
    field("beta2", self.beta2);
    field("epsilon", self.epsilon);
  }
  bool operator==(const AdamAttributes&) const = default;
};

// x[.., begin : begin + size, ..] along one dimension (the batch counts as dimension 0); `drop` takes the
// dimension, of size one then, away.
struct SliceAttributes {
  std::int64_t axis = 0;
  std::int64_t begin = 0;
  std::int64_t size = 1;
  bool drop = false;
  static void fields(auto& self, auto&& field) {
    field("axis", self.axis);
    field("begin", self.begin);
    field("size", self.size);
    field("drop", self.drop);
  }
  bool operator==(const SliceAttributes&) const = default;
};

// Side by side along a dimension; `stack` puts the operands along a new one at that place.
struct ConcatAttributes {
  std::int64_t axis = 0;
  bool stack = false;
  static void fields(auto& self, auto&& field) {
    field("axis", self.axis);
    field("stack", self.stack);
  }
  bool operator==(const ConcatAttributes&) const = default;
};

// The layers of a model are numbered, so that each drops out elements of its own.
struct DropoutAttributes {
  double rate = 0;  // the share that is dropped, below 1
  std::int64_t layer = 0;
  static void fields(auto& self, auto&& field) {
    field("rate", self.rate);
    field("layer", self.layer);
  }
  bool operator==(const DropoutAttributes&) const = default;
};

class Graph;
using Hash = std::array<std::uint64_t, 2>;

// One step of a scan, as a graph of its own. Its inputs, by position, are one element of each sequence, the
// carried values, and the captures; its outputs the new carried values, then what it yields.
struct Body {
  std::shared_ptr<const Graph> graph;
  Hash hash{};  // of the graph
  bool operator==(const Body& other) const { return hash == other.hash; }
};
Body make_body(Graph graph);

// A recurrence. Operands: `sequences` values [batch, steps, ..], then `carries` first values [batch, ..],
// then captures, which every step sees whole. Results: the last carried values, then for each yield the
// sequence [batch, steps, ..] of what the steps yielded. With `reverse` the steps run from the last element
// to the first, and what step t yields stands at t.
struct ScanAttributes {
  std::int64_t steps = 1;
  std::int64_t sequences = 0;
  std::int64_t carries = 0;
  bool reverse = false;
  Body body;
  static void fields(auto& self, auto&& field) {
    field("steps", self.steps);
    field("sequences", self.sequences);
    field("carries", self.carries);
    field("reverse", self.reverse);
    field("body", self.body);
  }
  bool operator==(const ScanAttributes&) const = default;
};

// Element-wise ops over rows of one width, as a graph of its own (`why_no_expression` in ops/fused.hpp says what it
// may hold): its inputs, by position, are the operands, its outputs the results.
struct FusedElementwiseAttributes {
  Body body;
  static void fields(auto& self, auto&& field) { field("body", self.body); }
  bool operator==(const FusedElementwiseAttributes&) const = default;
};

// The cells that a library can run over a whole sequence, each with its gates in this order. x @ K stands for
// src @ kernel + bias.
enum class RecurrentCell : std::uint8_t {
  vanilla,  // h' = activation(x @ K + h @ U)
  lstm,  // i, f, g, o:  c' = f * c + i * g,  h' = o * tanh(c');  g by tanh, the others by sigmoid
  gru,   // z, r, n:     h' = z * h + (1 - z) * n,  n = tanh(x @ K + (r * h) @ U);  z, r by sigmoid
  gru_reset_after,  // the same with n = tanh(x @ K + r * (h @ U + recurrent bias))
};

// Operands: src [batch, steps, I], the first h [batch, H], of an lstm the first c, kernel [I, gates * H], recurrent
// kernel [H, gates * H], bias [gates * H], of gru_reset_after the recurrent bias [H]. Results: h of every step
// [batch, steps, H], the last h, of an lstm the last c. `activation` is that of vanilla.
//
// `rounded`: src, the first h and both kernels are bf16, and so is what else is multiplied: h between steps, and, on the
// way back, gradients of sums in front of the gates' functions; slopes are told from gates in bf16, as they are kept.
// c, sums and all results are reals. For cells that only multiply h (see multiplies_h_only).
struct RecurrentAttributes {
  RecurrentCell cell = RecurrentCell::vanilla;
  Activation activation = Activation::none;
  bool rounded = false;
  static void fields(auto& self, auto&& field) {
    field("cell", self.cell);
    field("activation", self.activation);
    field("rounded", self.rounded);
  }
  bool operator==(const RecurrentAttributes&) const = default;
};

using Attributes =
    std::variant<NoAttributes, InputAttributes, WeightAttributes, StateAttributes,
                 ConstantAttributes, MatmulAttributes, FusedMatmulAttributes, ShapeAttributes,
                 AdamAttributes, SliceAttributes, ConcatAttributes, DropoutAttributes,
                 ScanAttributes, FusedElementwiseAttributes, RecurrentAttributes, ScaleAttributes>;

// The body that an op carries; null where it carries none.
const Body* body_of(const Attributes& attributes);

std::string_view to_string(InitializerKind kind);
std::string_view to_string(Activation activation);
std::string_view to_string(RecurrentCell cell);

}  // namespace coil

#pragma once

// What an op carries besides operands: one small struct per kind, in one variant. `fields` lists a
// struct's fields once; the text form, its reader and the hash all walk that list.

#include <cstdint>
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
enum class InitializerKind : std::uint8_t { zeros, ones, uniform, glorot_uniform, orthogonal };
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

// A trained tensor.
struct WeightAttributes {
  Name name;
  Initializer initializer;
  static void fields(auto& self, auto&& field) {
    field("name", self.name);
    field("initializer", self.initializer);
  }
  bool operator==(const WeightAttributes&) const = default;
};

// A value that outlives the call: an optimizer's moments (and, in models, a recurrence's memory).
struct StateAttributes {
  Name name;
  static void fields(auto& self, auto&& field) { field("name", self.name); }
  bool operator==(const StateAttributes&) const = default;
};

struct ConstantAttributes {
  double value = 0;  // of every element
  static void fields(auto& self, auto&& field) { field("value", self.value); }
  bool operator==(const ConstantAttributes&) const = default;
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

using Attributes = std::variant<NoAttributes, InputAttributes, WeightAttributes, StateAttributes,
                                ConstantAttributes, MatmulAttributes, FusedMatmulAttributes,
                                ShapeAttributes, AdamAttributes>;

std::string_view to_string(InitializerKind kind);
std::string_view to_string(Activation activation);

}  // namespace coil

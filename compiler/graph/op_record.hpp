#pragma once

// Everything the compiler knows about an op, in one record. `Required` has no default, so that a record
// with a piece missing does not compile. The lowering is a `switch` over Op without `default` in
// runtime/onednn, where a missing op does not compile either.

#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil {

class Builder;

template <typename T>
struct Required {
  template <std::convertible_to<T> U>
  constexpr Required(const U& given) : value(given) {}
  T value;
};

// A dense array of doubles: how the reference interpreter holds reals and indices alike.
struct Array {
  std::vector<std::int64_t> dims;
  std::vector<double> values;
};

// Types of the results, or why the operands do not fit. `declared` is the type a leaf was given.
struct Inferred {
  std::vector<Type> types;
  std::string error;
};
using InferRule = Inferred (*)(std::span<const Type> operands, const Attributes& attributes);

// Given the gradients of its results (absent: zero), adds nodes that compute the gradients of its
// operands (absent: zero, or an index that has none).
struct GradientRequest {
  Builder& build;
  const Graph& graph;  // the one being built
  NodeId node;
  std::span<const std::optional<Value>> result_gradients;
};
using GradientRule = std::vector<std::optional<Value>> (*)(const GradientRequest& request);

// The op's meaning, in double precision. `results` come sized, filled with zeros.
using ReferenceFunction = void (*)(const Attributes& attributes,
                                   std::span<const Array* const> operands,
                                   std::span<Array> results);

// Whether the result may be computed into the space of that operand, when both have the same type (or, of ops
// that only take apart and put together, the same size): the op reads each element of the operand before it
// writes it, and none afterwards.
using OverwriteRule = bool (*)(const Node& node, std::size_t result, std::size_t operand);

struct Arity {
  std::size_t least = 0;
  std::size_t most = 0;
};

enum class Trait : std::uint8_t {
  none,
  leaf,         // no operands; its type is declared, not inferred
  elementwise,  // each element of the result depends on the same element of each operand
  commutative,  // element-wise, two or more operands, which may change places and be grouped
};

struct OpRecord {
  Required<std::string_view> name;
  Required<Arity> arity;
  Required<std::size_t> attributes;  // the alternative of Attributes that it carries
  Required<Trait> trait;
  Required<InferRule> infer;
  Required<GradientRule> gradient;
  Required<ReferenceFunction> evaluate;
  Required<OverwriteRule> may_overwrite;
};

const OpRecord& record(Op op);
std::optional<Op> find_op(std::string_view name);

inline std::string_view to_string(Op op) { return record(op).name.value; }

// Which alternative of Attributes a struct is.
template <typename T>
constexpr std::size_t attribute_kind() {
  return Attributes(std::in_place_type<T>).index();
}

}  // namespace coil

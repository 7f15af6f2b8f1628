#pragma once

// What several families of records share.

#include <fmt/format.h>

#include "compiler/graph/builder.hpp"
#include "compiler/graph/op_record.hpp"

namespace coil::records {

inline Inferred fits(Type type) { return {{std::move(type)}, {}}; }
template <typename... Args>
Inferred refuses(fmt::format_string<Args...> reason, Args&&... args) {
  return {{}, fmt::format(reason, std::forward<Args>(args)...)};
}

inline Type real(Shape shape) { return {Element::real, std::move(shape)}; }

// A rule's view of the node whose gradient is asked for.
inline Value operand(const GradientRequest& request, std::size_t i) {
  return request.graph.node(request.node).operands[i];
}
inline Value result(const GradientRequest& request, std::uint32_t i = 0) {
  return {request.node, i};
}
inline const Shape& shape_of(const GradientRequest& request, Value value) {
  return request.graph.type(value).shape;
}

// Ops that come into being by differentiation are not differentiated again.
std::vector<std::optional<Value>> no_gradient(const GradientRequest& request);

// Rules of what may be computed in place.
bool overwrites_nothing(const Node& node, std::size_t result, std::size_t operand);
bool overwrites_any(const Node& node, std::size_t result, std::size_t operand);
bool overwrites_first(const Node& node, std::size_t result, std::size_t operand);

// Product of all dimensions, and of all but the last.
std::int64_t elements(const Array& array);
std::int64_t rows(const Array& array);
inline std::int64_t width(const Array& array) { return array.dims.empty() ? 1 : array.dims.back(); }

// The element of an operand of shape `from` that stands behind element `i` of shape `to`, which `from`
// broadcasts to.
std::size_t source_index(std::size_t i, const std::vector<std::int64_t>& to,
                         const std::vector<std::int64_t>& from);

}  // namespace coil::records

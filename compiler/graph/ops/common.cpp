#include "compiler/graph/ops/common.hpp"

#include "compiler/source/internal_error.hpp"

namespace coil::records {

std::vector<std::optional<Value>> no_gradient(const GradientRequest& request) {
  const Node& node = request.graph.node(request.node);
  throw InternalError(fmt::format("{} is not differentiated", to_string(node.op)));
}

bool overwrites_nothing(const Node&, std::size_t, std::size_t) { return false; }
bool overwrites_any(const Node&, std::size_t, std::size_t) { return true; }
bool overwrites_first(const Node&, std::size_t, std::size_t operand) { return operand == 0; }

std::int64_t elements(const Array& array) {
  std::int64_t total = 1;
  for (std::int64_t dim : array.dims) total *= dim;
  return total;
}

std::int64_t rows(const Array& array) { return elements(array) / width(array); }

std::size_t source_index(std::size_t i, const std::vector<std::int64_t>& to,
                         const std::vector<std::int64_t>& from) {
  std::size_t index = 0;
  std::size_t stride = 1;
  for (std::size_t d = 0; d < from.size(); ++d) {
    const auto size = static_cast<std::size_t>(to[to.size() - 1 - d]);
    const auto own = static_cast<std::size_t>(from[from.size() - 1 - d]);
    const std::size_t at = i % size;
    i /= size;
    if (own != 1) index += at * stride;
    stride *= own;
  }
  return index;
}

}  // namespace coil::records

// Keras's initializers, of stored weights. Number i of the graph draws from lane i, so that no weight's values
// depend on another's size, nor on the pieces that the graph makes of it.

#include <algorithm>
#include <cmath>
#include <vector>

#include "compiler/graph/faces.hpp"
#include "compiler/source/internal_error.hpp"

#include "runtime/kernels/orthonormalise.hpp"
#include "runtime/model/model.hpp"
#include "runtime/text/random.hpp"

namespace coil {
namespace {

void fill_uniform(std::span<float> values, double limit, const Random& random) {
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(random.uniform(-limit, limit, i));
}

// Glorot and Bengio, 2010: limit sqrt(6 / (fan in + fan out)).
double glorot_limit(const Shape& shape) {
  require(shape.rank() >= 1, "a scalar has no fan");
  const auto fan_out = static_cast<double>(shape.last());
  const auto fan_in = shape.rank() == 1 ? fan_out : static_cast<double>(count(shape, 1)) / fan_out;
  return std::sqrt(6 / (fan_in + fan_out));
}

// The Q of a normal matrix's QR with a positive diagonal of R (Saxe et al., 2013). A matrix with more rows than
// columns has orthonormal columns, else rows.
void fill_orthogonal(std::span<float> values, const Shape& shape, const Random& random) {
  require(shape.rank() == 2, "orthogonal is for matrices, not {}", to_string(shape));
  const auto rows = static_cast<std::size_t>(shape.dims[0]);
  const auto columns = static_cast<std::size_t>(shape.dims[1]);
  const bool tall = rows > columns;
  const std::size_t few = tall ? columns : rows, many = tall ? rows : columns;
  std::vector<double> basis(few * many);
  for (std::size_t i = 0; i < basis.size(); ++i) basis[i] = random.normal(i);
  kernels::orthonormalise(basis.data(), static_cast<std::int64_t>(few),
                          static_cast<std::int64_t>(many));
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c)
      values[r * columns + c] = static_cast<float>(basis[tall ? c * many + r : r * many + c]);
}

void initialize(std::span<float> values, const Shape& shape, const Initializer& initializer,
                const Random& random) {
  switch (initializer.kind) {
    case InitializerKind::zeros:
      std::ranges::fill(values, 0.0f);
      return;
    case InitializerKind::ones:
      std::ranges::fill(values, 1.0f);
      return;
    case InitializerKind::uniform:
      return fill_uniform(values, initializer.limit, random);
    case InitializerKind::glorot_uniform:
      return fill_uniform(values, glorot_limit(shape), random);
    case InitializerKind::orthogonal:
      return fill_orthogonal(values, shape, random);
    case InitializerKind::lstm_bias:
      std::ranges::fill(values, 0.0f);
      std::ranges::fill(values.subspan(values.size() / 4, values.size() / 4), 1.0f);
      return;
  }
}

}  // namespace

void initialize_weights(Model& model, std::uint64_t seed) {
  std::uint32_t lane = 0;
  std::vector<float> values;
  for (const StoredWeight& weight : stored_weights(model.graph)) {
    values.assign(static_cast<std::size_t>(weight.elements()), 0.0f);
    initialize(values, weight.shape, weight.initializer,
               Random(seed, RandomStream::weights, lane++));
    model.store.set_stored(weight.name, values);
  }
  model.has_weights = true;
  model.ranges = nullptr;
}

}  // namespace coil

#include "tests/support/feeds.hpp"

#include <cmath>
#include <limits>

namespace coil::test {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double draw(const Range& range, Rng& rng) {
  for (;;) {
    const double value = range.low == range.high ? range.low : rng.uniform(range.low, range.high);
    bool is_near = false;
    for (double kink : range.kinks) is_near = is_near || std::abs(value - kink) < kink_clearance;
    if (!is_near) return value;
  }
}

double distance(const Array& a, const Array& b) {
  if (a.dims != b.dims || a.values.size() != b.values.size()) return infinity;
  double largest = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    const double x = a.values[i], y = b.values[i];
    if (x == y || (std::isnan(x) && std::isnan(y))) continue;
    const double apart = std::abs(x - y) / (1 + std::abs(x));
    largest = std::max(largest, std::isnan(apart) ? infinity : apart);
  }
  return largest;
}

}  // namespace

Array filled(const Type& type, std::int64_t batch, double value) {
  const auto size = static_cast<std::size_t>(count(type.shape, batch));
  return {concrete_dims(type.shape, batch), std::vector<double>(size, value)};
}

Feeds random_feeds(const Graph& graph, std::int64_t batch, std::uint64_t seed,
                   const Ranges& ranges) {
  Rng rng(seed);
  Feeds feeds;
  for (const Node& node : graph.nodes()) {
    if (node.op != Op::input && node.op != Op::weight && node.op != Op::state) continue;
    const std::string name(leaf_name(node));
    Array array = filled(node.types[0], batch, 0);
    const auto found = ranges.find(name);
    const Range range = found == ranges.end() ? Range{} : found->second;
    for (double& value : array.values)
      value = node.types[0].element == Element::real
                  ? draw(range, rng)
                  : static_cast<double>(
                        rng.between(0, std::get<InputAttributes>(node.attributes).bound - 1));
    feeds[name] = std::move(array);
  }
  return feeds;
}

double distance(const std::map<std::string, Array>& a, const std::map<std::string, Array>& b) {
  if (a.size() != b.size()) return infinity;
  double largest = 0;
  for (const auto& [name, array] : a) {
    const auto other = b.find(name);
    largest = std::max(largest, other == b.end() ? infinity : distance(array, other->second));
  }
  return largest;
}

}  // namespace coil::test

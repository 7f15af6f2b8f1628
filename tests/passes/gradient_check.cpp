#include "tests/passes/gradient_check.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/graph/rewriter.hpp"

namespace coil::test {
namespace {

constexpr double step = 1e-3;
constexpr const char* weight_prefix = "by.";

Shape without_batch(Shape shape) {
  if (shape.is_batched()) shape.dims.erase(shape.dims.begin());
  return shape;
}

class Lossy {
 public:
  explicit Lossy(const Graph& graph)
      : graph_(graph), rewriter_(graph), position_(std::ssize(leaves(graph, Op::input))) {}

  Graph run() {
    for (NodeId id = 0; id < graph_.size(); ++id) {
      rewriter_.keep(id);
      const Node& node = graph_.node(id);
      if (node.op == Op::input && node.types[0].element == Element::real) move(id);
    }
    std::optional<Value> loss;
    for (const Output& output : graph_.outputs) {
      // Of cross_entropy, the gradient by the logits, which has none itself.
      if (output.value.result != 0 && graph_.node(output.value.node).op == Op::cross_entropy)
        continue;
      const Value part = weighted(rewriter_.mapped(output.value));
      loss = loss ? build().add(Op::add, {*loss, part}) : part;
    }
    Graph result = rewriter_.finish();
    result.outputs = {{"loss", *loss, OutputKind::result}};
    return result;
  }

 private:
  Builder& build() { return rewriter_.build(); }

  Value new_input(const std::string& name, const Type& type) {
    return build().leaf(Op::input, InputAttributes{{name}, position_++, 0}, type);
  }

  // x -> x + direction * w
  void move(NodeId x) {
    const std::string name(leaf_name(graph_.node(x)));
    const Type type = graph_.node(x).types[0];
    const Value direction = new_input("direction." + name, type);
    const Value w = build().leaf(Op::weight, WeightAttributes{{weight_prefix + name}, {}},
                                 {Element::real, without_batch(type.shape)});
    const Value shift = build().add(Op::mul, {direction, w});
    rewriter_.replace({x, 0}, build().add(Op::add, {rewriter_.mapped({x, 0}), shift}));
  }

  Value weighted(Value value) {
    const Type type = build().type(value);
    const Value by = new_input("weighting." + std::to_string(position_), type);
    return build().add(Op::sum_to, {build().add(Op::mul, {value, by})}, ShapeAttributes{});
  }

  const Graph& graph_;
  Rewriter rewriter_;
  std::int64_t position_;
};

double loss_at(const Graph& loss, Feeds& feeds, double& element, double shift, std::int64_t batch) {
  const double kept = element;
  element += shift;
  const double value = evaluate(loss, feeds, batch).at("loss").values.at(0);
  element = kept;
  return value;
}

double difference(const Graph& loss, Feeds& feeds, double& element, std::int64_t batch) {
  const auto at = [&](double steps) { return loss_at(loss, feeds, element, steps * step, batch); };
  return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step);
}

double largest_of(const std::vector<double>& values) {
  double largest = 0;
  for (double v : values) largest = std::max(largest, std::abs(v));
  return largest;
}

}  // namespace

Graph with_loss(const Graph& graph) { return Lossy(graph).run(); }

Feeds feeds_of_loss(const Graph& graph, std::int64_t batch, std::uint64_t seed,
                    const Ranges& ranges) {
  Feeds feeds = random_feeds(graph, batch, seed, ranges);
  for (auto& [name, array] : feeds)
    if (name.starts_with(weight_prefix)) std::ranges::fill(array.values, 0.0);
  return feeds;
}

double element_error(double derived, double difference, double largest) {
  const double floor = std::max(1e-5, 1e-3 * largest);
  const double error = std::abs(derived - difference) / (std::abs(difference) + floor);
  return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
}

GradientReport check_gradients(const Graph& loss, const Graph& derived, const Feeds& feeds,
                               std::int64_t batch) {
  const auto outputs = evaluate(derived, feeds, batch);
  std::map<std::string, std::vector<double>> differences;
  Feeds moved = feeds;
  GradientReport report;
  report.smallest_top = std::numeric_limits<double>::infinity();
  for (NodeId id : leaves(loss, Op::weight)) {
    const std::string name(leaf_name(loss.node(id)));
    for (double& element : moved.at(name).values)
      differences[name].push_back(difference(loss, moved, element, batch));
    report.top = std::max(report.top, largest_of(differences[name]));
  }
  for (const auto& [name, expected] : differences) {
    const std::vector<double>& found = outputs.at("gradient:" + name).values;
    report.smallest_top = std::min(report.smallest_top, largest_of(found));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const double error = element_error(found.at(i), expected[i], report.top);
      if (error > report.error) report.where = name;
      report.error = std::max(report.error, error);
    }
  }
  return report;
}

}  // namespace coil::test

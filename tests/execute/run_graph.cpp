#include "tests/execute/run_graph.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>

#include "compiler/passes/runner.hpp"

#include "runtime/kernels/bf16.hpp"

namespace coil::test {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

template <typename T>
void write(const Array& array, std::span<T> to) {
  const double* from =
      array.values
          .data();  // not optimised where it is sanitized: a bare loop is a third of the time
  for (std::size_t i = 0; i < array.values.size(); ++i) to.data()[i] = static_cast<T>(from[i]);
}

std::string key_of(const Output& output) {
  if (output.kind == OutputKind::gradient) return "gradient:" + output.name;
  if (output.kind == OutputKind::update) return "update:" + output.name;
  return output.name;
}

// The leaves that outlive a call.
std::vector<std::string> remembered(const Graph& graph) {
  std::vector<std::string> names;
  for (const Op op : {Op::weight, Op::state})
    for (const NodeId id : leaves(graph, op)) names.emplace_back(leaf_name(graph.node(id)));
  return names;
}

std::span<float> leaf_values(Program& program, Store& store, const std::string& name) {
  return store.has(name) ? store.values(name) : program.state(name);
}

// By the kind too: Program::output() knows names alone, and a result may be called like an update.
std::vector<double> values_of(Program& program, Store& store, const Output& output) {
  if (program.plan().graph.type(output.value).element == Element::bf16) {
    const auto rounded = program.rounded_output(output.name);
    std::vector<float> wide(rounded.size());
    kernels::widen_bf16(rounded.data(), wide.data(), std::ssize(wide));
    return {wide.begin(), wide.end()};
  }
  if (program.plan().graph.type(output.value).element == Element::int8) {
    const auto small = program.small_output(output.name);
    return {small.begin(), small.end()};
  }
  const std::span<const float> values = output.kind == OutputKind::update
                                            ? leaf_values(program, store, output.name)
                                            : program.output(output.name);
  return {values.begin(), values.end()};
}

bool is_same(std::span<const float> now, const Array& fed) {
  if (now.size() != fed.values.size()) return false;
  const double* expected = fed.values.data();
  for (std::size_t i = 0; i < now.size(); ++i)
    if (now.data()[i] != static_cast<float>(expected[i])) return false;
  return true;
}

// A weight or state that no output updates is as it was.
void check_untouched(const Graph& graph, Program& program, Store& store, const Feeds& feeds) {
  std::set<std::string> updated;
  for (const Output& output : graph.outputs)
    if (output.kind == OutputKind::update) updated.insert(output.name);
  for (const std::string& name : remembered(graph)) {
    if (updated.contains(name)) continue;
    if (!is_same(leaf_values(program, store, name), feeds.at(name)))
      throw std::logic_error(name + " was changed by a run that does not update it");
  }
}

double difference(double meant, double found, double scale) {
  if (std::isnan(meant) && std::isnan(found)) return 0;
  if (meant == found) return 0;
  const double distance = std::abs(meant - found) / scale;
  return std::isnan(distance) ? infinity : distance;
}

double largest_magnitude(const Array& array) {
  double largest = 0;
  for (const double x : array.values)
    if (std::isfinite(x)) largest = std::max(largest, std::abs(x));
  return largest;
}

// scale_for(array) gives the scale of each of its elements.
template <typename ScaleFor>
double distance_by(const Outputs& meant, const Outputs& found, const ScaleFor& scale_for) {
  if (meant.size() != found.size()) return infinity;
  double worst = 0;
  for (const auto& [name, array] : meant) {
    const auto other = found.find(name);
    if (other == found.end() || other->second.dims != array.dims) return infinity;
    const auto scale_of = scale_for(array);
    for (std::size_t i = 0; i < array.values.size(); ++i)
      worst = std::max(
          worst, difference(array.values[i], other->second.values[i], scale_of(array.values[i])));
  }
  return worst;
}

}  // namespace

Feeds rounded_to_float(Feeds feeds) {
  for (auto& [name, array] : feeds)
    for (double& x : array.values) x = static_cast<float>(x);
  return feeds;
}

Graph derived(const Graph& canonical, Entry entry, std::int64_t batch, Lowering lowering) {
  Runner runner;
  runner.batch = batch;
  runner.lowering = lowering;
  return runner.derive(canonical, entry);
}

void feed_inputs(Program& program, const Feeds& feeds) {
  for (const NodeId id : leaves(program.plan().graph, Op::input)) {
    const Node& node = program.plan().graph.node(id);
    const std::string name(leaf_name(node));
    if (node.types[0].element == Element::real)
      write(feeds.at(name), program.real_input(name));
    else
      write(feeds.at(name), program.index_input(name));
  }
}

Outputs run_graph(const Graph& graph, const Feeds& feeds, std::int64_t batch, int threads) {
  return run_plan(make_plan(graph, batch), feeds, threads);
}

Outputs run_plan(Plan plan, const Feeds& feeds, int threads, Rows rows) {
  const Graph graph = plan.graph;
  const std::int64_t batch = plan.batch;
  Store store;
  store.add_leaves_of(graph);
  for (const std::string& name : remembered(graph))
    if (store.has(name)) write(feeds.at(name), store.values(name));
  onednn::PackedWeights packed;
  Program program(std::move(plan), store, packed, threads, Precision::f32, rows);
  for (const std::string& name : remembered(graph))
    if (!store.has(name)) write(feeds.at(name), program.state(name));
  feed_inputs(program, feeds);
  program.run();
  Outputs outputs;
  for (const Output& output : graph.outputs) {
    outputs[key_of(output)] = {concrete_dims(graph.type(output.value).shape, batch),
                               values_of(program, store, output)};
  }
  check_untouched(graph, program, store, feeds);
  return outputs;
}

double relative_distance(const Outputs& meant, const Outputs& found) {
  return distance_by(meant, found, [](const Array& array) {
    const double scale = std::max(largest_magnitude(array), std::numeric_limits<double>::min());
    return [scale](double) { return scale; };
  });
}

double elementwise_distance(const Outputs& meant, const Outputs& found) {
  return distance_by(meant, found, [](const Array&) {
    return
        [](double x) { return std::max(std::abs(x), double{std::numeric_limits<float>::min()}); };
  });
}

double whole_distance(const Outputs& meant, const Outputs& found) {
  double largest = 0, apart = 0;
  for (const auto& [name, array] : meant)
    for (std::size_t i = 0; i < array.values.size(); ++i) {
      largest = std::max(largest, std::abs(array.values[i]));
      apart = std::max(apart, std::abs(array.values[i] - found.at(name).values.at(i)));
    }
  return apart / largest;
}

}  // namespace coil::test

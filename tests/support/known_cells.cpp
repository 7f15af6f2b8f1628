#include "tests/support/known_cells.hpp"

#include <algorithm>
#include <optional>

#include "compiler/graph/ops/recurrent.hpp"

#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

// One layer's choices.
struct Layer {
  RecurrentCell cell = RecurrentCell::vanilla;
  std::int64_t width = 1, units = 1, steps = 1;
  bool reverse = false, tied = false, yields = true;
  bool swapped = false;  // an lstm's carries
  Op activation = Op::tanh, gate = Op::sigmoid;

  std::int64_t gates() const { return RecurrentPlaces(cell).gates; }
  std::size_t carries() const { return cell == RecurrentCell::lstm ? 2 : 1; }
  bool is_native() const {
    const bool has_functions = cell == RecurrentCell::vanilla
                                   ? activation == Op::tanh || activation == Op::sigmoid
                                   : activation == Op::tanh && gate == Op::sigmoid;
    return has_functions && !reverse;
  }
};

Layer random_layer(std::int64_t width, std::int64_t steps, Rng& rng) {
  Layer layer{.width = width, .steps = steps};
  layer.cell = rng.pick<RecurrentCell>({RecurrentCell::vanilla, RecurrentCell::lstm,
                                        RecurrentCell::gru, RecurrentCell::gru_reset_after});
  layer.tied = rng.chance(0.3);
  layer.units = layer.tied ? width : rng.pick<std::int64_t>({1, 2, 3, 5, 16});
  layer.swapped = layer.cell == RecurrentCell::lstm && rng.coin();
  layer.reverse = rng.chance(0.1);
  if (layer.cell == RecurrentCell::vanilla)
    layer.activation = rng.pick<Op>({Op::tanh, Op::tanh, Op::sigmoid, Op::relu, Op::hard_sigmoid});
  else if (rng.chance(0.15))
    (rng.coin() ? layer.activation : layer.gate) = Op::hard_sigmoid;
  return layer;
}

// A step: its inputs are the gates' sums over what comes in, the carries, the gates' recurrent kernels, and of
// gru_reset_after a bias.
class StepSketch {
 public:
  explicit StepSketch(const Layer& layer) : layer_(layer) {
    const Shape row{{batch_dim, layer.units}};
    for (std::int64_t g = 0; g < layer.gates(); ++g) sums_.push_back(step_.input(row));
    for (std::size_t c = 0; c < layer.carries(); ++c) carries_.push_back(step_.input(row));
    for (std::int64_t g = 0; g < layer.gates(); ++g)
      kernels_.push_back(step_.input({{layer.units, layer.units}}));
    if (layer.cell == RecurrentCell::gru_reset_after) bias_ = step_.input({{layer.units}});
  }

  Graph finish() {
    std::vector<Value> next = layer_.cell == RecurrentCell::vanilla ? vanilla()
                              : layer_.cell == RecurrentCell::lstm  ? lstm()
                                                                    : gru();
    const Value h = next[0];
    if (layer_.swapped) std::swap(next[0], next[1]);
    for (const Value value : next) step_.output(value);
    if (layer_.yields) step_.output(h);
    return step_.finish();
  }

 private:
  Value h() const { return carries_[layer_.swapped ? 1 : 0]; }
  Value s() const { return carries_[layer_.swapped ? 0 : 1]; }
  Value f(Op op, Value x) { return step_.add(op, {x}); }
  Value sum(Value a, Value b) { return step_.add(Op::add, {a, b}); }
  Value product(Value a, Value b) { return step_.add(Op::mul, {a, b}); }
  Value by_kernel(Value left, std::size_t g) {
    return step_.add(Op::matmul, {left, kernels_[g]}, MatmulAttributes{});
  }
  Value gate(std::size_t g) { return f(layer_.gate, sum(sums_[g], by_kernel(h(), g))); }

  std::vector<Value> vanilla() { return {f(layer_.activation, sum(by_kernel(h(), 0), sums_[0]))}; }
  std::vector<Value> lstm() {
    const Value i = gate(0), forget = gate(1), o = gate(3);
    const Value g = f(layer_.activation, sum(sums_[2], by_kernel(h(), 2)));
    const Value next = sum(product(forget, s()), product(i, g));
    return {product(o, f(layer_.activation, next)), next};
  }
  std::vector<Value> gru() {
    const Value z = gate(0), r = gate(1);
    const Value recurrent = layer_.cell == RecurrentCell::gru
                                ? by_kernel(product(r, h()), 2)
                                : product(r, sum(by_kernel(h(), 2), *bias_));
    const Value n = f(layer_.activation, sum(sums_[2], recurrent));
    const Value rest = sum(step_.build.constant(1), f(Op::neg, z));
    return {sum(product(z, h()), product(rest, n))};
  }

  const Layer& layer_;
  Sketch step_{"step"};
  std::vector<Value> sums_, carries_, kernels_;
  std::optional<Value> bias_;
};

class ModelSketch {
 public:
  explicit ModelSketch(Rng& rng) : rng_(rng), steps_(rng.between(1, 5)) {}

  KnownCells run() {
    Value x = first_sequence();
    const std::int64_t layers = rng_.between(1, 2);
    for (std::int64_t i = 0; i < layers; ++i) {
      Layer layer = random_layer(width(x), steps_, rng_);
      layer.yields = i + 1 < layers || rng_.coin();
      const NodeId scan = add(layer, x);
      x = {scan,
           layer.yields ? static_cast<std::uint32_t>(layer.carries()) : (layer.swapped ? 1u : 0u)};
      ++made_.scans;
      made_.native += layer.is_native();
    }
    const Value kernel = sketch_.weight({{width(x), 3}});
    const Value logits = sketch_.add(Op::matmul, {x, kernel}, MatmulAttributes{});
    sketch_.output(sketch_.add(Op::softmax, {logits}), "output");
    made_.graph = sketch_.finish();
    return std::move(made_);
  }

 private:
  std::int64_t width(Value value) { return sketch_.type(value).shape.last(); }

  Value first_sequence() {
    const std::int64_t columns = rng_.between(1, 5);
    if (rng_.coin()) return sketch_.input({{batch_dim, steps_, columns}});
    const Value index = sketch_.index({{batch_dim, steps_}}, 5);
    return sketch_.add(Op::gather, {sketch_.weight({{5, columns}}), index});
  }

  // x @ kernel, with none, one or two biases.
  Value sum(Value x, Value kernel, std::int64_t units) {
    Value total = sketch_.add(Op::matmul, {x, kernel}, MatmulAttributes{});
    for (std::int64_t i = rng_.pick<std::int64_t>({0, 1, 1, 2}); i > 0; --i)
      total = sketch_.add(Op::add, {total, sketch_.weight({{units}})});
    return total;
  }

  NodeId add(const Layer& layer, Value x) {
    std::vector<Value> operands, kernels;
    for (std::int64_t g = 0; g < layer.gates(); ++g) {
      const Value kernel = sketch_.weight({{layer.width, layer.units}});
      operands.push_back(sum(x, kernel, layer.units));
      kernels.push_back(layer.tied ? kernel : sketch_.weight({{layer.units, layer.units}}));
    }
    std::vector<Value> first;
    for (std::size_t c = 0; c < layer.carries(); ++c) first.push_back(first_value(layer.units));
    operands.insert(operands.end(), first.begin(), first.end());
    operands.insert(operands.end(), kernels.begin(), kernels.end());
    if (layer.cell == RecurrentCell::gru_reset_after)
      operands.push_back(sketch_.weight({{layer.units}}));
    const ScanAttributes attributes{layer.steps, layer.gates(), std::ssize(first), layer.reverse,
                                    make_body(StepSketch(layer).finish())};
    const NodeId scan = sketch_.build.node(Op::scan, attributes, operands);
    for (std::uint32_t c = 0; c < first.size(); ++c)
      if (const Node& leaf = sketch_.build.graph().node(first[c].node); leaf.op == Op::state)
        sketch_.output({scan, c}, std::string(leaf_name(leaf)), OutputKind::update);
    return scan;
  }

  Value first_value(std::int64_t units) {
    const Shape row{{batch_dim, units}};
    if (rng_.chance(0.3)) return sketch_.build.constant(0, row);
    return rng_.coin() ? sketch_.state(row) : sketch_.input(row);
  }

  Rng& rng_;
  std::int64_t steps_;
  Sketch sketch_{"cells"};
  KnownCells made_;
};

}  // namespace

KnownCells random_known_cells(Rng& rng) { return ModelSketch(rng).run(); }

}  // namespace coil::test

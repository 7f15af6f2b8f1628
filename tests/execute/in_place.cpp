// Does any plan lay a value over one that is still needed? Random graphs in which every value has one type,
// so that everything can take every place: run in the planned arena, in a plan in which each value has its
// own memory, and by the interpreter.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/execute/run_graph.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

const Shape square{{4, 4}};

class CrowdedGraph {
 public:
  explicit CrowdedGraph(Rng& rng) : rng_(rng) {
    target_ = sketch_.index({{4}}, 4, "target");
    rate_ = sketch_.input({}, "rate");
    step_ = sketch_.input({}, "step");
    bias_ = sketch_.weight({{4}}, "bias");
    pool_.push_back(sketch_.input(square, "x"));
    for (const char* name : {"w0", "w1"}) add_leaf(sketch_.weight(square, name), name);
    for (const char* name : {"s0", "s1", "s2"}) add_leaf(sketch_.state(square, name), name);
  }

  Graph finish() {
    const std::int64_t steps = rng_.between(1, 14);
    for (std::int64_t i = 0; i < steps; ++i) grow();
    for (std::int64_t i = rng_.between(0, 2); i-- > 0;) sketch_.output(any());
    // Swapped leaves, one value for two leaves, a leaf kept as it is: all may come.
    for (const auto& [value, name] : leaves_)
      if (rng_.chance(0.6)) sketch_.output(any(), name, OutputKind::update);
    if (rng_.coin()) sketch_.output(pool_.back());
    return sketch_.finish();
  }

 private:
  void add_leaf(Value value, const char* name) {
    pool_.push_back(value);
    leaves_.emplace_back(value, name);
  }
  Value any() { return rng_.pick(pool_); }
  void put(Op op, std::vector<Value> operands, Attributes attributes = NoAttributes{}) {
    pool_.push_back(sketch_.add(op, std::move(operands), std::move(attributes)));
  }

  void grow() {
    switch (rng_.between(0, 8)) {
      case 0:
        return put(rng_.pick<Op>({Op::tanh, Op::sigmoid, Op::relu, Op::neg}), {any()});
      case 1:
        if (rng_.chance(0.4)) return put(rng_.pick<Op>({Op::add, Op::mul}), {any(), any(), any()});
        return put(rng_.pick<Op>({Op::add, Op::sub, Op::mul}), {any(), any()});
      case 2:
        return put(Op::add, {any(), bias_});
      case 3:
        return put(rng_.pick<Op>({Op::tanh_grad, Op::relu_grad, Op::sigmoid_grad}),
                   {any(), sketch_.add(Op::tanh, {any()})});
      case 4:
        return put(Op::softmax, {any()});
      case 5:
        return put(Op::softmax_grad, {any(), sketch_.add(Op::softmax, {any()})});
      case 6:
        return multiply();
      case 7:
        return pool_.push_back(
            {sketch_.build.node(Op::cross_entropy, NoAttributes{}, {any(), target_}), 1});
      case 8:
        return optimise();
    }
  }

  void multiply() {
    FusedMatmulAttributes product;
    (rng_.coin() ? product.transpose_a : product.transpose_b) = rng_.coin();
    product.bias = rng_.coin();
    product.addend = rng_.coin();
    product.activation =
        rng_.pick<Activation>({Activation::none, Activation::relu, Activation::hard_sigmoid});
    std::vector<Value> operands = {any(), any()};
    if (product.bias) operands.push_back(bias_);
    if (product.addend) operands.push_back(any());
    pool_.push_back(sketch_.add(Op::tanh, {sketch_.add(Op::fused_matmul, operands, product)}));
  }

  // Of one or two weights, any of whose parts may be one value. Variances are above zero.
  void optimise() {
    const auto weights = static_cast<std::uint32_t>(rng_.between(1, 2));
    std::vector<Value> operands = {rate_, step_, rate_, step_, rate_};
    for (std::uint32_t i = 0; i < 3 * weights; ++i) operands.push_back(any());
    if (rng_.coin()) return put_results(Op::sgd, NoAttributes{}, operands, 2 * weights);
    const Value variance = sketch_.add(Op::sigmoid, {any()});
    for (std::uint32_t i = 0; i < weights; ++i)
      operands.push_back(rng_.coin() ? variance : sketch_.add(Op::sigmoid, {any()}));
    put_results(Op::adam, AdamAttributes{}, operands, 3 * weights);
  }

  void put_results(Op op, Attributes attributes, const std::vector<Value>& operands,
                   std::uint32_t results) {
    const NodeId node = sketch_.build.node(op, std::move(attributes), operands);
    for (std::uint32_t i = 0; i < results; ++i) pool_.push_back({node, i});
  }

  Rng& rng_;
  Sketch sketch_{"crowded"};
  Value target_, rate_, step_, bias_;
  std::vector<Value> pool_;
  std::vector<std::pair<Value, const char*>> leaves_;
};

// The plan with a place for every value and every output that nothing else ever has.
Plan apart(Plan plan) {
  std::size_t end = 0;
  const auto fresh = [&](Value value) {
    const std::size_t bytes =
        static_cast<std::size_t>(count(plan.graph.type(value).shape, plan.batch)) *
        bytes_of(plan.graph.type(value).element);
    const Slot slot{Storage::arena, end, 0, bytes};
    end += (bytes + 63) / 64 * 64;
    return slot;
  };
  for (NodeId id = 0; id < plan.graph.size(); ++id)
    if (plan.graph.node(id).op != Op::weight && plan.graph.node(id).op != Op::state)
      for (std::uint32_t i = 0; i < plan.slots[id].size(); ++i) plan.slots[id][i] = fresh({id, i});
  plan.copies.clear();
  plan.output_slots.clear();
  for (const Output& output : plan.graph.outputs) {
    plan.output_slots.push_back(fresh(output.value));
    plan.copies.push_back({output.value, plan.slot(output.value), plan.output_slots.back()});
  }
  const auto leaf_of = output_leaves(plan.graph);
  for (std::size_t i = 0; i < leaf_of.size(); ++i)
    if (plan.graph.outputs[i].kind == OutputKind::update)
      plan.copies.push_back(
          {plan.graph.outputs[i].value, plan.output_slots[i], plan.slot({*leaf_of[i], 0})});
  plan.arena_bytes = end;
  return plan;
}

std::size_t count_shared_places(const Plan& plan) {
  std::size_t shared = 0;
  for (const NodeId id : plan.schedule)
    for (std::uint32_t i = 0; i < plan.slots[id].size(); ++i)
      for (const Value operand : plan.graph.node(id).operands) {
        const Slot &a = plan.slot({id, i}), &b = plan.slot(operand);
        shared += a.storage == b.storage && a.offset == b.offset && a.leaf == b.leaf;
      }
  return shared;
}

}  // namespace

TEST_CASE("no plan lays a value over one that is still needed") {
  std::size_t shared = 0, copies = 0, rescues = 0;
  for (std::uint64_t seed = 1; seed <= cases(3000); ++seed) {
    Rng rng(seed);
    const Graph graph = CrowdedGraph(rng).finish();
    const Feeds feeds = rounded_to_float(
        random_feeds(graph, 1, seed, {{"rate", {0.01, 0.1, {}}}, {"step", {3, 3.0000001, {}}}}));
    const Plan plan = make_plan(graph, 1);
    shared += count_shared_places(plan);
    copies += plan.copies.size();
    for (const Copy& copy : plan.copies) rescues += copy.to.storage == Storage::arena;
    INFO("seed " << seed << "\n" << to_text(plan));
    const Outputs packed = run_plan(plan, feeds, 1);
    const Outputs roomy = run_plan(apart(plan), feeds, 1);
    bool same = packed.size() == roomy.size();
    for (const auto& [name, array] : packed) {
      INFO(name);
      // As bits of floats: NaN is equal to itself here.
      const auto& other = roomy.at(name).values;
      same = same && std::ranges::equal(array.values, other, [](double a, double b) {
               return a == b || (std::isnan(a) && std::isnan(b));
             });
    }
    CHECK(same);
    CHECK(relative_distance(evaluate(graph, feeds, 1), packed) <= 1e-3);
  }
  CHECK(shared > cases(3000));  // the cases are really there
  CHECK(copies > cases(3000));
  CHECK(rescues > cases(300));
}

TEST_CASE("states that are exchanged are exchanged") {
  Sketch sketch;
  const Value a = sketch.state({{3}}, "a"), b = sketch.state({{3}}, "b");
  sketch.output(b, "a", OutputKind::update);
  sketch.output(a, "b", OutputKind::update);
  sketch.output(a, "before");
  const Feeds feeds{{"a", {{3}, {1, 2, 3}}}, {"b", {{3}, {4, 5, 6}}}};
  const Outputs found = run_graph(sketch.finish(), feeds, 1);
  CHECK(found.at("update:a").values == std::vector<double>{4, 5, 6});
  CHECK(found.at("update:b").values == std::vector<double>{1, 2, 3});
  CHECK(found.at("before").values == std::vector<double>{1, 2, 3});
}

TEST_CASE("one value updates two leaves") {
  Sketch sketch;
  const Value a = sketch.state({{3}}, "a");
  sketch.state({{3}}, "b");
  const Value next = sketch.add(Op::neg, {a});
  sketch.output(next, "a", OutputKind::update);
  sketch.output(next, "b", OutputKind::update);
  const Feeds feeds{{"a", {{3}, {1, 2, 3}}}, {"b", {{3}, {4, 5, 6}}}};
  const Outputs found = run_graph(sketch.finish(), feeds, 1);
  CHECK(found.at("update:a").values == std::vector<double>{-1, -2, -3});
  CHECK(found.at("update:b").values == std::vector<double>{-1, -2, -3});
}

}  // namespace coil::test

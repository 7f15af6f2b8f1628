#include "compiler/passes/retime.hpp"

#include <catch2/catch.hpp>

#include "compiler/graph/evaluate.hpp"
#include "compiler/graph/verify.hpp"

#include "tests/support/feeds.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

constexpr std::int64_t units = 3, letters = 5;

// h' = tanh(x + h @ u), yielding h'.
Body tanh_step() {
  Sketch body;
  const Shape row{{batch_dim, units}};
  const Value x = body.input(row), h = body.input(row), u = body.input({{units, units}});
  const Value product = body.add(Op::matmul, {h, u}, MatmulAttributes{});
  const Value next = body.add(Op::tanh, {body.add(Op::add, {x, product})});
  body.output(next);
  body.output(next);
  return make_body(body.finish());
}

// A model with one recurrence over embedded characters, in pieces that a case may change.
struct Recurrent {
  Sketch sketch{"Recurrent"};
  std::int64_t steps;
  Value c, x, h, scan, yields;

  explicit Recurrent(std::int64_t of, bool starts_with_state = true, bool reverse = false,
                     bool starts_with_tanh = false)
      : steps(of) {
    c = sketch.index({{batch_dim, steps}}, letters, "c");
    x = sketch.add(Op::gather, {sketch.weight({{letters, units}}, "embed"), c});
    h = starts_with_state ? sketch.state({{batch_dim, units}}, "h")
                          : sketch.build.constant(0, {{batch_dim, units}});
    const NodeId node =
        sketch.build.node(Op::scan, ScanAttributes{steps, 1, 1, reverse, tanh_step()},
                          {x, starts_with_tanh ? sketch.add(Op::tanh, {h}) : h,
                           sketch.weight({{units, units}}, "u")});
    scan = {node, 0};
    yields = {node, 1};
    if (starts_with_state) sketch.output(scan, "h", OutputKind::update);
  }
  Value predict(Value of) {
    const Value w = sketch.weight({{units, letters}}, "decode");
    return sketch.add(Op::softmax, {sketch.add(Op::matmul, {of, w}, MatmulAttributes{})});
  }
  Value element(Value of, std::int64_t at) {
    return sketch.add(Op::slice, {of}, SliceAttributes{1, at, 1, true});
  }
  // Why the model with this output is not retimed; empty where it is.
  std::string refusal(Value output) {
    std::string why;
    return one_step(sketch.finish(output), &why) ? "" : why;
  }
};

// What the model predicts after each of the characters when it is fed `steps` of them a call, and the state
// in the end.
std::vector<double> in_calls_of(const Graph& graph, std::int64_t steps, const Array& characters,
                                Feeds feeds) {
  std::vector<double> all;
  for (std::int64_t at = 0; at < characters.dims[1]; at += steps) {
    feeds["c"] = {{1, steps}, {}};
    for (std::int64_t i = 0; i < steps; ++i)
      feeds["c"].values.push_back(characters.values[static_cast<std::size_t>(at + i)]);
    const auto outputs = evaluate(graph, feeds, 1);
    const auto& predicted = outputs.at("output1").values;
    all.insert(all.end(), predicted.begin(), predicted.end());
    feeds["h"] = outputs.at("update:h");
  }
  all.insert(all.end(), feeds["h"].values.begin(), feeds["h"].values.end());
  return all;
}

}  // namespace

TEST_CASE("as many calls of one step compute what a call of all steps does") {
  Recurrent model(4);
  const Graph graph = model.sketch.finish(model.predict(model.yields));
  const auto one = one_step(graph);
  REQUIRE(one);
  CHECK(why_malformed(*one) == std::nullopt);
  CHECK(to_string(one->type(one->outputs[1].value)) == "real[batch, 1, 5]");
  const Feeds feeds = random_feeds(graph, 1, 7);
  const Array characters{{1, 8}, {0, 4, 2, 1, 1, 3, 0, 2}};
  const auto whole = in_calls_of(graph, 4, characters, feeds);
  const auto single = in_calls_of(*one, 1, characters, feeds);
  REQUIRE(whole.size() == single.size());
  for (std::size_t i = 0; i < whole.size(); ++i) CHECK(single[i] == Approx(whole[i]));
}

TEST_CASE("the last element is that of the last step") {
  Recurrent model(4);
  const auto one = one_step(model.sketch.finish(model.predict(model.element(model.yields, 3))));
  REQUIRE(one);
  CHECK(to_string(one->type(one->outputs[1].value)) == "real[batch, 5]");
  Recurrent carried(4);
  CHECK(carried.refusal(carried.predict(carried.scan)).empty());
}

TEST_CASE("parts and layers are those of the model as it was, and are left out") {
  Recurrent model(2);
  Graph graph = model.sketch.finish(model.predict(model.yields));
  graph.parts = {{"c1", "c", 0}, {"c2", "c", 1}};
  const auto one = one_step(graph);
  REQUIRE(one);
  CHECK(one->parts.empty());
  CHECK(why_malformed(*one) == std::nullopt);
}

TEST_CASE("a model of one step is returned as it is") {
  Recurrent model(1);
  const Graph graph = model.sketch.finish(model.predict(model.yields));
  const auto one = one_step(graph);
  REQUIRE(one);
  CHECK(one->size() == graph.size());
  CHECK(one->outputs == graph.outputs);
}

TEST_CASE("does not retime what would forget or mix up steps") {
  Recurrent fresh(4, false);
  CHECK(fresh.refusal(fresh.predict(fresh.yields)) ==
        "a recurrence of it begins anew in each call");
  Recurrent computed(4, true, false, true);
  CHECK(computed.refusal(computed.predict(computed.yields)) ==
        "a recurrence of it starts from what is computed of a state");
  Recurrent backwards(4, true, true);
  CHECK(backwards.refusal(backwards.predict(backwards.yields)) ==
        "a recurrence of it runs backwards");
  Recurrent middle(4);
  CHECK(middle.refusal(middle.predict(middle.element(middle.yields, 2))) ==
        "it looks at single elements of a sequence");
  Recurrent stacked(2);
  const Value first = stacked.element(stacked.yields, 1);
  CHECK(
      stacked.refusal(stacked.sketch.add(Op::concat, {first, first}, ConcatAttributes{1, true})) ==
      "it puts a sequence together from single elements");
  Recurrent place(4);
  const Value by_place =
      place.sketch.add(Op::add, {place.yields, place.sketch.weight({{4, units}}, "place")});
  CHECK(place.refusal(place.predict(by_place)) ==
        "it treats the elements of a sequence differently");
  Recurrent whole(4);
  const Value total = whole.sketch.add(Op::sum_to, {whole.yields}, ShapeAttributes{{{units}}});
  CHECK(whole.refusal(whole.predict(total)) == "it sums or repeats along a sequence");
}

TEST_CASE("does not retime a state with another use or another new value") {
  Recurrent seen(4);
  CHECK(seen.refusal(seen.predict(seen.sketch.add(Op::mul, {seen.scan, seen.h}))) ==
        "state 'h' is more than the memory of one recurrence");
  Recurrent counted(4);
  const Value n = counted.sketch.state({{batch_dim, 1}}, "n");
  counted.sketch.output(counted.sketch.add(Op::add, {n, counted.sketch.build.constant(1)}), "n",
                        OutputKind::update);
  CHECK(counted.refusal(counted.predict(counted.yields)) ==
        "a state of it changes once a call, not once a character");
}

TEST_CASE("does not retime inputs that are no one sequence") {
  Sketch apart;
  const Value table = apart.weight({{letters, units}});
  const Value a = apart.add(Op::gather, {table, apart.index({{batch_dim}}, letters)});
  const Value b = apart.add(Op::gather, {table, apart.index({{batch_dim}}, letters)});
  std::string why;
  CHECK_FALSE(one_step(apart.finish(apart.add(Op::add, {a, b})), &why));
  CHECK(why == "its 2 inputs are no sequence");
  Sketch uneven;
  const Value rows = uneven.weight({{letters, units}});
  uneven.output(uneven.add(Op::gather, {rows, uneven.index({{batch_dim, 2}}, letters)}));
  uneven.output(uneven.add(Op::gather, {rows, uneven.index({{batch_dim, 3}}, letters)}));
  CHECK_FALSE(one_step(uneven.finish(), &why));
  CHECK(why == "it reads sequences of 2 and of 3");
}

TEST_CASE("over another number of steps it is what the text gives with that number") {
  for (const bool starts_with_state : {true, false})
    for (const std::int64_t steps : {1, 2, 3, 7}) {
      const auto made = [&](std::int64_t of, bool of_last) {
        Recurrent model(of, starts_with_state);
        const Value shown = of_last ? model.element(model.yields, of - 1) : model.yields;
        return model.sketch.finish(model.predict(shown));
      };
      for (const bool of_last : {true, false}) {
        INFO(steps << " steps, " << starts_with_state << of_last);
        std::string why;
        const auto graph = retime(made(4, of_last), steps, &why);
        INFO(why);
        REQUIRE(graph);
        CHECK(why_malformed(*graph) == std::nullopt);
        const Graph meant = made(steps, of_last);
        const Feeds feeds = random_feeds(meant, 2, 3);
        CHECK(distance(evaluate(meant, feeds, 2), evaluate(*graph, feeds, 2)) == 0);
      }
    }
}

TEST_CASE("does not change the steps of what has none, or an input for each") {
  std::string why;
  Recurrent parted(2);
  Graph graph = parted.sketch.finish(parted.predict(parted.yields));
  graph.parts = {{"c1", "c", 0}, {"c2", "c", 1}};
  CHECK_FALSE(retime(graph, 3, &why));
  CHECK(why == "its text has an input for each step");
  CHECK(retime(graph, 2));
  Sketch flat;
  const Value table = flat.weight({{letters, units}});
  const Graph single =
      flat.finish(flat.add(Op::gather, {table, flat.index({{batch_dim}}, letters)}));
  CHECK_FALSE(retime(single, 3, &why));
  CHECK(why == "it reads no sequence");
  Recurrent one(1);
  CHECK_FALSE(retime(one.sketch.finish(one.predict(one.yields)), 3, &why));
  CHECK(why == "its sequences have one element, so that no recurrence is seen in it");
  Recurrent middle(4);
  CHECK_FALSE(
      retime(middle.sketch.finish(middle.predict(middle.element(middle.yields, 2))), 3, &why));
  CHECK(why == "it looks at single elements of a sequence");
}

}  // namespace coil::test

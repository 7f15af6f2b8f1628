// Files whose checksum is right and whose content is not: each ends in a RunError, in load_model, Trainer or
// Generator. Nothing else may come out, least of all an InternalError.

#include <catch2/catch.hpp>

#include "compiler/graph/builder.hpp"
#include "compiler/graph/text.hpp"

#include "runtime/artifact/artifact.hpp"
#include "runtime/generate/generator.hpp"
#include "runtime/model/metadata.hpp"
#include "runtime/train/trainer.hpp"

#include "tests/model/small_model.hpp"

namespace coil::test {
namespace {

// A file that says what `graph` is and nothing of weights.
class HostileFile {
 public:
  explicit HostileFile(const Graph& graph) {
    artifact.metadata[graph_key] = to_text(graph);
    artifact.metadata[parameters_key] = "{}";
    artifact.metadata[letters_key] = "lower";
    artifact.metadata[vocabulary_key] = Vocabulary::of_text(small_text(), "text").characters();
  }

  std::string load_failure() const {
    save_artifact(folder_ / "m.coil", artifact);
    return failure_of([&] { load_model(folder_ / "m.coil"); });
  }
  // Loads, then trains and generates as the commands do; what each said.
  std::string use_failure() const {
    save_artifact(folder_ / "m.coil", artifact);
    Model model = load_model(folder_ / "m.coil");
    if (!model.has_weights) initialize_weights(model, 1);
    const std::string generating = failure_of([&] { Generator(model, {}).next(); });
    const std::string training = failure_of([&] {
      Trainer(model, small_text(), "text", {}, 1).run_epoch([](const StepReport&) { return true; });
    });
    return generating + " | " + training;
  }

  Artifact artifact;

 private:
  TemporaryFolder folder_;
};

struct Parts {
  Graph graph;
  Builder build{graph};
  std::int64_t inputs = 0;

  Value input(const char* name, Shape shape) {
    return build.leaf(Op::input, InputAttributes{{name}, inputs++, 0},
                      {Element::real, std::move(shape)});
  }
  Value index(const char* name, std::int64_t bound, Shape shape = {{batch_dim}}) {
    return build.leaf(Op::input, InputAttributes{{name}, inputs++, bound},
                      {Element::index, std::move(shape)});
  }
  Value weight(const std::string& name, Shape shape, Initializer initializer = {}) {
    return build.leaf(Op::weight, WeightAttributes{{name}, initializer},
                      {Element::real, std::move(shape)});
  }
  HostileFile file(Value output) {
    graph.name = "Hostile";
    graph.outputs.push_back({"output", output, OutputKind::result});
    return HostileFile(graph);
  }
};

// softmax(table[c] @ w), which is a model, with the shapes asked for.
Value prediction(Parts& parts, std::int64_t bound, std::int64_t outputs) {
  const Value row =
      parts.build.add(Op::gather, {parts.weight("table", {{bound, 4}}), parts.index("c", bound)});
  const Value logits =
      parts.build.add(Op::matmul, {row, parts.weight("w", {{4, outputs}})}, MatmulAttributes{});
  return parts.build.add(Op::softmax, {logits});
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a small honest file of this kind is no mistake") {
  Parts parts;
  CHECK(parts.file(prediction(parts, 30, 30)).use_failure() == "nothing | nothing");
}

TEST_CASE("weights that nobody has stored are not made room for") {
  Parts one;
  CHECK(contains(one.file(prediction(one, std::int64_t{1} << 29, 30)).load_failure(),
                 "parameters, more than"));
  Parts many;
  Value sum = many.weight("w", {{1 << 20}});
  for (int i = 0; i < 2000; ++i)
    sum = many.build.add(
        Op::exp, {many.build.add(Op::add, {sum, many.weight(fmt::format("w{}", i), {{1 << 20}})})});
  const std::string why = many.file(sum).load_failure();
  CHECK((contains(why, "parameters, more than") || contains(why, "not canonical")));
}

TEST_CASE("a state that nothing else goes with harms nobody") {
  Parts parts;
  const Value state =
      parts.build.leaf(Op::state, StateAttributes{{"s"}}, {Element::real, {{batch_dim, 30}}});
  const Value sum = parts.build.add(Op::add, {prediction(parts, 30, 30), state});
  CHECK(parts.file(parts.build.add(Op::softmax, {sum})).use_failure() == "nothing | nothing");
}

TEST_CASE("a model updates states alone") {
  Parts parts;
  const Value w = parts.weight("v", {{30}});
  parts.graph.outputs.push_back({"v", parts.build.add(Op::exp, {w}), OutputKind::update});
  CHECK(contains(parts.file(prediction(parts, 30, 30)).load_failure(), "updates 'v'"));
  Parts gradient;
  const Value v = gradient.weight("v", {{30}});
  gradient.graph.outputs.push_back({"v", gradient.build.add(Op::exp, {v}), OutputKind::gradient});
  CHECK(contains(gradient.file(prediction(gradient, 30, 30)).load_failure(), "updates 'v'"));
}

TEST_CASE("ops that only training derives are in no model") {
  Parts grad;
  const Value x = grad.weight("x", {{30, 30}});
  const Value row =
      grad.build.add(Op::gather, {grad.build.add(Op::tanh_grad, {x, x}), grad.index("c", 30)});
  CHECK(contains(grad.file(grad.build.add(Op::softmax, {row})).load_failure(), "tanh_grad"));
  Parts loss;
  const Value p = prediction(loss, 30, 30);
  const Value gradient = {
      loss.build.node(Op::cross_entropy, NoAttributes{}, {p, loss.index("t", 30)}), 1};
  CHECK(
      contains(loss.file(loss.build.add(Op::softmax, {gradient})).load_failure(), "cross_entropy"));
}

TEST_CASE("initializers that cannot start a weight of that shape are refused") {
  Parts parts;
  const Value w = parts.weight("w", {{30}}, {InitializerKind::glorot_uniform, 0});
  const Value sum = parts.build.add(Op::add, {prediction(parts, 30, 30), w});
  HostileFile file = parts.file(parts.build.add(Op::softmax, {sum}));
  std::string& text = file.artifact.metadata[graph_key];
  const std::size_t at = text.find("glorot_uniform");
  REQUIRE(at != std::string::npos);
  text.replace(at, std::string("glorot_uniform").size(), "orthogonal");
  const std::string why = file.load_failure();
  CHECK(contains(why, "orthogonal"));
  CHECK(why.substr(0, 2) == "3:");
}

TEST_CASE("graphs that read no characters, or predict none, are told so") {
  Parts real;
  const Value w = real.weight("w", {{5, 30}});
  const Value logits =
      real.build.add(Op::matmul, {real.input("x", {{batch_dim, 5}}), w}, MatmulAttributes{});
  CHECK(contains(real.file(real.build.add(Op::softmax, {logits})).use_failure(), "3:"));

  Parts deep;
  const Value rows = deep.build.add(
      Op::gather, {deep.weight("table", {{30, 30}}), deep.index("c", 30, {{batch_dim, 2, 3}})});
  const std::string of_deep = deep.file(deep.build.add(Op::softmax, {rows})).use_failure();
  CHECK(contains(of_deep, "3:"));
  CHECK(contains(of_deep, "| 1:"));

  Parts several;
  const Value p = prediction(several, 30, 30);
  several.graph.outputs.push_back({"second", several.build.add(Op::exp, {p}), OutputKind::result});
  const std::string of_several = several.file(p).use_failure();
  CHECK(contains(of_several, "3:"));
  CHECK(contains(of_several, "| 1:"));

  Parts still;
  const std::string of_still =
      still.file(still.build.add(Op::softmax, {still.weight("w", {{30}})})).use_failure();
  CHECK(contains(of_still, "3:"));
  CHECK(contains(of_still, "| 1:"));
}

TEST_CASE("an index that counts past the table, or a vocabulary past the index, is refused") {
  Parts parts;
  HostileFile file = parts.file(prediction(parts, 30, 30));
  std::string& text = file.artifact.metadata[graph_key];
  const std::size_t at = text.find("bound: 30");
  REQUIRE(at != std::string::npos);
  text.replace(at, 9, "bound: 31");
  CHECK(contains(file.load_failure(), "there are 30 rows"));
  Parts narrow;
  CHECK(contains(narrow.file(prediction(narrow, 5, 30)).load_failure(), "counts to 5"));
}

TEST_CASE("fewer outputs than characters can generate, but not train") {
  Parts parts;
  const std::string why = parts.file(prediction(parts, 30, 3)).use_failure();
  CHECK(contains(why, "nothing | 1:"));
  CHECK(contains(why, "the model has 3 outputs"));
}

TEST_CASE("metadata out of range is refused") {
  Parts parts;
  parts.file(prediction(parts, 30, 30));
  const auto with = [&](const char* key, const std::string& value) {
    HostileFile changed(parts.graph);
    changed.artifact.metadata[key] = value;
    return changed.load_failure();
  };
  CHECK(contains(with(parameters_key, "{\"a\":" + std::string(1 << 20, '[')), "bytes, more than"));
  CHECK(contains(with(parameters_key, "{\"a\":" + std::string(50'000, '[')), "is not JSON"));
  CHECK(contains(with(vocabulary_key, ""), "vocabulary is empty"));
}

}  // namespace coil::test

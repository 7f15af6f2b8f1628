// The probe: what a file remembers of what its model computes.

#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/graph/faces.hpp"

#include "runtime/artifact/artifact.hpp"
#include "runtime/model/metadata.hpp"
#include "runtime/train/trainer.hpp"

#include "tests/model/small_model.hpp"
#include "tests/model/text_models.hpp"

namespace coil::test::probe_test {
namespace {

Model compiled(const std::string& text) {
  const SourceFile file("probe.model", text);
  Diagnostics diagnostics(file);
  Runner runner;
  auto result = compile(file, {}, diagnostics, runner);
  INFO(diagnostics.render());
  REQUIRE(result.has_value());
  Model model = Model::from(std::move(*result));
  initialize_weights(model, 1);
  return model;
}

void scale(Model& model, const std::string& weight, float by) {
  std::vector<float> values = model.store.stored(weight);
  for (float& value : values) value *= by;
  model.store.set_stored(weight, values);
}

// What loading says of a file whose probe is `json`.
std::string load_failure(const Model& model, const std::string& json) {
  const TemporaryFolder folder;
  save_model(folder / "m.coil", model);
  Artifact artifact = load_artifact(folder / "m.coil");
  artifact.metadata[probe_key] = json;
  save_artifact(folder / "m.coil", artifact);
  const std::string failure = failure_of([&] { load_model(folder / "m.coil"); });
  const std::size_t at = failure.find("m.coil");
  return at == std::string::npos ? failure : failure.substr(0, 3) + failure.substr(at);
}

}  // namespace

TEST_CASE("a file's probe is what its model computes") {
  const TemporaryFolder folder;
  for (const Model& model : {ready_model(), stateful_model(), cut_model(), bigram_model(4)}) {
    save_model(folder / "m.coil", model);
    const Model back = load_model(folder / "m.coil");
    REQUIRE(back.probe.has_value());
    CHECK(back.probe == take_probe(model));
    const ProbeDifference difference = compare_with_probe(back, *back.probe);
    CHECK(difference.largest == 0);
    CHECK_FALSE(difference.where.empty());
  }
}

TEST_CASE("a probe names what people feed, in numbers of the model") {
  const auto probe = take_probe(ready_model());
  REQUIRE(probe.has_value());
  CHECK(probe->states.empty());
  REQUIRE(probe->inputs.size() == 3);
  for (const char* name : {"c1", "c2", "c3"}) {
    const std::vector<double>& values = probe->inputs.at(name);
    REQUIRE(values.size() == 1);
    CHECK((values[0] >= 0 && values[0] < 30 && values[0] == std::floor(values[0])));
  }
  CHECK(probe->outputs.at("output").size() == 30);
}

TEST_CASE("every weight shows in the probe, a recurrence's in one call too") {
  for (const auto make : {+[] { return ready_model(); }, +[] { return stateful_model(); }}) {
    const Model model = make();
    const auto probe = take_probe(model);
    REQUIRE(probe.has_value());
    for (const StoredWeight& weight : stored_weights(model.graph)) {
      if (weight.initializer.kind == InitializerKind::zeros) continue;
      Model changed = make();
      scale(changed, weight.name, 1.5f);
      INFO(weight.name);
      const ProbeDifference difference = compare_with_probe(changed, *probe);
      CHECK(difference.largest > largest_probe_difference);
      const std::string why = failure_of([&] { require_agreement(difference, "m.coil"); });
      CHECK(why.find("3: m.coil: the model does not compute what it did") == 0);
      CHECK(why.find(difference.where) != std::string::npos);
    }
  }
}

TEST_CASE("a model that was trained further or changed does not keep its probe") {
  const TemporaryFolder folder;
  const std::string path = folder / "m.coil";
  Model model = ready_model();
  save_model(path, model);
  model = load_model(path);
  const Probe first = *model.probe;
  scale(model, "mix.kernel", 2);
  save_model(path, model);
  CHECK(load_model(path).probe == take_probe(model));
  CHECK_FALSE(load_model(path).probe == first);

  Trainer trainer(model, small_text(), "text", usual_recipe(model), 1);
  trainer.run_epoch([&](const StepReport& report) {
    trainer.save(path);
    CHECK(load_model(path).probe == take_probe(model));
    return report.step < 2;
  });
}

TEST_CASE("of a long answer some numbers are kept") {
  const Model model = compiled(
      "model M(n = 3) {\n  input x: real[n]\n  output x |> dense(1025) |> dense(1025)\n}\n");
  const auto probe = take_probe(model);
  REQUIRE(probe.has_value());
  CHECK(probe->outputs.at("output").size() == 342);  // of 1025, every third
}

TEST_CASE("where a probe would be large, or not finite, there is none") {
  const std::string large =
      "model M {\n  input x[700]: real[100]\n  output last(x) |> dense(2)\n}\n";
  CHECK_FALSE(take_probe(compiled(large)).has_value());
  const TemporaryFolder folder;
  save_model(folder / "m.coil", compiled(large));
  CHECK_FALSE(load_model(folder / "m.coil").probe.has_value());
  CHECK(load_failure(compiled(large), "{}").find("3: m.coil: coil.probe") == 0);
  CHECK_FALSE(take_probe(compiled("model M {\n  input x: real[2]\n"
                                  "  output log(zeros(2)) + (x |> dense(2))\n}\n"))
                  .has_value());
  CHECK_FALSE(take_probe(small_model()).has_value());
}

TEST_CASE("a probe that is none is refused") {
  const auto of_model = [](const std::string& json) { return load_failure(ready_model(), json); };
  const auto with_inputs = [&](const std::string& inputs) {
    return of_model("{\"inputs\":" + inputs + R"(,"outputs":{},"states":{},"states_after":{}})");
  };
  CHECK(of_model("") == "3: m.coil: coil.probe is no JSON object");
  CHECK(of_model("[]") == "3: m.coil: coil.probe is no JSON object");
  CHECK(of_model(std::string(100'000, '[')) == "3: m.coil: coil.probe is no JSON object");
  CHECK(of_model(std::string(9 << 20, ' ')).find("bytes, more than") != std::string::npos);
  CHECK(of_model("{}").find("has other fields than") != std::string::npos);
  CHECK(of_model(R"({"a":1,"b":2,"c":3,"d":4})").find("lacks the object 'inputs'") !=
        std::string::npos);
  CHECK(with_inputs("{}").find("its inputs lack 'c1'") != std::string::npos);
  CHECK(with_inputs(R"({"c1":[1],"c2":[1],"c3":[1],"c4":[1]})")
            .find("this one has no 'c4' among its inputs") != std::string::npos);
  for (const char* list : {"[]", "[1,2]", "1", "{}", "null"})
    CHECK(with_inputs(fmt::format(R"({{"c1":{},"c2":[1],"c3":[1]}})", list))
              .find("'c1' of its inputs has") != std::string::npos);
  for (const char* number : {"30", "-1", "0.5", "1e300", "\"1\"", "true", "null", "[1]"})
    CHECK(with_inputs(fmt::format(R"({{"c1":[{}],"c2":[1],"c3":[1]}})", number))
              .find("holds what 'c1' of its inputs cannot be") != std::string::npos);
  CHECK(with_inputs(R"({"c1":[1],"c2":[1],"c3":[1]})").find("its outputs lack 'output'") !=
        std::string::npos);
}

TEST_CASE("numbers that no float holds are no answer of a model") {
  Model model = ready_model();
  auto probe = take_probe(model);
  probe->outputs["output"][3] = 1e39;
  CHECK(load_failure(model, probe_to_json(*probe)).find("holds what 'output' of its outputs") !=
        std::string::npos);
  probe->outputs["output"][3] = 0.9;
  CHECK(load_failure(model, probe_to_json(*probe)) == "nothing");
}

}  // namespace coil::test::probe_test

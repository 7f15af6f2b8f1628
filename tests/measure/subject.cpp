#include "runtime/measure/subject.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/graph/faces.hpp"

#include "runtime/measure/sample_model.hpp"
#include "runtime/train/trainer.hpp"

#include "tests/model/text_models.hpp"

namespace coil::test {

TEST_CASE("a text to measure with is one batch in every scheme") {
  const Model model = bigram_model(3);
  const TextFace face = *text_face(model.graph);
  for (const Scheme scheme : {Scheme::blocks, Scheme::windows, Scheme::streams}) {
    INFO(to_string(scheme));
    const std::string text = sample_text(model, face, scheme, 7);
    const auto numbers = model.vocabulary->encode(text, "text");
    const Samples samples(numbers, scheme, {3, 7, Targets::every}, "text");
    CHECK(samples.size() == 7);
    CHECK(samples.batch() == 7);
  }
}

TEST_CASE("a sample of a model has its weights, and a store of its own") {
  Model model = bigram_model(3);
  Model sample = sample_of(model);
  for (const StoredWeight& weight : stored_weights(model.graph)) {
    const auto before = model.store.stored(weight.name);
    CHECK(sample.store.stored(weight.name) == before);
    sample.store.set_stored(weight.name, std::vector<float>(before.size(), 3.0f));
    CHECK(model.store.stored(weight.name) == before);
  }
}

TEST_CASE("a model without weights and vocabulary gets both") {
  Model bare = Model::from({bigram_model(3).graph, bigram_model(3).graph, {}});
  REQUIRE_FALSE(bare.has_weights);
  const Model sample = sample_of(bare);
  CHECK(sample.has_weights);
  REQUIRE(sample.vocabulary);
  CHECK(sample.vocabulary->size() == text_face(bare.graph)->classes);
  CHECK_FALSE(bare.vocabulary);
}

TEST_CASE("every entry is run, by every lowering, and leaves the model alone") {
  for (const Model& model : {stateful_model(), bigram_model(3)}) {
    const auto weight = stored_weights(model.graph).front().name;
    const auto before = model.store.stored(weight);
    for (const Measured entry : all_measured)
      for (const LoweringRow& row : lowerings()) {
        std::string why;
        const auto subject = make_subject(model, entry, {row.lowering, 4, 1}, &why);
        INFO(to_string(entry) << ", " << row.name << ": " << why);
        REQUIRE(subject);
        for (int i = 0; i < 3; ++i) subject->run();
        CHECK(subject->characters ==
              static_cast<std::int64_t>(text_face(model.graph)->window.size()));
        const auto primitives = primitives_of(model, *subject);
        CHECK_FALSE(primitives.empty());
        for (const Primitive& primitive : primitives) {
          CHECK_FALSE(primitive.implementation.empty());
          CHECK_FALSE(primitive.isa.empty());
          CHECK(primitive.seconds >= 0);
        }
      }
    CHECK(model.store.stored(weight) == before);
  }
}

TEST_CASE("a step of training learns: it has the optimizer's primitive") {
  const Model model = stateful_model();
  const auto implementation_is = [](std::string_view name) {
    return [name](const Primitive& primitive) { return primitive.implementation == name; };
  };
  for (const Measured entry : all_measured) {
    const auto subject = make_subject(model, entry, {Lowering::hoisted, 4, 1});
    REQUIRE(subject);
    const auto primitives = primitives_of(model, *subject);
    INFO(to_string(entry));
    CHECK(std::ranges::any_of(primitives, implementation_is("coil:adam")) ==
          (entry == Measured::train_step));
  }
}

}  // namespace coil::test

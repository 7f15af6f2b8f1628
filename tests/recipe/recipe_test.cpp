#include "runtime/recipe/recipe.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <rapidcheck.h>

#include "compiler/source/load.hpp"
#include "compiler/source/run_error.hpp"

#include "runtime/recipe/limits.hpp"
#include "runtime/recipe/read_recipe.hpp"

namespace coil {
namespace {

Recipe must_read(const SourceFile& file, const Recipe& usual = {}) {
  Diagnostics diagnostics(file);
  const auto recipe = read_recipe(file, usual, diagnostics);
  INFO(diagnostics.render());
  REQUIRE(recipe.has_value());
  return *recipe;
}

Recipe must_read(const std::string& text, const Recipe& usual = {}) {
  return must_read(SourceFile("r.yaml", text), usual);
}

rc::Gen<double> any_of(Range<double> range) {
  const auto between = rc::gen::map(rc::gen::inRange(0, 1'000'001), [range](int part) {
    return range.least + (range.most - range.least) * (part / 1e6);
  });
  return rc::gen::oneOf(rc::gen::just(range.least), rc::gen::just(range.most), between);
}

rc::Gen<std::int64_t> any_of(Range<std::int64_t> range) {
  return rc::gen::inRange(range.least, range.most + 1);
}

rc::Gen<Phase> any_phase() {
  return rc::gen::exec([] {
    Phase phase;
    phase.optimizer = *rc::gen::element(Optimizer::adam, Optimizer::sgd);
    phase.learning_rate = *any_of(limits::learning_rate);
    if (phase.optimizer == Optimizer::sgd) phase.momentum = *any_of(limits::momentum);
    phase.epochs = *any_of(limits::epochs);
    return phase;
  });
}

rc::Gen<Recipe> any_recipe() {
  return rc::gen::exec([] {
    Recipe recipe;
    recipe.letters = *rc::gen::element(LetterCase::lower, LetterCase::as_written);
    recipe.scheme = *rc::gen::element(Scheme::blocks, Scheme::windows, Scheme::streams);
    recipe.batch = *any_of(limits::batch);
    if (recipe.scheme == Scheme::streams)
      recipe.reset = *rc::gen::element(Reset::epoch, Reset::never);
    recipe.phases = *rc::gen::nonEmpty(rc::gen::container<std::vector<Phase>>(any_phase()));
    if (recipe.phases.size() > limits::most_phases) recipe.phases.resize(limits::most_phases);
    recipe.clip_norm = *any_of(limits::clip_norm);
    recipe.weight_decay = *any_of(limits::weight_decay);
    recipe.validation = *any_of(limits::validation);
    if (recipe.validation > 0) recipe.patience = *any_of(limits::patience);
    recipe.seed = *rc::gen::arbitrary<std::uint64_t>();
    recipe.precision = *rc::gen::element(Precision::f32, Precision::bf16);
    return recipe;
  });
}

}  // namespace

TEST_CASE("a recipe with everything in it") {
  const Recipe recipe = must_read(
      "# of a long run\n"
      "corpus:   {lowercase: false}\n"
      "batching: {scheme: streams, batch: 64}   # in order\n"
      "state:    {reset: never}\n"
      "phases:\n"
      "  - {optimizer: sgd, learning_rate: 0.1, momentum: 0.9, epochs: 20}\n"
      "  - learning_rate: 1e-2\n"
      "    epochs: 10\n"
      "  - {optimizer: adam, learning_rate: 0.0001, epochs: 2}\n"
      "clip_norm: 5\nweight_decay: 0.01\nvalidation: 0.05\npatience: 3\n"
      "seed: 18446744073709551615\n"
      "precision: bf16\n");
  CHECK(recipe.letters == LetterCase::as_written);
  CHECK(recipe.scheme == Scheme::streams);
  CHECK(recipe.batch == 64);
  CHECK(recipe.reset == Reset::never);
  REQUIRE(recipe.phases.size() == 3);
  CHECK(recipe.phases[0] == Phase{Optimizer::sgd, 0.1, 0.9, 20});
  CHECK(recipe.phases[1] == Phase{Optimizer::sgd, 0.01, 0.9, 10});
  CHECK(recipe.phases[2] == Phase{Optimizer::adam, 0.0001, 0, 2});
  CHECK(recipe.clip_norm == 5);
  CHECK(recipe.weight_decay == 0.01);
  CHECK(recipe.validation == 0.05);
  CHECK(recipe.patience == 3);
  CHECK(recipe.seed == ~std::uint64_t{0});
  CHECK(recipe.precision == Precision::bf16);
}

TEST_CASE("what a recipe leaves out is as usual") {
  Recipe usual;
  usual.scheme = Scheme::windows;
  usual.phases = {{Optimizer::adam, 0.25, 0, 7}};
  usual.seed = 5;
  Recipe expected = usual;
  expected.batch = 32;
  CHECK(must_read("batching: {batch: 32}", usual) == expected);
}

TEST_CASE("what is printed reads back as the same recipe") {
  CHECK(rc::check([] {
    const Recipe recipe = *any_recipe();
    const std::string text = print_recipe(recipe);
    RC_ASSERT(!why_invalid(recipe));
    RC_ASSERT(recipe_from_text(text, "x") == recipe);
    // Nothing is left to what is usual where it is read.
    const SourceFile file("r.yaml", text);
    Diagnostics diagnostics(file);
    const auto elsewhere = read_recipe(file, *any_recipe(), diagnostics);
    RC_ASSERT(elsewhere.has_value());
    RC_ASSERT(print_recipe(*elsewhere) == text);
  }));
}

TEST_CASE("a printed recipe, letter for letter") {
  Recipe recipe;
  recipe.scheme = Scheme::streams;
  recipe.batch = 64;
  recipe.phases = {{Optimizer::adam, 0.001, 0, 20}, {Optimizer::sgd, 0.0001, 0.9, 20}};
  CHECK(print_recipe(recipe) ==
        "corpus: {lowercase: true}\n"
        "batching: {scheme: streams, batch: 64}\n"
        "state: {reset: epoch}\n"
        "phases:\n"
        "  - {optimizer: adam, learning_rate: 0.001, epochs: 20}\n"
        "  - {optimizer: sgd, learning_rate: 0.0001, momentum: 0.9, epochs: 20}\n"
        "clip_norm: 0\nweight_decay: 0\nvalidation: 0\npatience: 0\nseed: 1\nprecision: f32\n");
}

TEST_CASE("a mistake in an artifact's recipe is the artifact's") {
  try {
    recipe_from_text("seed: 1\nbatch: 3\n", "out.coil: its recipe");
    FAIL("it was read");
  } catch (const RunError& error) {
    CHECK(error.code() == ExitCode::bad_artifact);
    CHECK(std::string(error.what()) ==
          "out.coil: its recipe, line 2: unknown key 'batch' in a recipe; it belongs in "
          "'batching'");
  }
}

TEST_CASE("the recipes beside the models are those of the reference") {
  struct Setup {
    const char* model;
    Scheme scheme;
    std::int64_t batch;
    std::vector<std::pair<double, std::int64_t>> phases;  // learning rate, epochs
  };
  const Setup setups[] = {
      {"char3", Scheme::blocks, 512, {{0.01, 3}}},
      {"char_loop", Scheme::windows, 512, {{0.001, 5}}},
      {"char_rnn", Scheme::windows, 512, {{0.001, 5}, {0.0001, 3}}},
      {"char_stateful_rnn", Scheme::streams, 64, {{0.001, 8}, {0.0001, 3}}},
      {"char_stateful_lstm", Scheme::streams, 64, {{0.001, 20}, {0.0001, 20}}},
  };
  for (const Setup& setup : setups) {
    INFO(setup.model);
    const std::string path = std::string(COIL_ROOT) + "/models/" + setup.model;
    CHECK(std::filesystem::exists(path + ".model"));
    Recipe expected;
    expected.scheme = setup.scheme;
    expected.batch = setup.batch;
    expected.phases.clear();
    for (const auto& [rate, epochs] : setup.phases)
      expected.phases.push_back({Optimizer::adam, rate, 0, epochs});
    CHECK(must_read(load_source(path + ".yaml")) == expected);
  }
}

}  // namespace coil

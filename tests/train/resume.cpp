// A run that is stopped, saved, loaded and resumed leaves the bytes of one that never was.

#include <catch2/catch.hpp>

#include "tests/train/models.hpp"

namespace coil::test::resume_test {
namespace {

constexpr std::int64_t all_steps = 200;

// Two rates of one optimizer, then another optimizer: 200 steps end in the fourth epoch.
Recipe three_phases(Scheme scheme) {
  Recipe recipe = recipe_for(scheme);
  recipe.phases = {{Optimizer::adam, 0.01, 0, 1},
                   {Optimizer::adam, 0.003, 0, 1},
                   {Optimizer::sgd, 0.05, 0.9, 4}};
  recipe.clip_norm = 0.5;
  recipe.weight_decay = 0.01;
  return recipe;
}

void train_and_save(Scheme scheme, const Recipe& recipe, std::int64_t steps,
                    const std::string& path) {
  Model model = model_for(scheme);
  Trainer trainer(model, short_text(), "text", recipe, 1);
  train_to(trainer, model, steps);
  trainer.save(path);
}

// Loads, resumes to the end and saves there again.
void resume_and_save(const Recipe& recipe, const std::string& path, std::int64_t steps,
                     int threads = 1) {
  Model model = load_model(path);
  Trainer trainer(model, short_text(), "text", recipe, threads, Start::resume);
  train_to(trainer, model, steps);
  trainer.save(path);
}

}  // namespace

TEST_CASE("200 steps, and some then the rest from a file, leave the same bytes") {
  const TemporaryFolder folder;
  for (const Scheme scheme : {Scheme::blocks, Scheme::windows, Scheme::streams}) {
    const Recipe recipe = three_phases(scheme);
    train_and_save(scheme, recipe, all_steps, folder / "whole.coil");
    const std::string whole = bytes_of(folder / "whole.coil");
    REQUIRE(whole.size() > 1000);
    Model model = model_for(scheme);
    const std::int64_t epoch = Trainer(model, short_text(), "text", recipe, 1).steps_per_epoch();
    CHECK(2 * epoch < all_steps);  // into the other optimizer
    CHECK(all_steps % epoch != 0);
    for (const std::int64_t cut : {std::int64_t{1}, std::int64_t{37}, epoch, epoch + 1,
                                   std::int64_t{100}, 2 * epoch, 2 * epoch + 5}) {
      INFO(to_string(scheme) << ", cut at " << cut << ", epochs of " << epoch);
      train_and_save(scheme, recipe, cut, folder / "cut.coil");
      CHECK(bytes_of(folder / "cut.coil") != whole);
      resume_and_save(recipe, folder / "cut.coil", all_steps);
      CHECK(bytes_of(folder / "cut.coil") == whole);
    }
  }
}

TEST_CASE("a run cut many times, and at other numbers of threads, leaves the same bytes") {
  const TemporaryFolder folder;
  for (const Scheme scheme : {Scheme::windows, Scheme::streams}) {
    const Recipe recipe = three_phases(scheme);
    train_and_save(scheme, recipe, all_steps, folder / "whole.coil");
    train_and_save(scheme, recipe, 3, folder / "cut.coil");
    int threads = 1;
    for (std::int64_t steps = 3; steps < all_steps; steps += 41) {
      resume_and_save(recipe, folder / "cut.coil", std::min(steps + 41, all_steps), threads);
      threads = 3 - threads;
    }
    INFO(to_string(scheme));
    CHECK(bytes_of(folder / "cut.coil") == bytes_of(folder / "whole.coil"));
  }
}

TEST_CASE("a run keeps to the lowering that it began with, unless it is told another") {
  const TemporaryFolder folder;
  const Recipe recipe = three_phases(Scheme::streams);
  const auto trained = [&](Lowering lowering, std::int64_t steps, const std::string& path) {
    Model model = model_for(Scheme::streams);
    Trainer trainer(model, short_text(), "text", recipe, Execution(1, lowering));
    train_to(trainer, model, steps);
    trainer.save(path);
    return bytes_of(path);
  };
  const auto resumed = [&](const std::string& path, std::optional<Lowering> lowering) {
    Model model = load_model(path);
    Trainer trainer(model, short_text(), "text", recipe, Execution(1, lowering), Start::resume);
    train_to(trainer, model, all_steps);
    CHECK(model.training->lowering == trainer.lowering());
    trainer.save(path);
    return bytes_of(path);
  };
  for (const LoweringRow& row : lowerings()) {
    INFO(row.name);
    const std::string whole = trained(row.lowering, all_steps, folder / "whole.coil");
    trained(row.lowering, 61, folder / "cut.coil");
    CHECK(resumed(folder / "cut.coil", std::nullopt) == whole);
    trained(row.lowering, 61, folder / "cut.coil");
    const Lowering other =
        row.lowering == Lowering::hoisted ? Lowering::unrolled : Lowering::hoisted;
    CHECK(resumed(folder / "cut.coil", other) != whole);
    CHECK(load_model(folder / "cut.coil").training->lowering == other);
  }
}

TEST_CASE("a file saved after the last step of an epoch, before its end, resumes exactly too") {
  const TemporaryFolder folder;
  Recipe recipe = recipe_for(Scheme::streams);
  recipe.validation = 0.2;
  Model model = model_for(Scheme::streams);
  Trainer trainer(model, short_text(), "text", recipe, 1);
  trainer.run_epoch([&](const StepReport& report) {
    if (report.step == report.steps) trainer.save(folder / "last_step.coil");
    return true;
  });
  trainer.save(folder / "epoch.coil");
  Model loaded = load_model(folder / "last_step.coil");
  CHECK(loaded.training->epochs == 0);
  Trainer resumed(loaded, short_text(), "text", recipe, 1, Start::resume);
  CHECK(resumed.report().step == resumed.steps_per_epoch());
  int steps = 0;
  CHECK(resumed.run_epoch([&](const StepReport&) { return ++steps > 0; }));
  CHECK(steps == 0);
  resumed.save(folder / "last_step.coil");
  CHECK(bytes_of(folder / "last_step.coil") == bytes_of(folder / "epoch.coil"));
}

TEST_CASE("states that are never reset go from epoch to epoch, through a file too") {
  const TemporaryFolder folder;
  Recipe recipe = three_phases(Scheme::streams);
  const auto losses = [&](Reset reset) {
    recipe.reset = reset;
    Model model = model_for(Scheme::streams);
    Trainer trainer(model, short_text(), "text", recipe, 1);
    std::vector<double> first;
    for (int epoch = 0; epoch < 3; ++epoch)
      trainer.run_epoch([&](const StepReport& report) {
        if (report.step == 1) first.push_back(report.loss);
        return true;
      });
    return first;
  };
  const auto reset = losses(Reset::epoch), never = losses(Reset::never);
  CHECK(reset[0] == never[0]);
  CHECK(reset[1] != never[1]);

  for (const int epochs : {1, 2}) {
    Model model = model_for(Scheme::streams);
    Trainer trainer(model, short_text(), "text", recipe, 1);
    for (int i = 0; i < epochs; ++i) trainer.run_epoch(go_on);
    trainer.save(folder / "cut.coil");
    train_to(trainer, model, all_steps);
    trainer.save(folder / "whole.coil");
    resume_and_save(recipe, folder / "cut.coil", all_steps);
    CHECK(bytes_of(folder / "cut.coil") == bytes_of(folder / "whole.coil"));
  }
}

TEST_CASE("stopping and going on in memory is as if nothing had been") {
  for (const Scheme scheme : {Scheme::blocks, Scheme::windows, Scheme::streams}) {
    const Recipe recipe = recipe_for(scheme);
    Model whole = model_for(scheme), parts = model_for(scheme);
    Trainer trainer(whole, short_text(), "text", recipe, 1);
    train_to(trainer, whole, 130);
    Trainer stopping(parts, short_text(), "text", recipe, 1);
    for (std::int64_t steps = 7; steps < 130; steps += 7) train_to(stopping, parts, steps);
    train_to(stopping, parts, 130);
    CHECK(same_bits(weights_of(whole), weights_of(parts)));
    CHECK(whole.training->loss_sum == parts.training->loss_sum);
  }
}

TEST_CASE("a rate phase keeps the moments, another optimizer starts anew") {
  const TemporaryFolder folder;
  const Recipe recipe = three_phases(Scheme::windows);
  Model model = model_for(Scheme::windows);
  Trainer trainer(model, short_text(), "text", recipe, 1);
  const std::int64_t epoch = trainer.steps_per_epoch();
  train_to(trainer, model, epoch + 1);
  CHECK(model.training->updates == epoch + 1);
  CHECK(trainer.report().phase == 2);
  CHECK(trainer.report().learning_rate == 0.003);
  train_to(trainer, model, 2 * epoch + 1);
  CHECK(model.training->optimizer == Optimizer::sgd);
  CHECK(model.training->updates == 1);
  CHECK(trainer.report().phase == 3);
}

TEST_CASE("a finished run goes on where its recipe is given more epochs") {
  const TemporaryFolder folder;
  Recipe recipe = recipe_for(Scheme::windows);
  recipe.phases[0].epochs = 2;
  Recipe longer = recipe;
  longer.phases[0].epochs = 3;
  Model whole = model_for(Scheme::windows);
  Trainer trainer(whole, short_text(), "text", longer, 1);
  while (!trainer.done()) trainer.run_epoch(go_on);
  trainer.save(folder / "whole.coil");

  train_and_save(Scheme::windows, recipe, 1'000'000, folder / "cut.coil");
  CHECK(load_model(folder / "cut.coil").training->epochs == 2);
  resume_and_save(longer, folder / "cut.coil", 1'000'000);
  CHECK(bytes_of(folder / "cut.coil") == bytes_of(folder / "whole.coil"));
}

TEST_CASE("a file without what resuming needs still runs and trains afresh") {
  const TemporaryFolder folder;
  train_and_save(Scheme::windows, recipe_for(Scheme::windows), 30, folder / "m.coil");
  Model model = load_model(folder / "m.coil");
  CHECK_FALSE(model.training_tensors.empty());
  model.training_tensors.clear();
  save_model(folder / "light.coil", model);
  CHECK(bytes_of(folder / "light.coil").size() < 0.6 * bytes_of(folder / "m.coil").size());
  Model light = load_model(folder / "light.coil");
  CHECK(same_bits(weights_of(light), weights_of(model)));
  const Recipe recipe = recipe_for(Scheme::windows);
  CHECK(failure_of([&] {
          Trainer(light, short_text(), "text", recipe, 1, Start::resume);
        }).find("3: what resuming needs is not in the model's file: 'training/mean/") == 0);
  Trainer fresh(light, short_text(), "text", recipe, 1);
  fresh.run_epoch(go_on);
  CHECK(light.training->epochs == 1);
}

}  // namespace coil::test::resume_test

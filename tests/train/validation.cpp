#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "compiler/graph/evaluate.hpp"
#include "compiler/graph/faces.hpp"
#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/runner.hpp"

#include "tests/train/models.hpp"

namespace coil::test {
namespace {

// The loss on a text by the interpreter: one row that reads it window by window, or every window by itself.
double loss_by_interpreter(const Model& model, const std::string& text, std::int64_t steps,
                           bool carried, bool every) {
  const Graph graph = Runner().derive(model.graph, Entry::loss);
  const auto characters = model.vocabulary->encode(text, "text");
  Feeds feeds;
  for (const Node& node : graph.nodes())
    if (const auto* weight = std::get_if<WeightAttributes>(&node.attributes)) {
      const std::string& name = weight->piece.of.empty() ? weight->name.text : weight->piece.of;
      const Shape& shape = weight->piece.of.empty() ? node.types[0].shape : weight->piece.whole;
      const auto values = model.store.stored(name);
      feeds[name] = {shape.dims, {values.begin(), values.end()}};
    } else if (node.op == Op::state) {
      feeds[std::string(leaf_name(node))] = {
          concrete_dims(node.types[0].shape, 1),
          std::vector<double>(static_cast<std::size_t>(count(node.types[0].shape, 1)))};
    }
  double sum = 0;
  std::int64_t windows = 0;
  for (std::int64_t begin = 0; begin + steps < std::ssize(characters);
       begin += carried ? steps : 1, ++windows) {
    const auto at = characters.begin() + begin;
    feeds["c"] = {{1, steps}, {at, at + steps}};
    if (every)
      feeds[target_name] = {{1, steps}, {at + 1, at + steps + 1}};
    else
      feeds[target_name] = {{1}, {static_cast<double>(at[steps])}};
    const auto outputs = evaluate(graph, feeds, 1);
    sum += outputs.at(loss_name).values[0];
    for (auto& [name, array] : feeds)
      if (const auto update = outputs.find("update:" + name); carried && update != outputs.end())
        array = update->second;
  }
  return sum / static_cast<double>(windows);
}

std::string end_of(const std::string& text, double share) {
  const auto held = static_cast<std::size_t>(static_cast<double>(text.size()) * share);
  return text.substr(text.size() - held);
}

}  // namespace

TEST_CASE("the loss on what is held out is that of the model as it predicts") {
  Recipe recipe = recipe_for(Scheme::windows);
  recipe.validation = 0.1;
  Model model = model_for(Scheme::windows);
  Trainer trainer(model, short_text(), "text", recipe, 1);
  CHECK(trainer.held_out() == 150 - 4);
  trainer.run_epoch(go_on);
  CHECK(
      model.training->validation_loss ==
      Approx(loss_by_interpreter(model, end_of(short_text(), 0.1), 4, false, false)).epsilon(1e-5));
}

TEST_CASE("in streams the held-out end is read with a state of its own") {
  Recipe recipe = recipe_for(Scheme::streams);
  recipe.batch = 1;
  recipe.validation = 0.1;
  Model model = model_for(Scheme::streams);
  Trainer trainer(model, short_text(), "text", recipe, 1);
  trainer.run_epoch(go_on);
  const std::string end = end_of(short_text(), 0.1);
  CHECK(model.training->validation_loss ==
        Approx(loss_by_interpreter(model, end, 4, true, true)).epsilon(1e-5));
  CHECK(model.training->validation_loss !=
        Approx(loss_by_interpreter(model, end, 4, false, true)).epsilon(1e-3));
}

TEST_CASE("what predicts from packed pieces sees what was learnt of their joints") {
  constexpr std::int64_t rows = 6;
  Model model = model_for(Scheme::streams);
  Executable learns(model.graph, Entry::train_step, model.store, Execution(1, Lowering::hoisted),
                    rows);
  const Execution by_pieces(1, Lowering::unrolled);
  Executable predicts(model.graph, Entry::predict, model.store, by_pieces, rows);
  const auto predicted = [&](Executable& executable) {
    Program& program = executable.at(rows);
    program.reset_states();
    program.run();
    const auto found = program.output(executable.graph().outputs[0].name);
    return std::vector<float>(found.begin(), found.end());
  };
  const auto has_joint = [](const Graph& graph) {
    return std::ranges::any_of(graph.nodes(), joint_of);
  };
  REQUIRE(has_joint(learns.graph()));
  REQUIRE_FALSE(has_joint(predicts.graph()));
  std::vector<float> before = predicted(predicts);
  for (int step = 1; step <= 3; ++step) {
    Program& program = learns.at(rows);
    program.real_input(rate_name)[0] = 0.1f;
    program.real_input(update_number_name)[0] = static_cast<float>(step);
    program.real_input(clip_name)[0] = std::numeric_limits<float>::infinity();
    program.run();
    model.store.touch();
    Model other = model_for(Scheme::streams);
    for (const StoredWeight& weight : stored_weights(model.graph))
      other.store.set_stored(weight.name, model.store.stored(weight.name));
    Executable anew(other.graph, Entry::predict, other.store, by_pieces, rows);
    const std::vector<float> now = predicted(predicts);
    CHECK(same_bits(now, predicted(anew)));
    CHECK_FALSE(same_bits(now, before));
    before = now;
  }
}

TEST_CASE("what is held out changes nothing of the training on the rest") {
  for (const Scheme scheme : {Scheme::blocks, Scheme::windows, Scheme::streams}) {
    Recipe recipe = recipe_for(scheme);
    recipe.reset = scheme == Scheme::streams ? Reset::never : Reset::epoch;
    Model with = model_for(scheme), without = model_for(scheme);
    const std::string text = short_text();
    const std::string rest = text.substr(0, text.size() - end_of(text, 0.3).size());
    Trainer shorter(without, rest, "text", recipe, 1);
    recipe.validation = 0.3;
    Trainer holding(with, text, "text", recipe, 1);
    CHECK(shorter.held_out() == 0);
    CHECK(shorter.samples() == holding.samples());
    for (int i = 0; i < 2; ++i) {
      shorter.run_epoch(go_on);
      holding.run_epoch(go_on);
    }
    INFO(to_string(scheme));
    CHECK(same_bits(weights_of(with), weights_of(without)));
    CHECK(with.training->loss == without.training->loss);
    CHECK(std::isnan(without.training->validation_loss));
    CHECK(std::isfinite(with.training->validation_loss));
  }
}

TEST_CASE("patience ends a run that no longer gets better, before and after a resume alike") {
  const TemporaryFolder folder;
  // The end contradicts what is learnt from the rest.
  std::string text, end;
  while (text.size() < 1200) text += "pack my box ";
  while (end.size() < 300) end += "xob ym kcap ";
  Recipe recipe = recipe_for(Scheme::windows);
  recipe.phases[0].epochs = 40;
  recipe.validation = 0.2;
  recipe.patience = 3;
  Model model = model_for(Scheme::windows);
  Trainer trainer(model, text + end, "text", recipe, 1);
  std::vector<double> losses;
  while (!trainer.done()) {
    trainer.run_epoch(go_on);
    losses.push_back(model.training->validation_loss);
    if (model.training->epochs_since_best == 2) trainer.save(folder / "cut.coil");
  }
  trainer.save(folder / "whole.coil");
  CHECK(trainer.stopped_early());
  CHECK(losses.size() < 40);
  const auto best = std::min_element(losses.begin(), losses.end());
  CHECK(losses.end() - best == 4);
  CHECK(model.training->best_validation == *best);

  Model resumed = load_model(folder / "cut.coil");
  Trainer again(resumed, text + end, "text", recipe, 1, Start::resume);
  CHECK_FALSE(again.done());
  again.run_epoch(go_on);
  CHECK(again.stopped_early());
  again.save(folder / "cut.coil");
  CHECK(bytes_of(folder / "cut.coil") == bytes_of(folder / "whole.coil"));
}

TEST_CASE("an end too short to measure, and a rest too short to train on, are refused") {
  Model model = model_for(Scheme::windows);
  Recipe recipe = recipe_for(Scheme::windows);
  recipe.validation = 0.001;
  CHECK(failure_of([&] {
          Trainer(model, short_text(), "text", recipe, 1);
        }).find("1: the end of text that is held out for validation: the text has 1 characters") ==
        0);
  recipe.validation = 0.9;
  CHECK(failure_of([&] {
          Trainer(model, "pack my box with five", "text", recipe, 1);
        }).find("1: text: the text has 3 characters") == 0);
}

}  // namespace coil::test

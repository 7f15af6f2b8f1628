// How the recipe that is followed comes about: what is usual, the file, the command line.

#include <catch2/catch.hpp>

#include "runtime/model/model.hpp"

#include "tests/cli/process.hpp"

namespace coil::test {
namespace {

const std::string two_phases =
    "batching: {scheme: windows, batch: 100}\n"
    "phases:\n"
    "  - {optimizer: adam, learning_rate: 0.02, epochs: 2}\n"
    "  - {learning_rate: 0.002, epochs: 1}\n"
    "seed: 4\n";

// What --dry-run prints, without its remarks.
std::string recipe_of(const Result& result) {
  INFO(result.err);
  REQUIRE(result.code == 0);
  std::string text;
  for (std::size_t begin = 0; begin < result.out.size();) {
    const std::size_t end = result.out.find('\n', begin) + 1;
    if (result.out[begin] != '#') text += result.out.substr(begin, end - begin);
    begin = end;
  }
  return text;
}

struct Recipes : Corpus {
  Recipes() { write("two.yaml", two_phases); }
  std::string phases(const Words& more) const {
    Words words = {"--recipe", "two.yaml", "--dry-run"};
    words.insert(words.end(), more.begin(), more.end());
    const std::string text = recipe_of(train(words));
    const std::size_t begin = text.find("phases:\n") + 8;
    return text.substr(begin, text.find("clip_norm") - begin);
  }
};

}  // namespace

TEST_CASE_METHOD(Recipes,
                 "a dry run prints the recipe and what it comes to, and does nothing else") {
  const Result result = run({"coil", "train", "tiny.model", "--corpus", "text.txt", "--recipe",
                             "two.yaml", "--dry-run", "--threads", "1"});
  CHECK(result.out ==
        "# Tiny on text.txt: 196 parameters, 978 samples, 10 steps an epoch, 3 epochs\n"
        "corpus: {lowercase: true}\n"
        "batching: {scheme: windows, batch: 100}\n"
        "phases:\n"
        "  - {optimizer: adam, learning_rate: 0.02, epochs: 2}\n"
        "  - {optimizer: adam, learning_rate: 0.002, epochs: 1}\n"
        "clip_norm: 0\nweight_decay: 0\nvalidation: 0\npatience: 0\nseed: 4\nprecision: f32\n");
  CHECK(result.err.empty());
  CHECK(files() == 5);  // the model, the text, the recipe, out and err
}

TEST_CASE_METHOD(Recipes, "a dry run's output is the recipe of that run") {
  REQUIRE(train({"--recipe", "two.yaml"}, "tiny.model", "a.coil").code == 0);
  write("my.yaml", train({"--recipe", "two.yaml", "--dry-run"}).out);
  REQUIRE(train({"--recipe", "my.yaml"}, "tiny.model", "b.coil").code == 0);
  CHECK((read("a.coil") == read("b.coil")));
}

TEST_CASE_METHOD(Recipes, "without a recipe: what is usual with the model") {
  CHECK(recipe_of(train({"--dry-run"})) ==
        "corpus: {lowercase: true}\n"
        "batching: {scheme: blocks, batch: 512}\n"
        "phases:\n"
        "  - {optimizer: adam, learning_rate: 0.01, epochs: 3}\n"
        "clip_norm: 0\nweight_decay: 0\nvalidation: 0\npatience: 0\nseed: 1\nprecision: f32\n");
}

TEST_CASE_METHOD(Recipes, "the command line wins over the recipe") {
  CHECK(
      recipe_of(train(
          {"--recipe", "two.yaml",    "--dry-run", "--case",          "as-written", "--scheme",
           "streams",  "--batch",     "7",         "--reset",         "never",      "--optimizer",
           "sgd",      "--momentum",  "0.5",       "--learning-rate", "0.3",        "--epochs",
           "9",        "--clip-norm", "2",         "--weight-decay",  "0.1",        "--validation",
           "0.2",      "--patience",  "4",         "--seed",          "8"})) ==
      "corpus: {lowercase: false}\n"
      "batching: {scheme: streams, batch: 7}\n"
      "state: {reset: never}\n"
      "phases:\n"
      "  - {optimizer: sgd, learning_rate: 0.3, momentum: 0.5, epochs: 9}\n"
      "clip_norm: 2\nweight_decay: 0.1\nvalidation: 0.2\npatience: 4\nseed: 8\nprecision: f32\n");
}

TEST_CASE_METHOD(Recipes, "--epochs counts through the phases, other words are of all of them") {
  CHECK(phases({"--epochs", "1"}) == "  - {optimizer: adam, learning_rate: 0.02, epochs: 1}\n");
  CHECK(phases({"--epochs", "2"}) == "  - {optimizer: adam, learning_rate: 0.02, epochs: 2}\n");
  CHECK(phases({"--epochs", "7"}) ==
        "  - {optimizer: adam, learning_rate: 0.02, epochs: 2}\n"
        "  - {optimizer: adam, learning_rate: 0.002, epochs: 5}\n");
  CHECK(phases({"--learning-rate", "0.1"}) ==
        "  - {optimizer: adam, learning_rate: 0.1, epochs: 3}\n");
  CHECK(phases({"--optimizer", "sgd"}) ==
        "  - {optimizer: sgd, learning_rate: 0.02, momentum: 0, epochs: 2}\n"
        "  - {optimizer: sgd, learning_rate: 0.002, momentum: 0, epochs: 1}\n");
}

TEST_CASE_METHOD(Recipes, "what was followed is in the artifact, and each phase has its rate") {
  const Result result = train({"--recipe", "two.yaml"});
  CHECK(result.code == 0);
  CHECK(count_lines(result.out) == 3);
  CHECK(result.out.find("Epoch 3/3 - ") != std::string::npos);
  // Said once, where it changes.
  CHECK(result.out.find(" - learning rate: 0.002\n") == result.out.size() - 24);
  const Recipe recipe = load_model(path("out.coil")).training->recipe;
  CHECK(recipe.scheme == Scheme::windows);
  CHECK(recipe.batch == 100);
  CHECK(recipe.seed == 4);
  CHECK(recipe.phases.size() == 2);
  // A trained model's recipe is what is usual with it.
  CHECK(recipe_of(train({"--dry-run"}, "out.coil", "more.coil")).find("epochs: 2") !=
        std::string::npos);
}

TEST_CASE_METHOD(Recipes, "held-out text is measured, and patience ends the run") {
  const Result result = train({"--recipe", "two.yaml", "--validation", "0.2"});
  CHECK(result.code == 0);
  CHECK(result.out.find(" - val_loss: ") != std::string::npos);
  CHECK(std::isfinite(load_model(path("out.coil")).training->validation_loss));
  CHECK(recipe_of(train({"--recipe", "two.yaml", "--validation", "0.2", "--dry-run"}))
            .find("validation: 0.2\n") != std::string::npos);
  // The end is the same backwards: what is learnt of the beginning soon does harm there.
  const std::string text = tiny_text();
  write("text.txt", text + std::string(text.rend() - 100, text.rend()));
  const Result early = train({"--validation", "0.09", "--patience", "1", "--epochs", "500"});
  INFO(early.out << early.err);
  CHECK(early.code == 0);
  CHECK(count_lines(early.out) < 500);
  CHECK(early.err.find("(no better val_loss for 1 epoch)\n") != std::string::npos);
  const Result again = train({"--resume"});
  CHECK(again.code == 0);
  CHECK(again.err.find("is through already") != std::string::npos);
  CHECK(again.err.find("more --patience would go on") != std::string::npos);
  const Result more = train({"--resume", "--patience", "3"});
  CHECK(more.code == 0);
  CHECK(count_lines(more.out) >= 2);
}

TEST_CASE_METHOD(Recipes, "mistakes in a recipe: exit 1, with places, before anything is written") {
  write("bad.yaml", "batching: {sheme: windows, batch: 0}\n");
  const Result bad = train({"--recipe", "bad.yaml"});
  CHECK(bad.code == 1);
  CHECK(bad.err.find("bad.yaml:1:12: error: unknown key 'sheme' in batching; did you mean "
                     "'scheme'?\n") == 0);
  CHECK(bad.err.find("bad.yaml:1:35: error: 'batch' is '0', ") != std::string::npos);
  CHECK(train({"--recipe", "missing.yaml"}).code == 5);
  CHECK(train({"--recipe", "."}).code == 5);
  CHECK_FALSE(has("out.coil"));
}

TEST_CASE_METHOD(Recipes, "words that do not go together: exit 2, and why") {
  const auto told = [&](const Words& words, const std::string& part) {
    const Result result = train(words);
    INFO(result.err);
    CHECK(result.code == 2);
    CHECK(result.err.find(part) != std::string::npos);
  };
  told({"--momentum", "0.9"}, "momentum is of sgd");
  told({"--patience", "3"}, "patience waits for a better validation loss");
  told({"--reset", "never"}, "streams alone");
  told({"--metrics-every", "3"}, "--metrics-every needs --metrics");
  told({"--validation", "1"}, "--validation: '1' is not a number from 0 to 0.9");
  told({"--optimizer", "adm"}, "did you mean 'adam'?");
  told({"--steps", "0"}, "--steps: '0' is not a whole number from 1");
  const Result no_out = run({"coil", "train", "tiny.model", "--corpus", "text.txt"});
  CHECK(no_out.code == 2);
  CHECK(no_out.err.find("-o is required") != std::string::npos);
}

}  // namespace coil::test

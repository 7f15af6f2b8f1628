// Reading and writing: many rows, long prompts, windows.

#include <catch2/catch.hpp>

#include "compiler/source/utf8.hpp"

#include "runtime/generate/generator.hpp"

#include "tests/model/text_models.hpp"
#include "tests/train/models.hpp"

namespace coil::test::rows_test {
namespace {

GenerateOptions lively(std::int64_t rows, std::uint64_t seed) {
  GenerateOptions options;
  options.sampling.temperature = 1;
  options.seed = seed;
  options.rows = rows;
  return options;
}

// What each row writes.
std::vector<std::string> written(Model& model, const GenerateOptions& options,
                                 const std::string& prompt, int n) {
  Generator generator(model, options);
  generator.prompt(prompt);
  std::vector<std::string> texts(static_cast<std::size_t>(options.rows));
  for (int i = 0; i < n; ++i) {
    const auto chosen = generator.choose();
    for (std::size_t row = 0; row < texts.size(); ++row)
      append_utf8(texts[row], model.vocabulary->at(static_cast<std::size_t>(chosen[row])));
  }
  return texts;
}

// The probabilities after a text, by character.
std::vector<double> predicted(Generator& generator) {
  std::map<char32_t, double> by_character;
  for (const Candidate& candidate : generator.candidates())
    by_character[candidate.character] = candidate.probability;
  std::vector<double> probabilities;
  for (const auto& [character, p] : by_character) probabilities.push_back(p);
  return probabilities;
}

void check_close(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == Approx(b[i]).epsilon(1e-5));
}

}  // namespace

TEST_CASE("rows write what each would alone with its seed") {
  for (const Scheme scheme : {Scheme::blocks, Scheme::windows, Scheme::streams}) {
    Model model = model_for(scheme);
    const auto together = written(model, lively(8, 10), "pack my box with", 60);
    for (std::uint64_t row = 0; row < 8; ++row)
      CHECK(together[row] == written(model, lively(1, 10 + row), "pack my box with", 60)[0]);
    CHECK(together[0] != together[1]);
  }
}

TEST_CASE("a long text read in larger pieces is the same text") {
  Model model = model_for(Scheme::streams);  // of four steps
  std::string text;
  while (text.size() < 1003) text += "pack my box with five dozen jugs; ";
  Generator whole(model, {});
  whole.prompt(text);
  Generator bit_by_bit(model, {});
  bit_by_bit.prompt(text.substr(0, 1));
  for (std::size_t at = 1; at < text.size(); at += 3) {  // too little at a time for larger pieces
    bit_by_bit.append(text.substr(at, 3));
    while (bit_by_bit.read_ahead()) {
    }
  }
  check_close(predicted(whole), predicted(bit_by_bit));
}

TEST_CASE("reading ahead stops in between, and does not change what comes") {
  Model model = model_for(Scheme::streams);
  const std::string text(5000, 'a');
  Generator ahead(model, lively(1, 3)), at_once(model, lively(1, 3));
  ahead.prompt(text);
  at_once.prompt(text);
  int pieces = 0;
  CHECK_FALSE(ahead.is_read());
  while (ahead.read_ahead()) ++pieces;
  CHECK(ahead.is_read());
  CHECK(pieces > 10);
  CHECK(ahead.next() == at_once.next());
  check_close(predicted(ahead), predicted(at_once));
}

TEST_CASE("a model with a memory reads each character once, whatever its text reads a call") {
  Model model = model_for(Scheme::streams);
  Generator generator(model, {});
  CHECK(generator.window() == 1);
  // What stands far before the window counts.
  generator.prompt("box with five dozen");
  const auto one = predicted(generator);
  generator.prompt("jug with five dozen");
  CHECK(one != predicted(generator));
}

TEST_CASE("a model without a memory sees its window and nothing before it") {
  Model model = model_for(Scheme::windows);
  Generator generator(model, {});
  CHECK(generator.window() == 4);
  generator.prompt("box with five dozen");
  const auto one = predicted(generator);
  generator.prompt("jug with five dozen");
  CHECK(one == predicted(generator));
  generator.prompt("jug with five dozes");
  CHECK(one != predicted(generator));
}

TEST_CASE("overlapping windows go into a live state, as in the tutorial") {
  Model model = model_for(Scheme::streams);
  GenerateOptions options;
  options.overlapping = true;
  Generator generator(model, options);
  CHECK(generator.window() == 4);
  generator.prompt("pack");
  // By hand: the model's own graph on "pack", then on "ack" and what was chosen, with the state that is there.
  Executable executable(model.graph, Entry::predict, model.store, 1);
  Program& program = executable.at(1);
  std::string window = "pack";
  for (int i = 0; i < 20; ++i) {
    const auto input = program.index_input("c");
    for (std::size_t k = 0; k < 4; ++k)
      input[k] = *model.vocabulary->index_of(static_cast<char32_t>(window[k]));
    program.run();
    const auto face = text_face(model.graph);
    const auto last =
        program.output(face->output).last(face->classes).first(model.vocabulary->size());
    const auto likeliest = static_cast<std::size_t>(std::ranges::max_element(last) - last.begin());
    const char32_t chosen = generator.next();
    REQUIRE(chosen == model.vocabulary->at(likeliest));
    window = window.substr(1) + static_cast<char>(chosen);
  }
}

}  // namespace coil::test::rows_test

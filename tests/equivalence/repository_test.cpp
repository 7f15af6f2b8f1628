// The spellings in models/ and examples/ that are one graph, and those that are not.

#include <catch2/catch.hpp>

#include "tests/equivalence/texts.hpp"

namespace coil::test {
namespace {

struct Spelling {
  const char* path;
  const char* model;
  std::vector<Definition> definitions;
};

FromText made(const Spelling& spelling) {
  return compiled_file(spelling.path, spelling.model, spelling.definitions);
}

// Small enough for the interpreter.
const std::vector<Definition> small = {{"vocab", "5"}, {"factors", "3"}, {"hidden", "4"}};

}  // namespace

TEST_CASE("Each family of spellings is one graph") {
  const std::vector<std::vector<Spelling>> families = {
      {{"models/char3.model", "", {}}, {"models/char_loop.model", "", {{"steps", "3"}}}},
      {{"models/char_rnn.model", "", {}},
       {"examples/hand_rnn.model", "HandRnn", {}},
       {"examples/hand_rnn.model", "HandRnnPasted", {}},
       {"examples/hand_rnn.model", "HandRnnCell", {}},
       {"examples/hand_rnn.model", "HandRnnSteps", {}}},
      {{"models/char_stateful_lstm.model", "", {}},
       {"examples/hand_lstm.model", "HandLSTM", {}},
       {"examples/hand_lstm.model", "HandCellLSTM", {}},
       {"examples/hand_lstm_unrolled.model", "", {}}},
      {{"examples/hand_gru.model", "PreludeGRU", {}},
       {"examples/hand_gru.model", "HandGRU", {}},
       {"examples/hand_gru.model", "HandGRUCell", {}}},
      {{"examples/hand_gru.model", "PreludeGRUBefore", {}},
       {"examples/hand_gru.model", "HandGRUBefore", {}}},
  };
  std::vector<std::string> hashes;
  for (const auto& family : families) {
    const FromText first = made(family[0]);
    for (const Spelling& spelling : family) {
      INFO(spelling.path << " " << spelling.model);
      CHECK(made(spelling).name() == first.name());
      Spelling little = spelling;
      little.definitions.insert(little.definitions.end(), small.begin(), small.end());
      CHECK(gap(made(little), 5) < 1e-9);
    }
    hashes.push_back(first.name());
  }
  hashes.push_back(compiled_file("models/char_loop.model").name());
  for (std::size_t i = 0; i < hashes.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) CHECK(hashes[i] != hashes[j]);
}

TEST_CASE("Models of one spelling compute what their text says") {
  for (const char* path :
       {"models/char_loop.model", "models/char_stateful_rnn.model", "examples/mingru.model"}) {
    INFO(path);
    CHECK(gap(compiled_file(path, "", small), 5) < 1e-9);
  }
}

}  // namespace coil::test

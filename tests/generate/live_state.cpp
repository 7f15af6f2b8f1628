// States: what is written goes on where it ended, and what does not belong is refused by name.

#include "runtime/generate/live_state.hpp"

#include <catch2/catch.hpp>

#include "compiler/source/utf8.hpp"

#include "runtime/artifact/artifact.hpp"
#include "runtime/generate/generator.hpp"

#include "tests/model/text_models.hpp"
#include "tests/train/models.hpp"

namespace coil::test {
namespace {

std::string write_on(Generator& generator, int n) {
  std::string text;
  for (int i = 0; i < n; ++i) append_utf8(text, generator.next());
  return text;
}

GenerateOptions lively(std::uint64_t seed = 5) {
  GenerateOptions options;
  options.sampling.temperature = 1;
  options.sampling.repeat_penalty = 1.3;
  options.sampling.repeat_last_n = 100;
  options.seed = seed;
  return options;
}

// A state of `model` after some text.
LiveState state_of(Model& model, const GenerateOptions& options = lively()) {
  Generator generator(model, options);
  generator.prompt("pack my box");
  generator.choose();
  LiveState state = generator.state();
  state.identity = identity_of(model);
  return state;
}

struct Saved {
  TemporaryFolder folder;
  Model model = model_for(Scheme::streams);
  std::string path = folder / "state";
  Saved() { save_state(path, state_of(model)); }

  std::string refusal(const std::function<void(Artifact&)>& change) const {
    Artifact artifact = load_artifact(path);
    change(artifact);
    save_artifact(folder / "changed", artifact);
    return failure_of([&] {
      const LiveState state = load_state(folder / "changed");
      check_state(state, "changed", identity_of(model), model.graph, 1, "the batch");
    });
  }
  std::string mismatch(const Model& other, std::int64_t rows = 1) const {
    return failure_of([&] {
      check_state(load_state(path), "state", identity_of(other), other.graph, rows,
                  "the batch of the arrays");
    });
  }
};

}  // namespace

TEST_CASE("200 characters and 200 more through a file are 400, for every kind of model") {
  const TemporaryFolder folder;
  for (const Scheme scheme : {Scheme::blocks, Scheme::windows, Scheme::streams})
    for (const bool overlapping : {false, true}) {
      Model model = model_for(scheme);
      GenerateOptions options = lively();
      options.overlapping = overlapping;
      Generator whole(model, options);
      whole.prompt("jugs; pack my box with five dozen");
      const std::string all = write_on(whole, 400);

      Generator first(model, options);
      first.prompt("jugs; pack my box with five dozen");
      const std::string before = write_on(first, 200);
      LiveState state = first.state();
      state.identity = identity_of(model);
      save_state(folder / "state", state);

      Generator second(model, options);
      const LiveState loaded = load_state(folder / "state");
      check_state(loaded, "state", identity_of(model), model.graph, 1, "the batch");
      second.restore(loaded, "state");
      CHECK(before + write_on(second, 200) == all);
      CHECK(write_on(first, 200) ==
            write_on(whole, 0) + all.substr(200));  // saving changes nothing
    }
}

TEST_CASE("a prompt can be read in two runs") {
  Model model = model_for(Scheme::streams);
  Generator whole(model, lively());
  whole.prompt("pack my box with");
  Generator first(model, lively());
  first.prompt("pack my ");
  const LiveState state = first.state();
  Generator second(model, lively());
  second.restore(state, "state");
  second.append("box with");
  CHECK(write_on(second, 50) == write_on(whole, 50));
}

TEST_CASE_METHOD(Saved, "equal states are equal bytes, and are read back as they were") {
  save_state(folder / "again", state_of(model));
  CHECK(bytes_of(folder / "again") == bytes_of(path));
  const LiveState state = load_state(path);
  CHECK(state.rows == 1);
  CHECK(state.seed == 5);
  CHECK(state.drawn == 1);
  CHECK(state.last_is_unread);
  CHECK(state.memories.size() == 2);
  CHECK(state.text.at(0).size() == 12);
  CHECK(looks_like_state(path));
  save_model(folder / "model", model);
  CHECK_FALSE(looks_like_state(folder / "model"));
}

TEST_CASE_METHOD(Saved, "a state of another model, vocabulary, batch or size is refused by name") {
  CHECK(mismatch(model) == "nothing");
  const Model larger = model_for(Scheme::streams, 1, {{"hidden", "11"}});
  const std::string hidden = mismatch(larger);
  CHECK(hidden.find("3: state: the state is of model Streams (graph ") == 0);
  CHECK(hidden.find(identity_of(model).hash) != std::string::npos);
  CHECK(hidden.find(identity_of(larger).hash) != std::string::npos);
  CHECK(mismatch(model_for(Scheme::windows)).find("and this one is Windows (graph ") !=
        std::string::npos);
  CHECK(mismatch(model, 4) == "3: state: the state is of 1 row, and the batch of the arrays is 4");
  Model other = model_for(Scheme::streams);
  other.vocabulary = Vocabulary::of_text("abcdefg", "text");
  CHECK(mismatch(other).find("characters, and this one has other ones, 7") != std::string::npos);
}

TEST_CASE_METHOD(Saved, "the weights do not count: memories go on after more training") {
  CHECK(mismatch(model_for(Scheme::streams, 2)) == "nothing");
}

TEST_CASE_METHOD(Saved, "a file that was made up is refused, never believed") {
  const auto has = [](const std::string& message, const char* part) {
    INFO(message);
    return message.substr(0, 2) == "3:" && message.find(part) != std::string::npos;
  };
  CHECK(refusal([](Artifact&) {}) == "nothing");
  const auto drop = [](Artifact& a) { a.tensors.erase(a.tensors.begin()); };
  CHECK(has(refusal(drop), "it lacks the model's state"));
  const auto rename = [](Artifact& a) { a.tensors[0].name = "state/other"; };
  CHECK(has(refusal(rename), "it lacks the model's state"));
  const auto stray = [](Artifact& a) { a.tensors.push_back({"stray", {1}, {0}}); };
  CHECK(has(refusal(stray), "a state has no tensor 'stray'"));
  const auto extra = [](Artifact& a) { a.tensors.push_back({"state/more", {1, 1}, {0}}); };
  CHECK(has(refusal(extra), "it has 3 states, and the model has 2"));
  const auto wide = [](Artifact& a) {
    a.tensors[0].shape[1] += 1;
    a.tensors[0].values.push_back(0);
  };
  CHECK(has(refusal(wide), "is [1, 11], and the model's is [1, 10]"));
  const auto infinite = [](Artifact& a) { a.tensors[0].values[3] = HUGE_VALF; };
  CHECK(has(refusal(infinite), "is not finite"));
  for (const float index : {-1.0f, 0.5f, 1000.0f, std::nanf("")}) {
    const auto strange = [=](Artifact& a) { a.tensors.back().values[0] = index; };
    CHECK(has(refusal(strange), "no number of its vocabulary"));
  }
  const auto shape = [](Artifact& a) { a.tensors.back().shape = {2, 6}; };
  CHECK(has(refusal(shape), "its text is [2, 6], and it has 1 rows"));
  const auto textless = [](Artifact& a) { a.tensors.pop_back(); };
  CHECK(has(refusal(textless), "it has no text"));
  const auto json = [&](const std::string& text) {
    return refusal([=](Artifact& a) { a.metadata["coil.state"] = text; });
  };
  CHECK(has(json("{"), "no JSON object"));
  CHECK(has(json("[]"), "no JSON object"));
  CHECK(has(json("{}"), "'model' of coil.state is missing"));
  CHECK(has(json(R"({"model":"M","graph":"0","rows":0,"last_is_unread":true,"seed":1,"drawn":1})"),
            "it says that it has 0 rows"));
  CHECK(has(json(R"({"model":"M","graph":"0","rows":-1,"last_is_unread":true,"seed":1,"drawn":1})"),
            "'rows' of coil.state is missing or of the wrong kind"));
  CHECK(has(json(std::string(100'000, ' ') + "{}"), "no JSON object"));
}

TEST_CASE_METHOD(Saved, "a model is no state, nor is half a state") {
  save_model(folder / "model", model);
  CHECK(failure_of([&] { load_state(folder / "model"); }).find("but a model") != std::string::npos);
  Artifact artifact = load_artifact(path);
  std::string bytes = encode_artifact(artifact);
  bytes.back() ^= 1;
  write_atomically(folder / "changed", bytes);
  CHECK(failure_of([&] { load_state(folder / "changed"); }).substr(0, 2) == "3:");
  CHECK(failure_of([&] { load_state(folder / "missing"); }).substr(0, 2) == "5:");
}

TEST_CASE("a window longer than the text of a state is refused") {
  Model model = model_for(Scheme::windows);
  LiveState state = state_of(model);
  state.text[0].resize(2);
  Generator generator(model, lively());
  CHECK(failure_of([&] { generator.restore(state, "state"); }) ==
        "3: state: the state has the last 2 characters of its text, and the model reads 4 a call");
}

}  // namespace coil::test

// Recurrences, sequences and states through the commands.

#include <algorithm>
#include <catch2/catch.hpp>

#include "runtime/artifact/artifact.hpp"
#include "runtime/artifact/npy.hpp"
#include "runtime/model/model.hpp"

#include "tests/cli/process.hpp"

namespace coil::test::recurrent_test {
namespace {

constexpr const char* apart_model = R"(model Apart(vocab = 12, hidden = 8) {
  input a, b, c: index(vocab)
  layer embed = embedding(vocab, 4)
  layer mix   = dense(hidden, tanh)
  layer widen = dense(hidden, relu)
  h = mix(widen(embed(a)))
  h = mix(h + widen(embed(b)))
  h = mix(h + widen(embed(c)))
  output h |> dense(vocab, softmax)
}
)";

constexpr const char* loop_model = R"(model Loop(vocab = 12, steps = 3, hidden = 8) {
  input x[steps]: index(vocab)
  layer embed = embedding(vocab, 4)
  layer mix   = dense(hidden, tanh)
  layer widen = dense(hidden, relu)
  h = zeros(hidden)
  for t in 0..steps { h = mix(h + widen(embed(x[t]))) }
  output h |> dense(vocab, softmax)
}
)";

constexpr const char* memory_model = R"(model Memory(vocab = 12, steps = 4) {
  input x[steps]: index(vocab)
  output x |> embedding(vocab, 4) |> lstm(6, stateful = true) |> dense(vocab, softmax)
}
)";

struct Texts : Folder {
  Texts() {
    write("apart.model", apart_model);
    write("loop.model", loop_model);
    write("memory.model", memory_model);
    write("text.txt", tiny_text());
  }
  Result train(const std::string& model, const Words& more = {}, const char* epochs = "1") const {
    Words words = {"coil", "train",    model,      "--corpus", "text.txt",
                   "-o",   "out.coil", "--epochs", epochs};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  void indices(const std::string& file, std::vector<std::int64_t> shape,
               std::vector<std::int32_t> values) const {
    write_npy(path(file), {std::move(shape), std::move(values)});
  }
};

const Tensor* find_tensor(const Artifact& artifact, const std::string& name) {
  const auto found = std::ranges::find(artifact.tensors, name, &Tensor::name);
  return found == artifact.tensors.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE_METHOD(Texts, "inputs fed apart and as one sequence give the same numbers") {
  REQUIRE(train("loop.model").code == 0);
  indices("x.npy", {2, 3}, {1, 5, 7, 0, 11, 3});
  indices("a.npy", {2}, {1, 0});
  indices("b.npy", {2}, {5, 11});
  indices("c.npy", {2}, {7, 3});
  REQUIRE(run({"coil", "run", "out.coil", "--input", "x=x.npy", "--output", "whole.npy"}).code ==
          0);
  std::filesystem::copy_file(path("out.coil"), path("out.safetensors"));
  const Result again =
      run({"coil", "run", "apart.model", "--weights", "out.safetensors", "--input", "c=c.npy",
           "--input", "a=a.npy", "--input", "b=b.npy", "--output", "apart.npy"});
  INFO(again.err);
  REQUIRE(again.code == 0);
  CHECK(read("apart.npy") == read("whole.npy"));
}

TEST_CASE_METHOD(Texts, "inputs are asked for and refused as the text has them") {
  REQUIRE(train("apart.model").code == 0);
  indices("one.npy", {2}, {1, 5});
  const Result missing = run({"coil", "run", "out.coil", "--input", "a=one.npy", "--input",
                              "b=one.npy", "--output", "y.npy"});
  CHECK(missing.code == 2);
  CHECK(missing.err.find("'c' is missing; the model takes a, b, c") != std::string::npos);
  indices("bad.npy", {2}, {1, 12});
  const Result past = run({"coil", "run", "out.coil", "--input", "a=one.npy", "--input",
                           "b=one.npy", "--input", "c=bad.npy", "--output", "y.npy"});
  CHECK(past.code == 3);
  CHECK(past.err.find("input 'c'") != std::string::npos);
  REQUIRE(train("loop.model").code == 0);
  const Result flat = run({"coil", "run", "out.coil", "--input", "x=one.npy", "--output", "y.npy"});
  CHECK(flat.code == 3);
  CHECK(flat.err.find("input 'x' takes [batch, 3]") != std::string::npos);
}

TEST_CASE_METHOD(Texts, "schemes follow from the model, and may be chosen") {
  const auto scheme = [&] { return load_model(path("out.coil")).training->recipe.scheme; };
  REQUIRE(train("apart.model").code == 0);
  CHECK(scheme() == Scheme::blocks);
  REQUIRE(train("loop.model").code == 0);
  CHECK(scheme() == Scheme::windows);
  REQUIRE(train("memory.model", {"--batch", "8"}).code == 0);
  CHECK(scheme() == Scheme::streams);
  CHECK(load_model(path("out.coil")).training->recipe.phases.at(0).learning_rate == 0.001);
  REQUIRE(train("out.coil").code == 0);  // as before
  CHECK(scheme() == Scheme::streams);
  CHECK(load_model(path("out.coil")).training->recipe.batch == 8);
  REQUIRE(train("memory.model", {"--scheme", "windows"}).code == 0);
  CHECK(scheme() == Scheme::windows);
  const Result wide = train("memory.model", {"--batch", "1000"});
  CHECK(wide.code == 1);
  CHECK(wide.err.find("1000 streams of 4 steps") != std::string::npos);
}

TEST_CASE_METHOD(Texts, "files and summaries have the weights of the text, whatever was cut") {
  REQUIRE(train("memory.model", {"--batch", "8"}).code == 0);
  const Artifact artifact = load_artifact(path("out.coil"));
  const Tensor* kernel = find_tensor(artifact, "lstm.kernel");
  REQUIRE(kernel);
  CHECK(kernel->shape == std::vector<std::int64_t>{4, 24});
  CHECK(std::ranges::count_if(artifact.tensors, [](const Tensor& tensor) {
          return !tensor.name.starts_with(training_prefix);
        }) == 6);
  const Result summary = run({"coil", "inspect", "out.coil"});
  CHECK(summary.code == 0);
  CHECK(summary.out.find("lstm (lstm)") != std::string::npos);
  CHECK(summary.out.find(" 264\n") != std::string::npos);  // 24 columns: 4 + 6 rows and a bias
  CHECK(summary.out.find("Total params: 396") != std::string::npos);
  CHECK(summary.out.find("(state)") != std::string::npos);
}

TEST_CASE_METHOD(Texts, "a model with a memory is generated with one character at a time") {
  REQUIRE(train("memory.model", {"--batch", "8", "--learning-rate", "0.02"}, "200").code == 0);
  const Result result = run({"coil", "generate", "out.coil", "-p", "the cat s", "-n", "12"});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.out.substr(0, 9) == "the cat s");
  CHECK(result.out.size() == 21);
  // What stands before the "t " counts: an s comes after it in one line, an a in the other.
  const Result first =
      run({"coil", "run", "out.coil", "--text", "a hat, not a cot\nthe cat ", "--top", "1"});
  const Result second = run({"coil", "run", "out.coil", "--text", "a hat, not ", "--top", "1"});
  CHECK(first.out.find("'s'") != std::string::npos);
  CHECK(second.out.find("'a'") != std::string::npos);
}

TEST_CASE_METHOD(Texts, "every stage can be seen of a model with a recurrence") {
  for (const char* model : {"loop.model", "memory.model"})
    for (const char* stage : {"graph", "canonical", "hash", "predict", "gradients", "train_step",
                              "plan", "primitives", "dot"}) {
      const Result result = run({"coilc", model, std::string("--emit=") + stage, "--batch", "3"});
      INFO(model << " " << stage << "\n" << result.err);
      CHECK(result.code == 0);
      CHECK_FALSE(result.out.empty());
    }
  REQUIRE(run({"coilc", "memory.model", "--emit=canonical"}).code == 0);
  write("canonical.yaml", run({"coilc", "memory.model", "--emit=canonical"}).out);
  const Result hash = run({"coilc", "canonical.yaml", "--emit=hash"});
  INFO(hash.err);
  CHECK(hash.out == run({"coilc", "memory.model", "--emit=hash"}).out);
}

TEST_CASE_METHOD(Texts, "the LSTM of 2019, with hard gates, trains by the same recipe") {
  const std::string model = std::string(COIL_ROOT) + "/models/char_stateful_lstm";
  const Result result =
      train(model + ".model",
            {"--recipe", model + ".yaml", "-D", "hidden=8", "-D",
             "recurrent_activation=hard_sigmoid", "--batch", "4", "--learning-rate", "0.02"},
            "5");
  INFO(result.err);
  REQUIRE(result.code == 0);
  const auto training = load_model(path("out.coil")).training;
  CHECK(training->loss < 2.4);  // guessing evenly costs 4.04, knowing how frequent each is 2.3
  CHECK(training->recipe.scheme == Scheme::streams);
  CHECK(run({"coil", "inspect", "out.coil"}).out.find("recurrent_activation = hard_sigmoid") !=
        std::string::npos);
}

}  // namespace coil::test::recurrent_test

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "runtime/model/model.hpp"

#include "tests/cli/process.hpp"

namespace coil::test {
TEST_CASE_METHOD(Corpus, "a line an epoch on stdout, nothing decorative off a terminal") {
  const Result result = train({"--epochs", "4"});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(count_lines(result.out) == 4);
  CHECK(result.out.find("Epoch 1/4 - ") == 0);
  CHECK(result.out.find(" samples/s - loss: ") != std::string::npos);
  CHECK((result.out + result.err).find('\r') == std::string::npos);
  CHECK(result.err == "coil: saved out.coil after 4 epochs and 4 updates\n");
  const Model model = load_model(path("out.coil"));
  CHECK(model.training->epochs == 4);
  CHECK(model.vocabulary->size() == 11);
  CHECK(model.letters == LetterCase::lower);
  // Beside model, text, out and err: the file and the one before it, no temporary and no lock.
  CHECK(has("out.coil.previous"));
  CHECK(files() == 6);
}

TEST_CASE_METHOD(Corpus, "the same seed gives the same bytes at one and two threads") {
  REQUIRE(train({"--seed", "7", "--threads", "1"}, "tiny.model", "one.coil").code == 0);
  REQUIRE(train({"--seed", "7", "--threads", "2"}, "tiny.model", "two.coil").code == 0);
  REQUIRE(train({"--seed", "8", "--threads", "1"}, "tiny.model", "other.coil").code == 0);
  CHECK((read("one.coil") == read("two.coil")));
  CHECK((read("one.coil") != read("other.coil")));
}

TEST_CASE_METHOD(Corpus, "a model large enough for two threads gives the same bytes as well") {
  const Words wide = {"-D", "hidden=300", "--epochs", "1", "--threads"};
  const auto with = [&](const char* threads) {
    Words words = wide;
    words.push_back(threads);
    return words;
  };
  REQUIRE(train(with("1"), "tiny.model", "one.coil").code == 0);
  REQUIRE(train(with("2"), "tiny.model", "two.coil").code == 0);
  CHECK((read("one.coil") == read("two.coil")));
}

TEST_CASE_METHOD(Corpus, "a trained model learns anew from its weights, by its own recipe") {
  const Words first = {"--epochs", "2", "--batch", "50", "--seed", "9", "--learning-rate", "0.02"};
  REQUIRE(train(first).code == 0);
  const double before = load_model(path("out.coil")).training->loss;
  const Result result = train({"--epochs", "3"}, "out.coil");
  CHECK(result.code == 0);
  CHECK(result.out.find("Epoch 1/3 - ") == 0);
  const auto training = load_model(path("out.coil")).training;
  CHECK(training->epochs == 3);
  CHECK(training->recipe.batch == 50);
  CHECK(training->recipe.seed == 9);
  CHECK(training->recipe.phases == std::vector<Phase>{{Optimizer::adam, 0.02, 0, 3}});
  CHECK(training->loss < before);
}

TEST_CASE_METHOD(Corpus, "what would be lost or overwritten is refused before training") {
  const Result nowhere = train({}, "tiny.model", "nowhere/out.coil");
  CHECK(nowhere.code == 5);
  CHECK(nowhere.out.empty());
  CHECK(nowhere.err.find("nowhere: No such file or directory") != std::string::npos);
  CHECK(train({}, "tiny.model", ".").code == 5);
  CHECK(train({}, "tiny.model", "text.txt").code == 2);
  CHECK(train({}, "tiny.model", "tiny.model").code == 2);
  write("notes", "precious");
  CHECK(train({}, "tiny.model", "notes").code == 2);
  CHECK(read("notes") == "precious");
  CHECK(read("text.txt") == tiny_text());
  CHECK(read("tiny.model") == tiny_model);
}

TEST_CASE_METHOD(Corpus, "corpora that cannot be learned are told apart") {
  write("empty.txt", "");
  write("short.txt", "ab");
  write("bytes.txt", "abc\xff\n");
  const auto with = [&](const std::string& corpus) {
    return run({"coil", "train", "tiny.model", "--corpus", corpus, "-o", "out.coil"});
  };
  CHECK(with("missing.txt").code == 5);
  CHECK(with("missing.txt").err.find("'missing.txt'") != std::string::npos);
  CHECK(with("empty.txt").code == 1);
  CHECK(with("empty.txt").err.find("empty") != std::string::npos);
  CHECK(with("short.txt").code == 1);
  CHECK(with("bytes.txt").code == 1);
  CHECK(with(".").code == 5);
  CHECK_FALSE(has("out.coil"));
}

TEST_CASE_METHOD(Corpus, "more characters than the model takes: both numbers and what to do") {
  write("text.txt", "the quick brown fox jumps over the lazy dog");
  const Result text = train({});
  CHECK(text.code == 1);
  CHECK(text.err.find("27 distinct characters, but input 'a' of Tiny takes 12; use -D vocab=27") !=
        std::string::npos);
  REQUIRE(run({"coilc", "tiny.model", "-o", "tiny.coil"}).code == 0);
  const Result artifact = train({}, "tiny.coil");
  CHECK(artifact.err.find("compile it again with -D vocab=27") != std::string::npos);
  CHECK(train({"-D", "vocab=27"}).code == 0);
  CHECK(train({"-D", "vocab=26"}, "tiny.model", "other.coil").code == 1);
}

TEST_CASE_METHOD(Corpus,
                 "a trained model's vocabulary stays; --unknown says what else may happen") {
  REQUIRE(train({}).code == 0);
  write("text.txt", "the cat zat on the hat");
  const Result refused = train({}, "out.coil", "on.coil");
  CHECK(refused.code == 1);
  CHECK(refused.err.find("'z'") != std::string::npos);
  CHECK_FALSE(has("on.coil"));
  CHECK(train({"--unknown=skip"}, "out.coil", "on.coil").code == 0);
  CHECK(train({"--unknown=replace:s"}, "out.coil", "on.coil").code == 0);
  CHECK(load_model(path("on.coil")).vocabulary->size() == 11);
  CHECK(train({"--unknown=replace:?"}, "out.coil", "on.coil").code == 2);
  CHECK(train({"--unknown=skp"}, "out.coil", "on.coil").code == 2);
}

TEST_CASE_METHOD(Corpus, "--case as-written keeps capitals, for good") {
  REQUIRE(train({"--case", "as-written"}).code == 0);
  CHECK(load_model(path("out.coil")).vocabulary->size() == 12);
  CHECK(train({"--case", "lower"}, "out.coil", "on.coil").code == 2);
  CHECK(train({}, "out.coil", "on.coil").code == 0);
  CHECK(load_model(path("on.coil")).letters == LetterCase::as_written);
}

TEST_CASE_METHOD(Corpus, "training goes on though nobody reads its lines") {
  const Result result =
      shell("coil train tiny.model --corpus text.txt -o out.coil --epochs 5 --threads 1 | true");
  CHECK(result.err == "coil: saved out.coil after 5 epochs and 5 updates\n");
  CHECK(load_model(path("out.coil")).training->epochs == 5);
}

TEST_CASE_METHOD(Corpus,
                 "training that leaves the finite numbers: exit 4, the last whole epoch kept") {
  write("wild.model",
        "model Wild(vocab = 12) {\n  input a, b: index(vocab)\n"
        "  layer embed = embedding(vocab, 4)\n"
        "  output exp(embed(a) + embed(b)) |> dense(vocab, softmax)\n}\n");
  const Result result = train({"--learning-rate", "1000", "--epochs", "50"}, "wild.model");
  INFO(result.out);
  CHECK(result.code == 4);
  CHECK(result.err.find("coil: error: training diverged") == 0);
  CHECK(result.err.find("--learning-rate") != std::string::npos);
  const Model model = load_model(path("out.coil"));
  CHECK(model.training->epochs == static_cast<std::int64_t>(count_lines(result.out)));
  for (const float x : model.store.copy_of("embed.embeddings")) CHECK(std::isfinite(x));
}

TEST_CASE_METHOD(Corpus, "a full disk behind stdout comes after the save") {
  const Result result =
      shell("coil train tiny.model --corpus text.txt -o out.coil --threads 1 >/dev/full");
  CHECK(result.code == 5);
  CHECK(load_model(path("out.coil")).training->epochs == 1);
}

TEST_CASE_METHOD(Corpus, "settings in an artifact that make no sense are not taken over") {
  REQUIRE(train({}).code == 0);
  Model model = load_model(path("out.coil"));
  model.training->recipe.batch = std::int64_t{1} << 32;
  save_model(path("odd.coil"), model);
  const Result odd = train({}, "odd.coil");
  CHECK(odd.code == 3);
  CHECK(odd.err.find("odd.coil") != std::string::npos);
  CHECK(odd.err.find("'batch' is '4294967296'") != std::string::npos);
  model.training->recipe.batch = 64;
  model.training->epochs = std::numeric_limits<std::int64_t>::max();
  save_model(path("odd.coil"), model);
  CHECK(train({}, "odd.coil").code == 3);
}

}  // namespace coil::test

// --precision and --require: what they change, what they refuse, and what is said on machines that lack something.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "runtime/execute/requirement.hpp"
#include "runtime/model/model.hpp"

#include "tests/cli/process.hpp"

namespace coil::test::precision_test {
namespace {

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// As on a machine without AVX-512.
Result without_bf16(const Folder& folder, const std::string& line) {
  return folder.shell("ONEDNN_MAX_CPU_ISA=AVX2 " + line);
}

const std::string fallback =
    "coil: this machine (avx2) does not multiply bf16: products of numbers rounded to it are "
    "computed in f32, which is slower than --precision f32\n";

}  // namespace

TEST_CASE("every command that runs a model takes a precision, and bf16 computes other numbers") {
  const Corpus folder;
  REQUIRE(folder.train({"--epochs", "1"}).code == 0);
  const Words commands[] = {
      {"coil", "eval", "out.coil", "--corpus", "text.txt"},
      {"coil", "run", "out.coil", "--text", "th"},
      {"coil", "generate", "out.coil", "-p", "th", "-n", "3"},
      {"coil", "bench", "out.coil", "--entry", "predict", "--lowering", "hoisted", "--seconds",
       "0.005"},
  };
  for (const Words& command : commands) {
    INFO(command[1]);
    for (const char* precision : {"f32", "bf16"})
      CHECK(folder.run(with(command, {"--precision", precision})).code == 0);
    const Result wrong = folder.run(with(command, {"--precision", "bf61"}));
    CHECK(wrong.code == 2);
    CHECK(wrong.out.empty());
    CHECK(wrong.err.find("--precision: 'bf61' is none of f32, bf16, int8; did you mean 'bf16'?") !=
          std::string::npos);
    const Result unknown = folder.run(with(command, {"--require", "avx1024"}));
    CHECK(unknown.code == 2);
    CHECK(unknown.err.find(
              "--require: 'avx1024' is none of avx2, avx512, avx512_vnni, avx512_bf16, amx") !=
          std::string::npos);
  }
  const auto loss = [&](const char* precision) {
    const Result result = folder.run(
        {"coil", "eval", "out.coil", "--corpus", "text.txt", "--json", "--precision", precision});
    return nlohmann::json::parse(result.out)["loss"].get<double>();
  };
  const double reals = loss("f32"), rounded = loss("bf16");
  CHECK(rounded != reals);
  CHECK(rounded == Approx(reals).epsilon(0.01));
}

TEST_CASE("a model is trained in bf16, which its recipe keeps and a resumed run has to keep to") {
  const Corpus folder;
  const Words run = {"--epochs", "2", "--precision", "bf16"};
  REQUIRE(folder.train(run, "tiny.model", "whole.coil").code == 0);
  REQUIRE(folder.train(with(run, {"--steps", "3"})).code == 0);
  CHECK(load_model(folder.path("out.coil")).training->recipe.precision == Precision::bf16);

  const Result other = folder.train({"--epochs", "2", "--precision", "f32", "--resume"});
  CHECK(other.code == 2);
  CHECK(other.err.find("was trained with --precision bf16, and is to go on with f32") !=
        std::string::npos);
  REQUIRE(folder.train({"--epochs", "2", "--resume"}).code == 0);  // as it was trained
  CHECK(folder.read("out.coil") == folder.read("whole.coil"));

  REQUIRE(folder.train({"--epochs", "2"}, "tiny.model", "f32.coil").code == 0);
  CHECK(folder.read("f32.coil") != folder.read("whole.coil"));
  folder.write("rounded.yaml", "precision: bf16\nphases: [{learning_rate: 0.01, epochs: 2}]\n");
  const Result dry = folder.train({"--recipe", "rounded.yaml", "--dry-run"});
  CHECK(dry.out.find("\nprecision: bf16\n") != std::string::npos);
}

TEST_CASE("int8 is refused where nothing tells its ranges, and for training altogether") {
  const Corpus folder;
  REQUIRE(folder.train({"--epochs", "1"}).code == 0);
  for (const Words& words : {Words{"coil", "eval", "out.coil", "--corpus", "text.txt"},
                             Words{"coil", "generate", "out.coil", "-n", "3"},
                             Words{"coil", "run", "out.coil", "--text", "a"}}) {
    INFO(words[1]);
    const Result result = folder.run(with(words, {"--precision", "int8"}));
    CHECK(result.code == 2);
    CHECK(result.err.find("coil calibrate FILE --corpus TEXT -o OUT") != std::string::npos);
  }
  const Result training = folder.train({"--epochs", "1", "--precision", "int8"});
  CHECK(training.code == 2);
  CHECK(training.err.find("--precision: 'int8' is none of f32, bf16\n") != std::string::npos);
}

TEST_CASE("training in bf16 gives the same file at one and two threads") {
  const Corpus folder;
  for (const char* threads : {"1", "2"})
    REQUIRE(folder
                .run({"coil", "train", "tiny.model", "--corpus", "text.txt", "-o",
                      std::string(threads) + ".coil", "--epochs", "2", "--precision", "bf16",
                      "--lowering", "hoisted", "--threads", threads})
                .code == 0);
  CHECK(folder.read("1.coil") == folder.read("2.coil"));
}

TEST_CASE("bench has rows for each precision, and names what each primitive was computed in") {
  const Corpus folder;
  const Result result =
      folder.run({"coil", "bench", "tiny.model", "--entry", "train_step", "--lowering", "hoisted",
                  "--seconds", "0.005", "--json", "--verbose"});
  INFO(result.err);
  REQUIRE(result.code == 0);
  const auto json = nlohmann::json::parse(result.out);
  REQUIRE(json["rows"].size() == 2);
  const char* actual = multiplies(Precision::bf16) ? "bf16" : "f32";
  for (const auto& row : json["rows"]) {
    std::size_t rounded = 0;
    for (const auto& primitive : row["primitives"]) {
      if (primitive["requested_type"] != "bf16") continue;
      ++rounded;
      CHECK(primitive["actual_type"] == actual);
    }
    CHECK((rounded > 0) == (row["precision"] == "bf16"));
  }
  const Result one = folder.run({"coil", "bench", "tiny.model", "--entry", "predict", "--lowering",
                                 "hoisted", "--seconds", "0.005", "--precision", "bf16"});
  CHECK(count_lines(one.out) >= 3);
  CHECK(one.out.find(" bf16 ") != std::string::npos);
  CHECK(one.out.find(" f32 ") == std::string::npos);
}

TEST_CASE("a machine that does not multiply bf16 says so, and computes the same; --require fails") {
  const Corpus folder;
  REQUIRE(folder.train({"--epochs", "1"}).code == 0);
  const std::string eval = "coil eval out.coil --corpus text.txt --precision bf16";
  const Result lacking = without_bf16(folder, eval);
  INFO(lacking.err);
  CHECK(lacking.code == 0);
  CHECK(lacking.err == fallback);
  CHECK(lacking.out == folder.shell(eval).out);  // to the digits shown
  struct Refusal {
    std::string words, message;
  };
  const Refusal refusals[] = {
      {"--require avx512", "coil: error: --require avx512: this machine has no more than avx2\n"},
      {"--require avx512_bf16",
       "coil: error: --require avx512_bf16: this machine has no more than avx2\n"},
      {"--require amx", "coil: error: --require amx: this machine has no more than avx2\n"},
      {"--require avx2", "is computed in f32, not in bf16"},
  };
  for (const Refusal& refusal : refusals) {
    const Result result = without_bf16(folder, eval + " " + refusal.words);
    INFO(result.err);
    CHECK(result.code == 2);
    CHECK(result.out.empty());
    CHECK(result.err.find(refusal.message) != std::string::npos);
  }
  CHECK(without_bf16(folder, "coil eval out.coil --corpus text.txt --require avx2").code == 0);
  const std::string train = "coil train tiny.model --corpus text.txt -o no.coil --epochs 1 ";
  const Result refused = without_bf16(folder, train + "--precision bf16 --require avx2");
  CHECK(refused.code == 2);
  CHECK_FALSE(folder.has("no.coil"));
}

TEST_CASE("what only products in bf16 use is not required of others") {
  const Corpus folder;
  REQUIRE(folder.train({"--epochs", "1"}).code == 0);
  const Words eval = {"coil", "eval", "out.coil", "--corpus", "text.txt"};
  if (!has(Requirement::avx512_bf16)) {
    WARN("this machine does not multiply bf16: nothing can be required of it");
    return;
  }
  const Result result = folder.run(with(eval, {"--require", "avx512_bf16"}));
  CHECK(result.code == 2);
  CHECK(result.err ==
        "coil: error: --require avx512_bf16: no product in f32 uses it; add --precision bf16\n");
  CHECK(folder.run(with(eval, {"--require", "avx512_bf16", "--precision", "bf16"})).code == 0);
}

}  // namespace coil::test::precision_test

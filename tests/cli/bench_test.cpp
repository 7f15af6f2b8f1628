// coil bench: the table, the object of JSON, and what is refused.

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "compiler/passes/lowering.hpp"

#include "runtime/execute/requirement.hpp"

#include "tests/cli/process.hpp"

namespace coil::test {
namespace {

const std::string stateful = R"(model Live(vocab = 12, steps = 4, hidden = 8) {
  input c[steps]: index(vocab)
  output c |> embedding(vocab, 4) |> lstm(hidden, stateful = true) |> dense(vocab, softmax)
}
)";

const std::string numeric = R"(model Numeric {
  input x: real[6]
  output x |> dense(4, tanh)
}
)";

struct Bench : Folder {
  Bench() {
    write("live.model", stateful);
    write("numeric.model", numeric);
  }
  // By one thread and no longer than it must.
  Result bench(const Words& more) const {
    Words words = {"coil", "bench", "--threads", "1", "--seconds", "0.005"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  nlohmann::json json(Words more) const {
    more.push_back("--json");
    const Result result = bench(more);
    INFO(result.err);
    REQUIRE(result.code == 0);
    CHECK(result.err.empty());
    return nlohmann::json::parse(result.out);
  }
};

// Of running each entry: in each precision that all entries have, by each lowering and by the one that is chosen.
std::size_t ways() {
  const auto usual = std::ranges::count_if(precisions(), is_for_training, &PrecisionRow::precision);
  return static_cast<std::size_t>(usual) * (lowerings().size() + 1);
}

// The first of the notes, of a precision that this machine does not multiply.
std::size_t fallbacks() { return multiplies(Precision::bf16) ? 0 : 1; }

}  // namespace

TEST_CASE("bench has a row for each entry and lowering, and for the chosen one") {
  const Bench folder;
  const Result result = folder.bench({"live.model"});
  INFO(result.out << result.err);
  CHECK(result.code == 0);
  CHECK(result.err.empty());  // nothing is shown where stderr is no terminal
  CHECK(result.out.find("Live, 1 thread, ") == 0);
  CHECK(count_lines(result.out) == 2 + 3 * ways() + fallbacks());
  for (const char* entry : {"\npredict ", "\ntrain_step ", "\nstep "})
    CHECK(result.out.find(entry) != std::string::npos);
  for (const LoweringRow& row : lowerings())
    CHECK(result.out.find(std::string(row.name)) != std::string::npos);
  CHECK(result.out.find("auto: ") != std::string::npos);
}

TEST_CASE("bench as JSON: times, and what a run was") {
  const Bench folder;
  const auto json = folder.json({"live.model"});
  CHECK(json["model"] == "Live");
  CHECK(json["threads"] == 1);
  CHECK(json["notes"].size() == fallbacks());
  REQUIRE(json["rows"].size() == 3 * ways());
  for (const auto& row : json["rows"]) {
    const bool is_step = row["entry"] == "step";
    CHECK(row["batch"] == (is_step ? 1 : 64));
    CHECK(row["characters"] == (is_step ? 1 : 4));
    const double median = row["seconds"];
    CHECK(median > 0);
    CHECK(row["lower_quartile"] <= median);
    CHECK(row["upper_quartile"] >= median);
    const double characters = row["batch"].get<double>() * row["characters"].get<double>();
    CHECK(row["seconds_per_character"].get<double>() == Approx(median / characters));
    CHECK(row["rounds"] >= 5);
    CHECK(find_lowering(row["runs_as"].get<std::string>()));
    if (row["lowering"] != "auto") CHECK(row["runs_as"] == row["lowering"]);
    CHECK(row["runs"] >= row["rounds"]);
    CHECK_FALSE(row.contains("primitives"));
  }
}

TEST_CASE("bench measures what it is asked to, at the batch and the steps asked for") {
  const Bench folder;
  const auto json = folder.json(
      {"live.model", "--entry", "step,predict", "--batch", "3", "--steps", "9", "-D", "hidden=16"});
  REQUIRE(json["rows"].size() == 2 * ways());
  CHECK(json["rows"][0]["entry"] == "predict");  // in the order of the table
  CHECK(json["rows"][0]["batch"] == 3);
  CHECK(json["rows"][0]["characters"] == 9);
  CHECK(json["rows"].back()["entry"] == "step");
  CHECK(json["rows"].back()["batch"] == 3);
}

TEST_CASE("bench --verbose tells of each primitive what it was and what it ran as") {
  const Bench folder;
  const auto json = folder.json({"live.model", "--entry", "train_step", "--lowering", "hoisted",
                                 "--precision", "f32", "--verbose"});
  REQUIRE(json["rows"].size() == 1);
  const auto& primitives = json["rows"][0]["primitives"];
  REQUIRE(primitives.size() > 10);
  bool has_product = false, has_adam = false;
  for (const auto& primitive : primitives) {
    for (const char* key : {"what", "requested_type", "actual_type", "isa", "implementation"})
      CHECK_FALSE(primitive[key].get<std::string>().empty());
    const std::string implementation = primitive["implementation"];
    has_adam = has_adam || implementation == "coil:adam";
    has_product = has_product || implementation.find("coil:") != 0;
  }
  CHECK(has_product);
  CHECK(has_adam);
  const Result text = folder.bench({"live.model", "--entry", "predict", "--verbose"});
  CHECK(text.code == 0);
  CHECK(text.out.find("asked") != std::string::npos);
  CHECK(text.out.find("coil:softmax") != std::string::npos);
}

TEST_CASE("bench notes what a model has not, and refuses it where it was asked for") {
  const Bench folder;
  const auto json = folder.json({"numeric.model", "--batch", "2"});
  REQUIRE(json["rows"].size() == ways());
  CHECK(json["rows"][0]["entry"] == "predict");
  CHECK(json["rows"][0]["seconds_per_character"].is_null());
  REQUIRE(json["notes"].size() == 2 + fallbacks());
  CHECK(json["notes"][fallbacks()].get<std::string>().find("no train_step: ") == 0);
  CHECK(json["notes"][1 + fallbacks()].get<std::string>().find("no step: ") == 0);
  const Result asked = folder.bench({"numeric.model", "--entry", "train_step"});
  CHECK(asked.code == 2);
  CHECK(asked.out.empty());
  CHECK(asked.err.find("--entry: model Numeric has no train_step: ") != std::string::npos);
}

TEST_CASE("bench takes a trained model, and leaves it as it is") {
  const Corpus folder;
  REQUIRE(folder.train({"--epochs", "1", "--batch", "32", "--optimizer", "sgd"}).code == 0);
  const std::string before = folder.read("out.coil");
  const Result result = folder.run(
      {"coil", "bench", "out.coil", "--threads", "1", "--seconds", "0.005", "--json", "--verbose"});
  INFO(result.err);
  REQUIRE(result.code == 0);
  CHECK(folder.read("out.coil") == before);
  const auto json = nlohmann::json::parse(result.out);
  bool has_sgd = false;
  for (const auto& row : json["rows"]) {
    CHECK(row["batch"] == (row["entry"] == "step" ? 1 : 32));  // as it was trained
    for (const auto& primitive : row["primitives"])
      has_sgd = has_sgd || primitive["implementation"] == "coil:sgd";
  }
  CHECK(has_sgd);
}

TEST_CASE("what bench is told wrongly has the right exit code and a way out") {
  const Bench folder;
  folder.write("broken.model", "model Broken { output nothing }\n");
  struct Mistake {
    Words words;
    int code;
    std::string message;
  };
  const Mistake mistakes[] = {
      {{"live.model", "--entry", "predcit"}, 2, "did you mean 'predict'?"},
      {{"live.model", "--entry", "predict,"}, 2, "--entry: '' is none of "},
      {{"live.model", "--entry", ""}, 2, "--entry: '' is none of "},
      {{"live.model", "--lowering", "unroled"}, 2, "did you mean 'unrolled'?"},
      {{"live.model", "--batch", "0"}, 2, "--batch: '0' is not a whole number"},
      {{"live.model", "--steps", "0"}, 2, "--steps: '0'"},
      {{"numeric.model", "--steps", "3"}, 2, "--steps 3: model Numeric cannot run"},
      {{"live.model", "--seconds", "nan"}, 2, "--seconds"},
      {{"live.model", "--verbos"}, 2, "did you mean '--verbose'?"},
      {{"broken.model"}, 1, "broken.model:1:"},
      {{"none.model"}, 5, "none.model"},
      {{}, 2, "MODEL is required"},
  };
  for (const Mistake& mistake : mistakes) {
    Words words = {"coil", "bench"};
    words.insert(words.end(), mistake.words.begin(), mistake.words.end());
    if (mistake.words.size() < 3 || mistake.words[1] != "--seconds")
      words.insert(words.end(), {"--seconds", "0.005"});
    const Result result = folder.run(words);
    INFO(result.err);
    CHECK(result.code == mistake.code);
    CHECK(result.out.empty());
    CHECK(result.err.find(mistake.message) != std::string::npos);
  }
}

}  // namespace coil::test

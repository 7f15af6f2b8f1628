// The same model by every lowering, through the commands.

#include "compiler/passes/lowering.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/cli/process.hpp"

namespace coil::test {
namespace {

const std::string recurrent =
    "model Small(vocab = 11) {\n"
    "  input c[4]: index(vocab)\n"
    "  output c |> embedding(vocab, 6) |> lstm(9, stateful = true) |> dense(vocab, softmax)\n"
    "}\n";

struct SmallModel : Corpus {
  SmallModel() {
    write("small.model", recurrent);
    std::string text;
    for (int i = 0; i < 40; ++i) text += "the hedge and the rope ";
    write("long.txt", text.substr(0, 700));
    const Result result =
        run({"coil", "train", "small.model", "--corpus", "long.txt", "-o", "small.coil", "--epochs",
             "4", "--learning-rate", "0.05", "--batch", "8", "-t", "1", "--lowering", "hoisted"});
    INFO(result.err);
    REQUIRE(result.code == 0);
  }
};

}  // namespace

TEST_CASE("the same text is written by every lowering, and by the one that is chosen") {
  const SmallModel folder;
  const auto written = [&](const std::string& lowering) {
    const Result result = folder.run({"coil", "generate", "small.coil", "-p", "the ", "-n", "60",
                                      "-t", "1", "--lowering", lowering});
    INFO(result.err);
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    return result.out;
  };
  const std::string text = written("auto");
  CHECK(text.size() > 50);
  for (const LoweringRow& row : lowerings()) {
    INFO(row.name);
    CHECK(written(std::string(row.name)) == text);
  }
}

TEST_CASE("eval measures the same loss by every lowering") {
  const SmallModel folder;
  std::string first;
  for (const LoweringRow& row : lowerings()) {
    const Result result = folder.run({"coil", "eval", "small.coil", "--corpus", "long.txt", "-t",
                                      "1", "--lowering", std::string(row.name)});
    INFO(row.name << result.err);
    CHECK(result.code == 0);
    CHECK(result.out.find("loss") != std::string::npos);
    if (first.empty()) first = result.out;
    CHECK(result.out == first);
  }
}

TEST_CASE("eval measures the same loss with rows apart, and another word is refused") {
  const SmallModel folder;
  std::string first;
  for (const std::string rows : {"auto", "together", "apart"}) {
    const Result result = folder.run({"coil", "eval", "small.coil", "--corpus", "long.txt", "-t",
                                      "2", "--lowering", "hoisted", "--rows", rows, "--json"});
    INFO(rows << result.err);
    CHECK(result.code == 0);
    const double loss = nlohmann::json::parse(result.out).at("loss");
    CHECK(loss > 0.1);
    if (first.empty()) first = fmt::format("{:.6f}", loss);
    CHECK(fmt::format("{:.6f}", loss) == first);
  }
  const Result wrong =
      folder.run({"coil", "eval", "small.coil", "--corpus", "long.txt", "--rows", "apat"});
  CHECK(wrong.code == 2);
  CHECK(wrong.err.find("apart") != std::string::npos);
}

TEST_CASE("coilc shows what a lowering makes of an entry") {
  const SmallModel folder;
  const auto shown = [&](const std::string& lowering) {
    const Result result = folder.run(
        {"coilc", "small.model", "--emit=predict", "--batch=64", "--lowering", lowering});
    CHECK(result.code == 0);
    return result.out;
  };
  CHECK(shown("unrolled") != shown("hoisted"));
}

}  // namespace coil::test

// generate, run --text, inspect, corpus and info: what goes to stdout.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/cli/process.hpp"

namespace coil::test::generate_test {
namespace {

struct Trained : Folder {
  Trained() { make_trained(*this); }

  std::string out_of(const Words& words) const {
    const Result result = run(words);
    INFO(result.err);
    REQUIRE(result.code == 0);
    CHECK(result.err.empty());
    return result.out;
  }
};

}  // namespace

TEST_CASE_METHOD(Trained, "generate prints the prompt, then as many characters as asked for") {
  const std::string text = out_of({"coil", "generate", "tiny.coil", "-p", "the", "-n", "40"});
  CHECK(text.size() == 43);
  CHECK(text.find("the") == 0);
  CHECK(out_of({"coil", "generate", "tiny.coil", "-pthe", "-n40"}) == text);
  CHECK(out_of({"coil", "generate", "tiny.coil", "-p", "The", "-n", "0"}) == "The");
  write("prompt", "the");
  CHECK(out_of({"coil", "generate", "tiny.coil", "-f", "prompt", "-n", "40"}) == text);
  CHECK(out_of({"coil", "generate", "tiny.coil", "-p", "", "-n", "7"}).size() == 7);
}

TEST_CASE_METHOD(Trained, "a seed repeats a text, another one gives another") {
  const auto with = [&](const std::string& seed) {
    return out_of({"coil", "generate", "tiny.coil", "-p", "the", "-n", "80", "--temp", "1.5",
                   "--seed", seed});
  };
  CHECK(with("1") == with("1"));
  CHECK(with("1") != with("2"));
}

TEST_CASE_METHOD(Trained, "prompts the model does not know are told, or treated as asked") {
  const Result result = run({"coil", "generate", "tiny.coil", "-p", "the\nzoo", "-n", "5"});
  CHECK(result.code == 1);
  CHECK(result.out.empty());
  CHECK(result.err.find("'z'") != std::string::npos);
  CHECK(result.err.find(":2:1") != std::string::npos);
  CHECK(
      out_of({"coil", "generate", "tiny.coil", "-p", "zoo", "-n", "5", "--unknown=skip"}).size() ==
      8);
  for (const char* odd : {"{}", "[a]", "%%", "-n", "--help"}) {
    const Result taken = run({"coil", "generate", "tiny.coil", "-n", "1", "--unknown=skip",
                              std::string("--prompt=") + odd});
    CHECK(taken.code == 0);
    CHECK(taken.out.find(odd) == 0);
  }
}

TEST_CASE_METHOD(Trained, "what is not trained generates nothing") {
  REQUIRE(run({"coilc", "tiny.model", "-o", "fresh.coil"}).code == 0);
  const Result result = run({"coil", "generate", "fresh.coil", "-p", "a"});
  CHECK(result.code == 3);
  CHECK(result.out.empty());
  CHECK(result.err.find("has not been trained") != std::string::npos);
  CHECK(run({"coil", "generate", "missing.coil", "-p", "a"}).code == 5);
  CHECK(run({"coil", "generate", "tiny.model", "-p", "a"}).code == 3);
}

TEST_CASE_METHOD(Trained, "a reader that has enough ends it quietly and soon") {
  const Result result = shell(
      "coil generate tiny.coil -p a -n 1000000000 2>told | head -c 5 >first; cat told; cat first");
  CHECK(result.code == 0);
  CHECK(result.out.size() == 5);
}

TEST_CASE_METHOD(Trained, "run --text: the likeliest first") {
  const std::string text = out_of({"coil", "run", "tiny.coil", "--text", "th", "--top", "3"});
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
  CHECK(text.find("'e'") == 10);
  double before = 1, sum = 0;
  const std::string all = out_of({"coil", "run", "tiny.coil", "--text", "th", "--top", "99"});
  for (std::size_t at = 0; at < all.size(); at = all.find('\n', at) + 1) {
    const double p = std::stod(all.substr(at, 8));
    CHECK(p <= before);
    sum += before = p;
  }
  CHECK(sum > 0.9);
  CHECK(sum < 1.0001);
  CHECK(all.find("'\\n'") != std::string::npos);
}

TEST_CASE_METHOD(Trained, "inspect: a table, and the same as JSON") {
  const std::string text = out_of({"coil", "inspect", "tiny.coil"});
  CHECK(text.find("Model: \"Tiny\"") == 0);
  CHECK(text.find("mix (dense)         (None, 8)           40") != std::string::npos);
  CHECK(text.find("Total params: 196\n") != std::string::npos);
  CHECK(text.find("trained for 30 epochs") != std::string::npos);
  CHECK(text.find("vocabulary of 11 characters") != std::string::npos);
  const auto json = nlohmann::json::parse(out_of({"coil", "inspect", "tiny.coil", "--json"}));
  CHECK(json["total_parameters"] == 196);
  CHECK(json["layers"][1]["name"] == "mix");
  CHECK(json["layers"][1]["output_shape"] == nlohmann::json({nullptr, 8}));
  CHECK(json["training"]["epochs"] == 30);
  CHECK(json["training"]["batch"] == 64);
  CHECK(json["vocabulary"] == "\n ,acehnost");
  const std::string fresh = out_of({"coil", "inspect", "tiny.model", "-D", "hidden=3"});
  CHECK(fresh.find("Total params: 111\n") != std::string::npos);
  CHECK(fresh.find("not trained") != std::string::npos);
  CHECK(nlohmann::json::parse(out_of({"coil", "inspect", "tiny.model", "--json"}))["training"]
            .is_null());
}

TEST_CASE_METHOD(Trained, "corpus counts, and --vocab is a number alone") {
  CHECK(out_of({"coil", "corpus", "text.txt", "--vocab"}) == "11\n");
  CHECK(out_of({"coil", "corpus", "text.txt", "--vocab", "--case=as-written"}) == "12\n");
  const std::string text = out_of({"coil", "corpus", "text.txt"});
  CHECK(text.find("text.txt: 980 characters, 11 distinct in lower case\n    0  '\\n'\n") == 0);
  CHECK(run({"coil", "corpus", "missing"}).code == 5);
}

TEST_CASE_METHOD(Trained, "info names oneDNN, its ISA and the threads") {
  const std::string text = out_of({"coil", "info"});
  for (const char* part : {"Coil ", "oneDNN ", "effective ISA ", "threads ", "CPU ", "built "})
    CHECK(text.find(part) != std::string::npos);
  CHECK(out_of({"taskset", "-c", "0", "coil", "info"}).find("threads        1\n") !=
        std::string::npos);
}

}  // namespace coil::test::generate_test

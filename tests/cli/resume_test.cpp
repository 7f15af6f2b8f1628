// Training that goes on where it stood.

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "runtime/model/model.hpp"

#include "tests/cli/process.hpp"

namespace coil::test {
namespace {

constexpr const char* memory_model = R"(model Memory(vocab = 12, steps = 4) {
  input x[steps]: index(vocab)
  output x |> embedding(vocab, 4) |> lstm(6, stateful = true) |> dense(vocab, softmax)
}
)";

struct Resumed : Corpus {
  Resumed() {
    write("memory.model", memory_model);
    write("windows.yaml",
          "batching: {scheme: windows, batch: 20}\n"
          "phases:\n"
          "  - {optimizer: sgd, learning_rate: 0.1, momentum: 0.9, epochs: 2}\n"
          "  - {optimizer: adam, learning_rate: 0.01, epochs: 2}\n");
    write("streams.yaml",
          "batching: {scheme: streams, batch: 4}\n"
          "state: {reset: never}\n"
          "phases:\n"
          "  - {optimizer: adam, learning_rate: 0.01, epochs: 2}\n"
          "  - {learning_rate: 0.001, epochs: 2}\n"
          "clip_norm: 1\n"
          "validation: 0.1\n");
  }
  Result by(const std::string& recipe, const Words& more, const std::string& out) const {
    Words words = {"--recipe", recipe + ".yaml"};
    words.insert(words.end(), more.begin(), more.end());
    return train(words, recipe == "streams" ? "memory.model" : "tiny.model", out);
  }
};

std::string refused(const Result& result, int code) {
  INFO(result.err);
  CHECK(result.code == code);
  return result.err;
}

}  // namespace

TEST_CASE_METHOD(Resumed,
                 "stopped and resumed, the file has the bytes of a run that never stopped") {
  for (const std::string recipe : {"windows", "streams"}) {
    INFO(recipe);
    const Result whole = by(recipe, {}, "whole.coil");
    INFO(whole.err);
    REQUIRE(whole.code == 0);
    std::filesystem::remove(path("parts.coil"));
    for (const char* steps : {"1", "30", "49", "50", "101"}) {
      Words words = {"--steps", steps};
      if (has("parts.coil")) words.push_back("--resume");
      const Result part = by(recipe, words, "parts.coil");
      INFO(part.err);
      REQUIRE(part.code == 0);
      CHECK(load_model(path("parts.coil")).training->steps == std::stoi(steps));
    }
    REQUIRE(by(recipe, {"--resume"}, "parts.coil").code == 0);
    CHECK((read("parts.coil") == read("whole.coil")));
    // There is nothing left to do, and nothing is done.
    const Result again = by(recipe, {"--resume"}, "parts.coil");
    CHECK(again.code == 0);
    CHECK(again.err.find("parts.coil is through already, after 4 epochs and ") !=
          std::string::npos);
    CHECK((read("parts.coil") == read("whole.coil")));
  }
}

TEST_CASE_METHOD(Resumed, "resuming needs no recipe, and more epochs make the last phase longer") {
  REQUIRE(by("windows", {"--epochs", "6"}, "whole.coil").code == 0);
  REQUIRE(by("windows", {"--epochs", "3"}, "parts.coil").code == 0);
  REQUIRE(train({"--resume", "--epochs", "6"}, "tiny.model", "parts.coil").code == 0);
  CHECK((read("parts.coil") == read("whole.coil")));
  // The artifact itself will do as the model.
  REQUIRE(by("windows", {"--epochs", "5"}, "parts.coil").code == 0);
  REQUIRE(train({"--resume", "--epochs", "6"}, "parts.coil", "parts.coil").code == 0);
  CHECK((read("parts.coil") == read("whole.coil")));
}

TEST_CASE_METHOD(Resumed, "what a run cannot change on its way is refused by name") {
  REQUIRE(by("windows", {"--steps", "5"}, "out.coil").code == 0);
  const std::string before = read("out.coil");
  const std::pair<const char*, const char*> settings[] = {
      {"--seed", "7"},          {"--batch", "21"},    {"--scheme", "blocks"},
      {"--case", "as-written"}, {"--clip-norm", "1"}, {"--weight-decay", "0.1"},
      {"--validation", "0.1"}};
  for (const auto& [option, value] : settings) {
    const std::string told = refused(train({"--resume", option, value}), 2);
    CHECK(told.find(fmt::format("out.coil was trained with {} ", option)) != std::string::npos);
    CHECK(told.find(fmt::format("and is to go on with {};", value)) != std::string::npos);
  }
  CHECK(refused(by("streams", {"--resume"}, "out.coil"), 2).find("another model") !=
        std::string::npos);
  CHECK(refused(train({"--resume", "-D", "hidden=9"}), 2).find("another model") !=
        std::string::npos);
  CHECK(refused(train({"--resume", "-D", "hidden=9"}, "out.coil"), 2).find("-D chooses") !=
        std::string::npos);
  write("text.txt", tiny_text() + "the hat");
  CHECK(refused(train({"--resume"}), 2).find("text.txt") != std::string::npos);
  CHECK((read("out.coil") == before));
}

TEST_CASE_METHOD(Resumed, "nothing to resume") {
  CHECK(refused(train({"--resume"}), 5).find("there is no out.coil to go on with") !=
        std::string::npos);
  REQUIRE(run({"coilc", "tiny.model", "-o", "out.coil"}).code == 0);
  CHECK(refused(train({"--resume"}), 3).find("holds no training to go on with") !=
        std::string::npos);
}

TEST_CASE_METHOD(Resumed, "a damaged file: the one before it is taken, with a warning") {
  REQUIRE(by("windows", {}, "whole.coil").code == 0);
  REQUIRE(by("windows", {"--steps", "60", "--save-every", "25"}, "out.coil").code == 0);
  std::string bytes = read("out.coil");
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  write("out.coil", bytes);
  CHECK(run({"coil", "inspect", "out.coil"}).code == 3);
  const Result result = train({"--resume"});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.err.find("coil: warning: ") == 0);
  CHECK(result.err.find("out.coil.previous") != std::string::npos);
  CHECK((read("out.coil") == read("whole.coil")));
  for (const char* name : {"out.coil", "out.coil.previous"}) write(name, "no artifact");
  CHECK(refused(train({"--resume"}), 3).find("out.coil") != std::string::npos);
}

TEST_CASE_METHOD(Resumed, "Ctrl-C says how to go on, and going on gives the same bytes") {
  const Words command = {"coil", "train",     "tiny.model", "--corpus",     "text.txt",
                         "-o",   "out.coil",  "--recipe",   "windows.yaml", "--epochs",
                         "100",  "--threads", "1"};
  Words other = command;
  other[6] = "whole.coil";
  REQUIRE(run(other).code == 0);
  const pid_t process = start(command);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!has("out.coil") && std::chrono::steady_clock::now() < give_up)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  ::kill(process, SIGINT);
  const Result result = wait(process);
  CHECK(result.code == 130);
  CHECK(result.err.find("the same command with --resume goes on from there\n") !=
        std::string::npos);
  CHECK(load_model(path("out.coil")).training->epochs < 100);
  Words on = command;
  on.push_back("--resume");
  REQUIRE(run(on).code == 0);
  CHECK((read("out.coil") == read("whole.coil")));
}

TEST_CASE_METHOD(Resumed, "after kill -9, again and again, the run ends with the same bytes") {
  REQUIRE(by("streams", {"--epochs", "24"}, "whole.coil").code == 0);
  Words words = {"coil", "train",    "memory.model", "--corpus",     "text.txt",
                 "-o",   "out.coil", "--recipe",     "streams.yaml", "--threads",
                 "1",    "--epochs", "24",           "--save-every", "3"};
  for (int trial = 0; trial < 10; ++trial) {
    const pid_t process = start(words);
    std::this_thread::sleep_for(std::chrono::milliseconds(60 + 13 * trial));
    ::kill(process, SIGKILL);
    wait(process);
    if (has("out.coil") && words.back() != "--resume") words.push_back("--resume");
    if (has("out.coil")) CHECK(load_model(path("out.coil")).has_weights);
  }
  const Result last = run(words);
  INFO(last.err);
  REQUIRE(last.code == 0);
  CHECK((read("out.coil") == read("whole.coil")));
}

}  // namespace coil::test

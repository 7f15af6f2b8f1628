// What may go wrong beside the text itself: each has a message and an exit code of its own.

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>
#include <unistd.h>

#include "runtime/model/model.hpp"

#include "tests/cli/process.hpp"

namespace coil::test {
namespace {

void tells(const Result& result, int code, const std::string& part) {
  INFO(result.err);
  CHECK(result.code == code);
  CHECK(result.err.find("coil: error: ") != std::string::npos);
  CHECK(result.err.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE_METHOD(Corpus, "a folder that cannot be written to") {
  std::filesystem::create_directory(path("locked"));
  std::filesystem::permissions(
      path("locked"), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  if (::access(path("locked").c_str(), W_OK) == 0) {
    // Root may write anywhere but where there is nothing to write to.
    tells(train({}, "tiny.model", "/proc/out.coil"), 5, "/proc");
    return;
  }
  tells(train({}, "tiny.model", "locked/out.coil"), 5,
        "cannot write to the folder locked: Permission denied");
  tells(train({"--metrics", "locked/m.csv"}), 5, "--metrics locked/m.csv");
}

TEST_CASE_METHOD(Corpus, "a disk that is full when the model is saved: the file before stays") {
  REQUIRE(train({"--epochs", "1"}).code == 0);
  const std::string before = read("out.coil");
  const Result result = shell(
      "ulimit -f 2; coil train tiny.model --corpus text.txt -o out.coil --threads 1 -D hidden=64");
  tells(result, 5, "cannot write 'out.coil': File too large");
  CHECK((read("out.coil") == before));
}

TEST_CASE_METHOD(Corpus,
                 "a text too short for one window, for one of each stream, and to hold out of") {
  write("text.txt", "ab");
  tells(train({}), 1, "text.txt: the text has 2 characters, but 2 steps and a target need 3");
  write("text.txt", "abcabcabc");
  tells(train({"--scheme", "streams", "--batch", "64"}), 1,
        "but 64 streams of 2 steps and a target need 129");
  const Result held_out = train({"--validation", "0.1"});
  CHECK(held_out.code == 1);
  INFO(held_out.err);
  CHECK(held_out.err.find("text.txt") != std::string::npos);
  CHECK_FALSE(has("out.coil"));
}

TEST_CASE_METHOD(Corpus, "a text with a character that the trained model does not know") {
  REQUIRE(train({"--epochs", "1"}).code == 0);
  write("text.txt", "the cat sat\non the zat");
  tells(train({}, "out.coil", "on.coil"), 1, "text.txt:2:8");
  const Result resumed = train({"--resume", "--epochs", "2"});
  tells(resumed, 1, "'z'");
}

TEST_CASE_METHOD(Corpus, "an output that another training holds") {
  const pid_t process =
      start({"coil", "train", "tiny.model", "--corpus", "text.txt", "-o", "out.coil", "--epochs",
             "1000000", "--batch", "1", "--threads", "1"});
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!has("out.coil") && std::chrono::steady_clock::now() < give_up)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  // Not in this folder's `out` and `err`, which the other process writes.
  const Folder elsewhere;
  const std::string command = "coil train " + path("tiny.model") + " --corpus " + path("text.txt") +
                              " --threads 1 -o " + path("out.coil");
  tells(elsewhere.shell(command), 5, "out.coil");
  tells(elsewhere.shell(command + " --resume"), 5, std::to_string(process));
  CHECK(elsewhere.shell(command + " --dry-run").code == 0);
  ::kill(process, SIGINT);
  CHECK(wait(process).code == 130);
  CHECK(elsewhere.shell(command).code == 0);
}

TEST_CASE_METHOD(Corpus, "divergence: what went wrong, what to try, and what is left") {
  const Result wild =
      train({"--optimizer", "sgd", "--learning-rate", "1000", "--epochs", "50", "--batch", "16"});
  INFO(wild.err);
  CHECK(wild.code == 4);
  CHECK(wild.err.find("coil: error: training diverged") == 0);
  CHECK(wild.err.find("step") != std::string::npos);
  CHECK(wild.err.find("nothing was saved") != std::string::npos);
  CHECK_FALSE(has("out.coil"));
}

}  // namespace coil::test

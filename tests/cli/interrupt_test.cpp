// Signals while training.

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <thread>

#include "runtime/model/model.hpp"

#include "tests/cli/process.hpp"

namespace coil::test {
namespace {

constexpr auto patience = std::chrono::seconds(20);

// Training that would go on for hours; returns once `file` is there: it is under way then.
pid_t start_training(const Folder& folder, const std::string& file) {
  folder.write("tiny.model", tiny_model);
  folder.write("text.txt", tiny_text());
  const pid_t process =
      folder.start({"coil", "train", "tiny.model", "--corpus", "text.txt", "-o", "out.coil",
                    "--epochs", "1000000", "--batch", "1", "--threads", "1"});
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (!folder.has(file) && std::chrono::steady_clock::now() < give_up)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return process;
}

}  // namespace

TEST_CASE("Ctrl-C finishes the step, saves and says so") {
  const Folder folder;
  const pid_t process = start_training(folder, "out.coil");
  ::kill(process, SIGINT);
  const Result result = folder.wait(process);
  INFO(result.err);
  CHECK(result.code == 130);
  CHECK(result.err.find("coil: interrupted; saved out.coil after ") == 0);
  const Model model = load_model(folder.path("out.coil"));
  CHECK(model.has_weights);
  CHECK(model.training->epochs >= 1);
  CHECK(model.training->steps > 0);
  // The model, the text, the artifact, out and err; and the artifact before, if there was time for two.
  CHECK(folder.files() == (folder.has("out.coil.previous") ? 6 : 5));
  CHECK(folder.run({"coil", "generate", "out.coil", "-p", "the", "-n", "5"}).code == 0);
}

TEST_CASE("termination saves as well") {
  const Folder folder;
  const pid_t process = start_training(folder, "out.coil");
  ::kill(process, SIGTERM);
  const Result result = folder.wait(process);
  CHECK(result.code == 143);
  CHECK(result.err.find("coil: interrupted; saved out.coil") == 0);
  CHECK(load_model(folder.path("out.coil")).has_weights);
}

TEST_CASE("killed at any moment, the file is a whole one") {
  const Folder folder;
  for (int i = 0; i < 10; ++i) {
    const pid_t process = start_training(folder, "out.coil");
    std::this_thread::sleep_for(std::chrono::milliseconds(7 * i));
    ::kill(process, SIGKILL);
    CHECK(folder.wait(process).code == 128 + SIGKILL);
    CHECK(load_model(folder.path("out.coil")).has_weights);
  }
}

}  // namespace coil::test

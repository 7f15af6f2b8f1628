#include <chrono>
#include <functional>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "runtime/artifact/artifact.hpp"
#include "runtime/artifact/atomic_file.hpp"

#include "tests/artifact/support.hpp"

// What happens to a file when its writer meets a full disk or is killed.

namespace coil {

namespace {

Artifact artifact_of(float value) {
  return {{{"coil.graph", "g"}}, {{"w", {50'000}, std::vector<float>(50'000, value)}}};
}

// Runs `action` in a child process, which ends with what it returns.
pid_t start(const std::function<int()>& action) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child > 0) return child;
  try {
    _exit(action());
  } catch (...) {
    _exit(99);
  }
}

// The exit status as waitpid() gives it.
int status_of_child(const std::function<int()>& action) {
  const pid_t child = start(action);
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

// Saves under a limit on file sizes; 0 where it failed as it should, without a signal left behind.
int save_past_limit(const std::string& path) {
  const rlimit limit = {4096, 4096};
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
  try {
    save_artifact(path, artifact_of(2));
  } catch (const RunError& error) {
    sigset_t pending;
    sigpending(&pending);
    if (sigismember(&pending, SIGXFSZ) == 1) return 3;
    if (std::string_view(error.what()).find("File too large") == std::string_view::npos) return 4;
    return error.code() == ExitCode::io ? 0 : 5;
  }
  return 6;
}

int save_for_ever(const std::string& path) {
  for (int i = 0;; ++i) save_artifact(path, artifact_of(static_cast<float>(i)));
}

}  // namespace

TEST_CASE("a full disk leaves the old file and no temporary") {
  const TestFolder folder;
  save_artifact(folder / "m.coil", artifact_of(1));
  CHECK(status_of_child([&] { return save_past_limit(folder / "m.coil"); }) == 0);
  CHECK(load_artifact(folder / "m.coil") == artifact_of(1));
  CHECK(folder.names().size() == 1);
}

TEST_CASE("a full disk where there was no file leaves none") {
  const TestFolder folder;
  CHECK(status_of_child([&] { return save_past_limit(folder / "m.coil"); }) == 0);
  CHECK(folder.names().empty());
}

TEST_CASE("a writer killed at any moment leaves a file that loads") {
  const TestFolder folder;
  const std::string path = folder / "m.coil";
  save_artifact(path, artifact_of(-1));
  int replaced = 0;
  for (int trial = 0; trial < 20; ++trial) {
    const auto before = load_artifact(path);
    const pid_t child = start([&] { return save_for_ever(path); });
    std::this_thread::sleep_for(std::chrono::milliseconds(5 + 7 * trial));
    REQUIRE(kill(child, SIGKILL) == 0);
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    const Artifact after = load_artifact(path);
    CHECK(after == artifact_of(after.tensors.at(0).values.at(0)));
    replaced += after == before ? 0 : 1;
  }
  CHECK(replaced > 0);
  save_artifact(path, artifact_of(0));
  CHECK(folder.names() == std::vector<std::string>{"m.coil"});
}

}  // namespace coil

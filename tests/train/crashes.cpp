// Killed writers, full disks, damaged files and two trainings at once: the newest checkpoint always loads.

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "runtime/artifact/atomic_file.hpp"
#include "runtime/artifact/output_lock.hpp"

#include "tests/support/cases.hpp"
#include "tests/support/rng.hpp"
#include "tests/train/models.hpp"

namespace coil::test {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t all_steps = 400;

Recipe long_recipe() {
  Recipe recipe = recipe_for(Scheme::streams);
  recipe.phases = {{Optimizer::adam, 0.01, 0, 3}, {Optimizer::adam, 0.002, 0, 10}};
  return recipe;
}

// Trains to the end, saving after every third step, from where the newest checkpoint stands; what a child does.
int train_on(const std::string& path) {
  const OutputLock lock(path);
  const bool resumes = fs::exists(path);
  Newest newest = resumes ? load_newest(path) : Newest{model_for(Scheme::streams), path, ""};
  if (!newest.warning.empty()) return 3;
  Model& model = newest.model;
  Trainer trainer(model, short_text(), "text", long_recipe(), 1,
                  resumes ? Start::resume : Start::fresh);
  while (!trainer.done() && model.training->steps < all_steps)
    trainer.run_epoch([&](const StepReport&) {
      if (model.training->steps % 3 == 0) trainer.save(path);
      return model.training->steps < all_steps;
    });
  trainer.save(path);
  return 0;
}

// Runs `action` in a child process, which ends with what it returns.
template <typename Action>
pid_t start(const Action& action) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child > 0) return child;
  try {
    _exit(action());
  } catch (...) {
    _exit(99);
  }
}

int status_of(pid_t child) {
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

ino_t file_at(const std::string& path) {
  struct stat status = {};
  return stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

void damage(const std::string& path) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(fs::file_size(path) / 2));
  file.put('\xff').put('\xff').put('\x7f');
}

void save_after(std::int64_t steps, Trainer& trainer, const Model& model, const std::string& path) {
  train_to(trainer, model, steps);
  trainer.save(path);
}

}  // namespace

TEST_CASE("killed again and again, a run is never lost and ends in the bytes of one that was not") {
  const TemporaryFolder folder;
  const std::string path = folder / "killed.coil";
  Rng rng(7);
  std::int64_t steps = 0;
  std::uint64_t killed = 0;
  const std::uint64_t trials = of_cases<std::uint64_t>(20, 8);
  for (std::uint64_t trial = 0; trial < trials; ++trial) {
    const ino_t before = file_at(path);
    const pid_t child = start([&] { return train_on(path); });
    // Until it has saved once, then to a random moment of its work.
    for (int wait = 0; file_at(path) == before && wait < 5000; ++wait)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::microseconds(rng.between(0, 6000)));
    kill(child, SIGKILL);
    const int status = status_of(child);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) ++killed;

    const Newest newest = load_newest(path);
    CHECK(newest.warning.empty());
    CHECK(newest.model.training->steps >= steps);
    steps = newest.model.training->steps;
    for (const float x : weights_of(newest.model)) REQUIRE(std::isfinite(x));
    if (fs::exists(previous_path(path))) CHECK_NOTHROW(load_model(previous_path(path)));
  }
  CHECK(killed == trials);
  CHECK(steps > 0);
  CHECK(steps < all_steps);
  CHECK(status_of(start([&] { return train_on(path); })) == 0);
  CHECK(status_of(start([&] { return train_on(folder / "whole.coil"); })) == 0);
  CHECK(bytes_of(path) == bytes_of(folder / "whole.coil"));
  std::set<std::string> left;
  for (const auto& entry : fs::directory_iterator(fs::path(path).parent_path()))
    left.insert(entry.path().filename());
  CHECK(left == std::set<std::string>{"killed.coil", "killed.coil.previous", "whole.coil",
                                      "whole.coil.previous"});
}

TEST_CASE("the checkpoint before stays, and serves where the newest is damaged or gone") {
  const TemporaryFolder folder;
  const std::string path = folder / "m.coil";
  Model model = model_for(Scheme::streams);
  Trainer trainer(model, short_text(), "text", long_recipe(), 1);
  save_after(10, trainer, model, path);
  CHECK_FALSE(fs::exists(previous_path(path)));
  save_after(20, trainer, model, path);
  CHECK(load_model(previous_path(path)).training->steps == 10);
  CHECK(load_newest(path).model.training->steps == 20);
  CHECK(load_newest(path).warning.empty());

  damage(path);
  CHECK(failure_of([&] { load_model(path); }).starts_with("3:"));
  const Newest fallen = load_newest(path);
  CHECK(fallen.model.training->steps == 10);
  CHECK(fallen.path == previous_path(path));
  CHECK(fallen.warning.find("its bytes have changed") != std::string::npos);
  CHECK(fallen.warning.find("went back to the checkpoint before it") != std::string::npos);
  fs::remove(path);
  CHECK(load_newest(path).model.training->steps == 10);

  // What is resumed from there is exact too.
  Model before = load_newest(path).model;
  Trainer resumed(before, short_text(), "text", long_recipe(), 1, Start::resume);
  save_after(20, resumed, before, path);
  CHECK(load_newest(path).model.training->steps == 20);

  damage(path);
  damage(previous_path(path));
  CHECK(failure_of([&] { load_newest(path); }).find("m.coil: its bytes have changed") !=
        std::string::npos);
  CHECK(failure_of([&] { load_newest(folder / "none.coil"); }).starts_with("5:"));
}

TEST_CASE("a damaged newest never takes the place of the sound one before") {
  const TemporaryFolder folder;
  const std::string path = folder / "m.coil";
  Model model = model_for(Scheme::streams);
  Trainer trainer(model, short_text(), "text", long_recipe(), 1);
  for (const std::int64_t steps : {10, 20}) save_after(steps, trainer, model, path);
  damage(path);
  // Neither does a save that fails move the sound one.
  const pid_t child = start([&] {
    const rlimit limit = {4096, 4096};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
    return failure_of([&] { trainer.save(path); }).starts_with("5:") ? 0 : 2;
  });
  CHECK(status_of(child) == 0);
  CHECK(load_newest(path).model.training->steps == 10);
  save_after(30, trainer, model, path);
  CHECK(load_newest(path).model.training->steps == 30);
  CHECK(load_newest(path).warning.empty());
}

TEST_CASE("a full disk leaves both checkpoints as they were") {
  const TemporaryFolder folder;
  const std::string path = folder / "m.coil";
  Model model = model_for(Scheme::streams);
  Trainer trainer(model, short_text(), "text", long_recipe(), 1);
  for (const std::int64_t steps : {10, 20}) save_after(steps, trainer, model, path);
  const std::string newest = bytes_of(path), before = bytes_of(previous_path(path));
  const pid_t child = start([&] {
    const rlimit limit = {4096, 4096};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
    const std::string failure = failure_of([&] { trainer.save(path); });
    return failure.starts_with("5: cannot write") && failure.find("m.coil") != failure.npos ? 0 : 2;
  });
  CHECK(status_of(child) == 0);
  CHECK(bytes_of(path) == newest);
  CHECK(bytes_of(previous_path(path)) == before);
  CHECK(load_newest(path).model.training->steps == 20);
}

TEST_CASE("a second training into one output is refused, by any name of it") {
  const TemporaryFolder folder;
  const std::string path = folder / "m.coil";
  fs::create_symlink("m.coil", folder / "link.coil");
  {
    const OutputLock lock(path);
    CHECK(
        failure_of([&] { OutputLock second(path); }) ==
        fmt::format("5: another training (process {}) writes '{}'; wait until it ends, stop it, or "
                    "choose another output",
                    getpid(), path));
    CHECK(failure_of([&] { OutputLock second(folder / "link.coil"); }).starts_with("5: another"));
    CHECK(failure_of([&] { OutputLock other(folder / "other.coil"); }) == "nothing");
    const pid_t child = start(
        [&] { return failure_of([&] { OutputLock second(path); }).starts_with("5:") ? 0 : 1; });
    CHECK(status_of(child) == 0);
  }
  CHECK(failure_of([&] { OutputLock again(path); }) == "nothing");
  CHECK_FALSE(fs::exists(path + ".lock"));
  CHECK(
      failure_of([&] { OutputLock lock(folder / "none/m.coil"); }).starts_with("5: cannot write"));
  CHECK(failure_of([&] { OutputLock one("/dev/null"), two("/dev/null"); }) == "nothing");
}

TEST_CASE("the lock of a killed training is free") {
  const TemporaryFolder folder;
  const std::string path = folder / "m.coil";
  const pid_t child = start([&] {
    const OutputLock lock(path);
    std::ofstream(folder / "ready") << "yes";
    while (true) pause();
    return 0;
  });
  for (int wait = 0; !fs::exists(folder / "ready") && wait < 5000; ++wait)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  CHECK(failure_of([&] { OutputLock second(path); }).find(fmt::format("(process {})", child)) !=
        std::string::npos);
  kill(child, SIGKILL);
  status_of(child);
  CHECK(fs::exists(path + ".lock"));
  CHECK(failure_of([&] { OutputLock again(path); }) == "nothing");
}

}  // namespace coil::test

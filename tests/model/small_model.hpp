#pragma once

#include <filesystem>
#include <string>

#include "compiler/source/run_error.hpp"

#include "runtime/model/model.hpp"

namespace coil::test {

// A Char3 of a few hundred weights, compiled from text; further -D go over its defaults.
Model small_model(const std::vector<Definition>& definitions = {});

// The same, knowing the characters of small_text() and with weights drawn from `seed`.
Model ready_model(std::uint64_t seed = 1);

// About four thousand characters in which each is told by the three before it, and whose period is no
// multiple of three, so that windows of three begin everywhere.
std::string small_text();

// A folder of its own, removed in the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// The exit code and message of the RunError that `action` throws, as "3: message"; "nothing" where it throws
// none.
template <typename Action>
std::string failure_of(const Action& action) {
  try {
    action();
  } catch (const RunError& error) {
    return fmt::format("{}: {}", static_cast<int>(error.code()), error.what());
  }
  return "nothing";
}

}  // namespace coil::test

// --help: every example in it runs as written, one after another in one folder. This is where leaks of whole commands
// are looked for.

#include <catch2/catch.hpp>
#include <sstream>

#include "runtime/artifact/npy.hpp"

#include "tests/cli/process.hpp"

namespace coil::test {
namespace {

const std::vector<Words> commands = {
    {"coilc"},          {"coilc", "equiv"},         {"coil"},
    {"coil", "train"},  {"coil", "generate"},       {"coil", "run"},
    {"coil", "eval"},   {"coil", "calibrate"},      {"coil", "inspect"},
    {"coil", "corpus"}, {"coil", "plot"},           {"coil", "bench"},
    {"coil", "info"},   {"coil", "export-weights"}, {"coil", "import-weights"}};

// The lines below "Examples:" that begin with a command; what follows two blanks is a remark.
std::vector<std::string> examples(const std::string& help) {
  std::vector<std::string> found;
  std::istringstream lines(help.substr(help.find("Examples:")));
  for (std::string line; std::getline(lines, line);) {
    if (line.find("  coil") != 0) continue;
    line.erase(0, 2);
    found.push_back(line.substr(0, line.find("   ")));
  }
  return found;
}

}  // namespace

TEST_CASE("--help goes to stdout, fits the screen and has examples that run") {
  const Folder folder(Leaks::found);
  for (const char* name : {"models", "examples"})
    std::filesystem::create_directory_symlink(
        std::filesystem::canonical(std::string(COIL_ROOT) + "/" + name), folder.path(name));
  for (const char* name : {"c1.npy", "c2.npy", "c3.npy"})
    write_npy(folder.path(name), {{2}, std::vector<std::int32_t>{1, 2}});
  for (const Words& command : commands) {
    Words words = command;
    words.push_back("--help");
    const Result help = folder.run(words);
    CHECK(help.code == 0);
    CHECK(help.err.empty());
    const auto lines = examples(help.out);
    INFO(help.out);
    CHECK_FALSE(lines.empty());
    for (const std::string& line : lines) {
      const Result result = folder.shell(line);
      INFO(line << '\n' << result.err);
      CHECK(result.code == 0);
    }
  }
}

}  // namespace coil::test

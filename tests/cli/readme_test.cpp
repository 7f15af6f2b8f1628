// Every command of the README runs as it stands there, one after another in one folder.

#include <catch2/catch.hpp>
#include <fstream>

#include "runtime/artifact/npy.hpp"

#include "tests/cli/process.hpp"

namespace coil::test {
namespace {

// The commands that stand on lines of their own, without what is remarked behind them; and those within a line that
// name a file of the repository.
std::vector<std::string> commands_of(std::istream& readme) {
  std::vector<std::string> commands;
  for (std::string line; std::getline(readme, line);) {
    if (line.starts_with("    $ ")) line.erase(4, 2);
    if (line.starts_with("    coil")) {
      line.erase(0, 4);
      for (std::string more; line.ends_with(" \\") && std::getline(readme, more);)
        line.replace(line.size() - 1, 1, more);
      commands.push_back(line.substr(0, line.find(" # ")));
      continue;
    }
    for (std::size_t at = 0; (at = line.find("`coilc models/", at)) != std::string::npos;) {
      const std::size_t end = line.find('`', at + 1);
      if (end != std::string::npos) commands.push_back(line.substr(at + 1, end - at - 1));
      at = end;
    }
  }
  return commands;
}

}  // namespace

TEST_CASE("the README's commands run") {
  namespace fs = std::filesystem;
  const Folder folder;
  const std::string root = fs::canonical(COIL_ROOT).string();
  for (const char* name : {"models", "examples"})
    fs::create_directory_symlink(root + "/" + name, folder.path(name));
  // The tutorial's text is not part of the repository; the beginning of another one does.
  std::ifstream story(root + "/examples/corpus/the-rope-walk.txt");
  std::string text(12'000, ' ');
  story.read(text.data(), std::ssize(text));
  folder.write("nietzsche.txt", text);
  for (const char* name : {"a.npy", "b.npy", "c.npy"})
    write_npy(folder.path(name), {{2}, std::vector<std::int32_t>{1, 2}});
  const bool has_graphviz = folder.shell("command -v dot").code == 0;
  std::ifstream readme(root + "/README.md");
  const auto commands = commands_of(readme);
  CHECK(commands.size() > 25);
  for (const std::string& command : commands) {
    if (command.find("| dot ") != std::string::npos && !has_graphviz) {
      WARN("not run, since there is no Graphviz: " << command);
      continue;
    }
    // Where two models differ, equiv says so by its exit code.
    const bool may_differ =
        command.starts_with("coilc equiv models/char_loop.model models/char_rnn");
    const Result result = folder.shell(command);
    INFO(command << "\n" << result.err);
    CHECK(result.code == (may_differ ? 1 : 0));
  }
}

TEST_CASE("two spellings are identical, as the README shows") {
  const Folder folder;
  std::ifstream readme(std::string(COIL_ROOT) + "/README.md");
  std::string shown, command;
  for (std::string line; std::getline(readme, line);) {
    if (line.starts_with("    $ coilc equiv")) {
      command = line.substr(6);
      continue;
    }
    if (command.empty()) continue;
    if (!line.starts_with("    ")) break;
    shown += line.substr(4) + '\n';
  }
  REQUIRE_FALSE(command.empty());
  const Result result = folder.shell("cd '" + std::string(COIL_ROOT) + "' && " + command);
  CHECK(result.code == 0);
  CHECK(result.out == shown);
}

}  // namespace coil::test

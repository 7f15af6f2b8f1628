#include "compiler/source/load.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "compiler/source/run_error.hpp"

namespace fs = std::filesystem;

namespace {

// A folder of its own, gone afterwards.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "coil-load-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }

  std::string at(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(at(name), std::ios::binary) << text;
    return at(name);
  }

 private:
  fs::path path_;
};

std::string refusal(const std::string& path, std::size_t largest = 1000) {
  try {
    coil::read_file(path, largest);
  } catch (const coil::RunError& error) {
    CHECK(error.code() == coil::ExitCode::io);
    return error.what();
  }
  return "no error";
}

// Runs `act` with `text` on standard input.
template <typename Act>
void with_standard_input(const std::string& text, const Act& act) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  ::close(ends[1]);
  const int saved = ::dup(STDIN_FILENO);
  ::dup2(ends[0], STDIN_FILENO);
  ::close(ends[0]);
  act();
  ::dup2(saved, STDIN_FILENO);
  ::close(saved);
}

}  // namespace

TEST_CASE("a file is read byte for byte") {
  const Folder folder;
  std::string text;
  for (int i = 0; i < 300000; ++i) text += static_cast<char>(i * 7);
  CHECK(coil::read_file(folder.write("a", text), text.size()) == text);
  CHECK(coil::read_file(folder.write("b", ""), 10).empty());
}

TEST_CASE("a file past the limit is refused, one at the limit is not") {
  const Folder folder;
  const std::string path = folder.write("a", std::string(1001, 'x'));
  CHECK(refusal(path) == "cannot read '" + path + "': it is larger than the 1000 bytes allowed");
  CHECK(coil::read_file(path, 1001).size() == 1001);
}

TEST_CASE("what is no readable file is refused with its reason") {
  const Folder folder;
  const std::string missing = folder.at("missing");
  CHECK(refusal(missing) == "cannot read '" + missing + "': No such file or directory");
  CHECK(refusal(folder.at("")) ==
        "cannot read '" + folder.at("") + "': it is a folder, not a file");
  CHECK(refusal("/dev/zero") == "cannot read '/dev/zero': it is neither a regular file nor a pipe");
  CHECK(refusal("") == "cannot read '': No such file or directory");
}

TEST_CASE("a path cannot write to the terminal through the message") {
  CHECK(refusal("/no\x1b[2J") == "cannot read '/no<U+001B>[2J': No such file or directory");
}

TEST_CASE("a named pipe is read to its end") {
  const Folder folder;
  const std::string path = folder.at("pipe");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  std::thread writer([&] { std::ofstream(path) << "through a pipe"; });
  const std::string text = coil::read_file(path, 100);
  writer.join();
  CHECK(text == "through a pipe");
}

TEST_CASE("a dash is standard input") {
  with_standard_input("model A {}", [] {
    const coil::SourceFile file = coil::load_source("-");
    CHECK(file.name() == "<standard input>");
    CHECK(file.text() == "model A {}");
  });
  with_standard_input(std::string(1001, 'x'), [] {
    CHECK(refusal("-") == "cannot read standard input: it is larger than the 1000 bytes allowed");
  });
}

TEST_CASE("a byte order mark at the start is dropped, and only there") {
  const Folder folder;
  CHECK(coil::load_source(folder.write("a", "\xEF\xBB\xBFmodel")).text() == "model");
  CHECK(coil::load_source(folder.write("b", "m\xEF\xBB\xBFodel")).text() == "m\xEF\xBB\xBFodel");
}

#include "runtime/cli/guard.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <new>
#include <unistd.h>

#include "compiler/source/internal_error.hpp"

#include "runtime/cli/standard_output.hpp"

#include "tests/cli/process.hpp"

namespace coil::cli {
namespace {

struct Told {
  int code;
  std::string err;
};

// guard() around something that throws, with stderr in a file meanwhile.
Told told(const std::function<int()>& command) {
  const test::Folder folder;
  std::string words[] = {"/usr/bin/coil", "train", "my corpus", "it's", "-o", "x"};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  std::fflush(stderr);
  const int before = ::dup(STDERR_FILENO);
  const int file = ::open(folder.path("err").c_str(), O_WRONLY | O_CREAT, 0644);
  ::dup2(file, STDERR_FILENO);
  const int code = guard("coil", static_cast<int>(argv.size()), argv.data(), command);
  std::fflush(stderr);
  ::dup2(before, STDERR_FILENO);
  ::close(before);
  ::close(file);
  return {code, folder.read("err")};
}

}  // namespace

TEST_CASE("each kind of error has its code and its words") {
  CHECK(told([] { return 0; }).code == 0);
  const Told run = told([]() -> int { fail(ExitCode::diverged, "the loss is {}", "nan"); });
  CHECK(run.code == 4);
  CHECK(run.err == "coil: error: the loss is nan\n");
  const Told memory = told([]() -> int { throw std::bad_alloc(); });
  CHECK(memory.code == 5);
  CHECK(memory.err.find("coil: error: not enough memory") == 0);
  const Told reported = told([]() -> int { throw Reported{ExitCode::bad_text}; });
  CHECK(reported.code == 1);
  CHECK(reported.err.empty());
  const Told closed = told([]() -> int { throw ClosedOutput{}; });
  CHECK(closed.code == 0);
  CHECK(closed.err.empty());
}

TEST_CASE("a bug is called one, with what a report needs") {
  for (const bool internal : {true, false}) {
    const Told bug = told([&]() -> int {
      if (internal) throw InternalError("node 7\x1b is dead");
      throw std::out_of_range("node 7\x1b is dead");
    });
    CHECK(bug.code == 70);
    CHECK(bug.err.find("this is a bug in Coil, not in your files: node 7") != std::string::npos);
    CHECK(bug.err.find('\x1b') == std::string::npos);
    CHECK(bug.err.find("  coil train 'my corpus' 'it'\\''s' -o x\n") != std::string::npos);
    CHECK(bug.err.find(COIL_VERSION) != std::string::npos);
  }
}

}  // namespace coil::cli

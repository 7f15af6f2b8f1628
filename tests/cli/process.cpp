#include "tests/cli/process.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/wait.h>
#include <unistd.h>

namespace coil::test {
namespace {

namespace fs = std::filesystem;

void redirect(int to, const char* file) {
  const int descriptor = ::open(file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (descriptor < 0 || ::dup2(descriptor, to) < 0) ::_exit(126);
  ::close(descriptor);
}

// Without the stacks of allocations too, a tenth of a start: a report still says where memory was misused, and the
// command run by hand says where it came from.
void make_starts_cheap() {
  const char* const options = std::getenv("ASAN_OPTIONS");
  const std::string cheap =
      (options ? std::string(options) + ":" : "") + "detect_leaks=0:malloc_context_size=0";
  ::setenv("ASAN_OPTIONS", cheap.c_str(), 1);
}

[[noreturn]] void become(const Words& words, const fs::path& root, Leaks leaks) {
  ::setpgid(0, 0);
  for (const int signal : {SIGINT, SIGTERM, SIGPIPE}) std::signal(signal, SIG_DFL);
  if (::chdir(root.c_str()) != 0) ::_exit(126);
  redirect(STDOUT_FILENO, "out");
  redirect(STDERR_FILENO, "err");
  if (leaks == Leaks::ignored) make_starts_cheap();
  const std::string path = std::string(COIL_PROGRAMS) + ":" + std::getenv("PATH");
  ::setenv("PATH", path.c_str(), 1);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

Folder::Folder(Leaks leaks) : leaks_(leaks) {
  std::string name = (fs::temp_directory_path() / "coil-cli-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  root_ = name;
}

Folder::~Folder() {
  std::error_code error;
  fs::remove_all(root_, error);
}

std::string Folder::write(const std::string& name, const std::string& text) const {
  std::ofstream(root_ / name, std::ios::binary) << text;
  return path(name);
}

std::string Folder::read(const std::string& name) const {
  std::ifstream file(root_ / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void Folder::copy(const Folder& other) const {
  fs::copy(other.root_, root_, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
}

std::size_t Folder::files() const {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(root_), {}));
}

pid_t Folder::start(const Words& words) const {
  const pid_t process = ::fork();
  REQUIRE(process >= 0);
  if (process == 0) become(words, root_, leaks_);
  return process;
}

Result Folder::wait(pid_t process) const {
  int status = 0;
  REQUIRE(::waitpid(process, &status, 0) == process);
  const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return {code, read("out"), read("err")};
}

Result Folder::run(const Words& words) const { return wait(start(words)); }

Result Folder::shell(const std::string& line) const { return run({"sh", "-c", line}); }

const std::string tiny_model = R"(model Tiny(vocab = 12, hidden = 8) {
  input a, b: index(vocab)
  layer embed = embedding(vocab, 4)
  layer mix   = dense(hidden, tanh)
  output mix(embed(a)) + mix(embed(b)) |> dense(vocab, softmax)
}
)";

std::string tiny_text() {
  std::string text;
  for (int i = 0; i < 60; ++i) text += i % 3 == 0 ? "the cat sat on " : "A hat, not a cot\n";
  return text;
}

Corpus::Corpus() {
  write("tiny.model", tiny_model);
  write("text.txt", tiny_text());
}

Result Corpus::train(const Words& more, const std::string& model, const std::string& out) const {
  Words words = {"coil", "train", model, "--corpus", "text.txt", "-o", out};
  if (std::ranges::find(more, "--threads") == more.end())
    words.insert(words.end(), {"--threads", "1"});
  words.insert(words.end(), more.begin(), more.end());
  return run(words);
}

std::size_t count_lines(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

namespace {

struct MadeOnce : Corpus {
  MadeOnce() {
    const Result result = train({"--batch", "64", "--epochs", "30"}, "tiny.model", "tiny.coil");
    INFO(result.err);
    REQUIRE(result.code == 0);
  }
};

}  // namespace

void make_trained(const Folder& folder) {
  static const MadeOnce made;
  folder.copy(made);
}

}  // namespace coil::test

#include "tests/cli/process.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

namespace coil::test {
namespace {

namespace fs = std::filesystem;

// The environment of a started program: this one's, with the built commands first in PATH and, of a build with
// sanitizers, what makes starts cheap. Without the stacks of allocations too, a tenth of a start: a report still says where
// memory was misused, and the command run by hand says where it came from.
std::vector<std::string> environment_of(Leaks leaks) {
  const std::string cheap = "detect_leaks=0:malloc_context_size=0";
  std::string options = leaks == Leaks::ignored ? cheap : "";
  std::vector<std::string> variables;
  for (char** variable = environ; *variable; ++variable) {
    const std::string_view text = *variable;
    if (text.starts_with("PATH="))
      variables.push_back("PATH=" COIL_PROGRAMS ":" + std::string(text.substr(5)));
    else if (text.starts_with("ASAN_OPTIONS="))  // what comes later counts
      options = std::string(text.substr(13)) + (options.empty() ? "" : ":" + options);
    else
      variables.emplace_back(text);
  }
  variables.push_back("ASAN_OPTIONS=" + options);
  return variables;
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// What a process begins with: a group and a folder of its own, what it writes in files, and signals as a shell has them.
struct Beginning {
  explicit Beginning(const fs::path& folder) {
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addchdir_np(&files, folder.c_str());
    constexpr int how = O_WRONLY | O_CREAT | O_TRUNC;
    ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "out", how, 0644);
    ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "err", how, 0644);
    ::posix_spawnattr_init(&attributes);
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGPIPE}) ::sigaddset(&signals, signal);
    ::posix_spawnattr_setsigdefault(&attributes, &signals);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  }
  Beginning(const Beginning&) = delete;
  Beginning& operator=(const Beginning&) = delete;
  ~Beginning() {
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
  }

  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};
};

// Where a word without a slash is found: as a shell finds it, the built commands first.
std::string program_of(const std::string& word) {
  const fs::path built = fs::path(COIL_PROGRAMS) / word;
  return fs::exists(built) ? built.string() : word;
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
  const Beginning beginning(root_);
  const std::vector<std::string> variables = environment_of(leaks_);
  pid_t process = 0;
  // Not fork: it would copy the page tables of this process, a tenth of the time that a command takes.
  const int error = ::posix_spawnp(&process, program_of(words[0]).c_str(), &beginning.files,
                                   &beginning.attributes, pointers_to(words).data(),
                                   pointers_to(variables).data());
  REQUIRE(error == 0);
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

#pragma once

// Runs the built commands as a shell would, in a folder of the test's own.

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace coil::test {

struct Result {
  int code = 0;  // 128 + the signal where one ended it
  std::string out;
  std::string err;
};

using Words = std::vector<std::string>;

// Of a build with sanitizers: whether commands look for leaks when they end. That is a third of their time, and of
// hundreds of starts, so one test asks for it that goes through every command.
enum class Leaks { ignored, found };

// A folder that goes with its test, in which commands run.
class Folder {
 public:
  explicit Folder(Leaks leaks = Leaks::ignored);
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path(const std::string& name) const { return (root_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const;  // its path
  std::string read(const std::string& name) const;
  bool has(const std::string& name) const { return std::filesystem::exists(root_ / name); }
  // Puts copies of the other's files into it.
  void copy(const Folder& other) const;
  // What lies in it, temporaries included.
  std::size_t files() const;

  // words[0] is coil or coilc, or a program of the system.
  Result run(const Words& words) const;
  // In sh, where coil and coilc are found.
  Result shell(const std::string& line) const;
  // Not waited for; stdout and stderr go to the files "out" and "err".
  pid_t start(const Words& words) const;
  Result wait(pid_t process) const;

 private:
  std::filesystem::path root_;
  Leaks leaks_;
};

// A model of two characters that trains in milliseconds, and a text of 11 characters for its 12.
extern const std::string tiny_model;
std::string tiny_text();

// A folder with tiny.model and text.txt in it.
struct Corpus : Folder {
  Corpus();

  // By one thread, into `out`.
  Result train(const Words& more, const std::string& model = "tiny.model",
               const std::string& out = "out.coil") const;
};

std::size_t count_lines(const std::string& text);

// Writes tiny.model and text.txt, and trains tiny.coil: once, for the first that asks, and copies from then on.
void make_trained(const Folder& folder);

}  // namespace coil::test

#pragma once

#include <fmt/format.h>
#include <stdexcept>
#include <string>

namespace coil {

// The commands' exit codes.
enum class ExitCode {
  done = 0,
  bad_text = 1,       // the input text (a model, a corpus, a prompt) is wrong
  usage = 2,          // the command line is wrong
  bad_artifact = 3,   // a .coil file, checkpoint or weight file is invalid
  diverged = 4,       // training left the finite numbers
  io = 5,             // the file system said no
  interrupted = 130,  // Ctrl-C
  terminated = 143,
};

// What a person can mend outside the .model text. The message says what, where and what to do.
class RunError : public std::runtime_error {
 public:
  RunError(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

template <typename... Args>
[[noreturn]] void fail(ExitCode code, fmt::format_string<Args...> message, Args&&... args) {
  throw RunError(code, fmt::format(message, std::forward<Args>(args)...));
}

}  // namespace coil

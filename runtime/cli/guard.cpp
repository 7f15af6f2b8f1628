#include "runtime/cli/guard.hpp"

#include <csignal>
#include <cstdio>
#include <fmt/format.h>
#include <new>

#include "compiler/source/internal_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/cli/standard_output.hpp"

namespace coil::cli {
namespace {

constexpr int exit_bug = 70;
constexpr std::size_t longest_message = 4000;

// In single quotes where the shell would read it otherwise.
std::string shell_quoted(const std::string& word) {
  constexpr const char* harmless =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-=./,:+@%";
  if (!word.empty() && word.find_first_not_of(harmless) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

int tell(const std::string& program, const std::string& message, int code) {
  fmt::print(stderr, "{}: error: {}\n", program, message);
  return code;
}

int tell_bug(const std::string& program, int argc, char** argv, const char* what) {
  std::string line = program;
  for (int i = 1; i < argc; ++i) line += ' ' + shell_quoted(argv[i]);
  fmt::print(stderr,
             "{0}: this is a bug in Coil, not in your files: {1}\n"
             "Please report it with the files it reads and this:\n"
             "  Coil {2} ({3})\n"
             "  {4}\n",
             program, printable(what, longest_message), COIL_VERSION, COIL_BUILD,
             printable(line, longest_message));
  return exit_bug;
}

int run(const std::function<int()>& command) {
  const int code = command();
  try {
    flush_out();
  } catch (const ClosedOutput&) {
    // What the command did stands, though the last lines found no reader.
  }
  return code;
}

}  // namespace

int guard(const std::string& program, int argc, char** argv, const std::function<int()>& command) {
  for (const int signal : {SIGPIPE, SIGXFSZ})
    std::signal(signal, SIG_IGN);  // a write tells instead
  try {
    return run(command);
  } catch (const ClosedOutput&) {
    return 0;
  } catch (const Reported& reported) {
    return static_cast<int>(reported.code);
  } catch (const RunError& error) {
    // What was printed before the error comes first, as it happened.
    std::fflush(stdout);
    return tell(program, error.what(), static_cast<int>(error.code()));
  } catch (const std::bad_alloc&) {
    return tell(program, "not enough memory; a smaller batch, model or text needs less",
                static_cast<int>(ExitCode::io));
  } catch (const std::exception& error) {
    return tell_bug(program, argc, argv, error.what());
  }
}

}  // namespace coil::cli

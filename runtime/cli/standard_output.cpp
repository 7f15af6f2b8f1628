#include "runtime/cli/standard_output.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <unistd.h>

#include "compiler/source/run_error.hpp"

namespace coil::cli {
namespace {

[[noreturn]] void fail_to_write(int error) {
  if (error == EPIPE) throw ClosedOutput{};
  fail(ExitCode::io, "cannot write to standard output: {}", std::strerror(error));
}

}  // namespace

void write_out(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) fail_to_write(errno);
}

void flush_out() {
  if (std::fflush(stdout) != 0) fail_to_write(errno);
}

bool out_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

}  // namespace coil::cli

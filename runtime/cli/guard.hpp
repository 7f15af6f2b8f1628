#pragma once

// What stands between a command and the shell: exceptions become messages and exit codes.

#include <functional>
#include <string>

#include "compiler/source/run_error.hpp"

namespace coil::cli {

// Thrown where everything was said already.
struct Reported {
  ExitCode code;
};

// Runs a command and gives its exit code. What it throws is told on stderr:
//   RunError       "PROGRAM: error: ..." and the error's code
//   InternalError  that it is a bug of Coil's, and how to report it; 70, as in sysexits.h
//   no memory      what to make smaller; 5
//   ClosedOutput   nothing: whoever read the output has had enough; 0
// What was written to stdout is flushed, and a full disk is an error like any other.
int guard(const std::string& program, int argc, char** argv, const std::function<int()>& command);

}  // namespace coil::cli

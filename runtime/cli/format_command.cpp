#include "runtime/cli/format_command.hpp"

#include <algorithm>
#include <vector>

#include "compiler/source/load.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"
#include "compiler/syntax/format.hpp"

#include "runtime/artifact/atomic_file.hpp"
#include "runtime/cli/command_line.hpp"
#include "runtime/cli/standard_output.hpp"

namespace coil::cli {
namespace {

constexpr const char* format_examples =
    "  coilc fmt models/char3.model       write it anew in the canonical layout\n"
    "  coilc fmt --check models/*.model   only name those that are not in it\n"
    "  coilc fmt - < char3.model          from standard input to standard output\n";

struct FormatOptions {
  std::vector<std::string> paths;
  bool check = false;
};

void declare(App& app, FormatOptions& options) {
  app.add_version();
  app.add_option("FILE", options.paths, "model texts; - is standard input")->required();
  app.add_flag("--check", options.check,
               "write nothing; name the files that are not formatted, and exit with 1");
  set_up(app, format_examples);
}

// False where the file is wrong, or --check finds it not formatted. A file with mistakes is left as it is.
bool format_file(const std::string& path, bool check) {
  const SourceFile file = load_source(path);
  Diagnostics diagnostics(file);
  const std::optional<std::string> formatted = format(file, diagnostics);
  fmt::print(stderr, "{}", diagnostics.render());
  if (!formatted) return false;
  const bool is_same = *formatted == file.text();
  if (check) {
    if (!is_same) write_out(printable(file.name(), 200) + '\n');
    return is_same;
  }
  if (path == "-") {
    write_out(*formatted);
  } else if (!is_same) {
    write_atomically(path, *formatted);
  }
  return true;
}

int run(const FormatOptions& options) {
  if (std::count(options.paths.begin(), options.paths.end(), "-") > 1)
    fail(ExitCode::usage, "standard input can be read once; give - once");
  ExitCode code = ExitCode::done;
  for (const std::string& path : options.paths)
    if (!format_file(path, options.check)) code = ExitCode::bad_text;
  return static_cast<int>(code);
}

}  // namespace

int format_command(int argc, char** argv) {
  App app("Lays model texts out in the one canonical way, comments and meaning kept.", "coilc fmt");
  FormatOptions options;
  declare(app, options);
  return parse(app, argc, argv) ? run(options) : 0;
}

}  // namespace coil::cli

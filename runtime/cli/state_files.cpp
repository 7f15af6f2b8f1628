#include "runtime/cli/state_files.hpp"

#include <filesystem>

#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/cli/output_file.hpp"

namespace coil::cli {

void add_state_files(App& app, StateFiles& files) {
  app.add_option("--state-in", files.in, "go on from where --state-out was written")
      ->type_name("FILE");
  app.add_option("--state-out", files.out,
                 "write down where this ends: memories, text and random numbers")
      ->type_name("FILE");
}

void check_state_files(const StateFiles& files) {
  if (files.out.empty()) return;
  require_writable("--state-out", files.out);
  std::error_code error;
  if (!std::filesystem::is_regular_file(files.out, error)) return;
  if (std::filesystem::file_size(files.out, error) == 0 || looks_like_state(files.out)) return;
  fail(ExitCode::usage,
       "--state-out {}: the file exists and is no state, so it is not overwritten; name another "
       "one, or remove it",
       printable(files.out, 200));
}

std::optional<LiveState> read_state(const StateFiles& files) {
  if (files.in.empty()) return std::nullopt;
  return load_state(files.in);
}

}  // namespace coil::cli

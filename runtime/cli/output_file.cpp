#include "runtime/cli/output_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/cli/model_source.hpp"

namespace coil::cli {
namespace {

namespace fs = std::filesystem;

// The file that writing to `path` replaces: symbolic links are followed, also those that dangle.
fs::path target_of(const std::string& path) {
  std::error_code error;
  fs::path target(path);
  for (int links = 0; links < 40 && fs::is_symlink(target, error); ++links) {
    const fs::path next = fs::read_symlink(target, error);
    target = next.is_absolute() ? next : target.parent_path() / next;
  }
  return target;
}

std::string shown(const std::string& option, const std::string& path) {
  return fmt::format("{} {}", option, printable(path, 200));
}

}  // namespace

void require_writable(const std::string& option, const std::string& path) {
  std::error_code error;
  const fs::path target = target_of(path);
  if (path.empty()) fail(ExitCode::usage, "{} needs the name of a file", option);
  if (fs::is_directory(target, error))
    fail(ExitCode::io, "{}: it is a folder; name a file", shown(option, path));
  if (fs::exists(target, error) && !fs::is_regular_file(target, error)) return;  // a device
  const fs::path parent = target.parent_path();
  const fs::path folder = parent.empty() ? fs::path(".") : parent;
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    fail(ExitCode::io, "{}: cannot write to the folder {}: {}", shown(option, path),
         printable(folder.string(), 200), std::strerror(errno));
  if (!fs::is_directory(folder, error))
    fail(ExitCode::io, "{}: {} is not a folder", shown(option, path),
         printable(folder.string(), 200));
}

void require_replaceable(const std::string& option, const std::string& path) {
  require_writable(option, path);
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return;
  if (fs::file_size(path, error) == 0 || looks_like_artifact(path)) return;
  fail(ExitCode::usage,
       "{}: the file exists and is not a .coil artifact, so it is not overwritten; name another "
       "one, or remove it",
       shown(option, path));
}

void require_replaceable_weights(const std::string& option, const std::string& path) {
  require_writable(option, path);
  std::error_code error;
  if (!fs::is_regular_file(path, error) || fs::file_size(path, error) == 0) return;
  std::array<char, 9> start{};
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), start.size());
  if (start.back() == '{' && !looks_like_artifact(path)) return;
  fail(ExitCode::usage,
       "{}: the file exists and is not a plain safetensors file, so it is not overwritten; name "
       "another one, or remove it",
       shown(option, path));
}

void require_different(const std::string& option, const std::string& path, const std::string& what,
                       const std::string& other) {
  std::error_code error;
  if (fs::equivalent(path, other, error) && !error)
    fail(ExitCode::usage, "{}: this is {}, which would be overwritten; name another file",
         shown(option, path), what);
}

}  // namespace coil::cli

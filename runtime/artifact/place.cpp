#include "runtime/artifact/place.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include "compiler/source/run_error.hpp"

#include "runtime/artifact/quote.hpp"

namespace coil {

namespace fs = std::filesystem;

namespace {

std::string advice_for(int error) {
  switch (error) {
    case ENOENT:
      return "; create its folder first";
    case ENOSPC:
    case EDQUOT:
      return "; free some space or choose another place";
    case EFBIG:
      return "; raise the limit on file sizes (ulimit -f) or choose another place";
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOTDIR:
    case EISDIR:
      return "; choose another place";
    default:
      return "";
  }
}

}  // namespace

void refuse(const fs::path& path, int error) {
  fail(ExitCode::io, "cannot write '{}': {}{}", show_path(path.string()),
       std::generic_category().message(error), advice_for(error));
}

fs::path follow_links(const fs::path& path) {
  constexpr int longest_chain = 40;
  fs::path target = path;
  for (int links = 0; links < longest_chain; ++links) {
    std::error_code error;
    if (!fs::is_symlink(fs::symlink_status(target, error))) return target;
    const fs::path next = fs::read_symlink(target, error);
    if (error) refuse(path, error.value());
    target = target.parent_path() / next;  // an absolute `next` replaces the whole
  }
  refuse(path, ELOOP);
}

}  // namespace coil

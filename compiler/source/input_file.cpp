#include "compiler/source/input_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

namespace coil {
namespace {

[[noreturn]] void fail_to_read(const std::string& shown, int error) {
  fail(ExitCode::io, "cannot read {}: {}", shown, std::strerror(error));
}

// The size of a regular file.
std::optional<std::size_t> check_kind(int descriptor, const std::string& shown) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) fail_to_read(shown, errno);
  if (S_ISREG(status.st_mode)) return static_cast<std::size_t>(status.st_size);
  if (S_ISDIR(status.st_mode))
    fail(ExitCode::io, "cannot read {}: it is a folder, not a file", shown);
  if (descriptor != STDIN_FILENO && !S_ISFIFO(status.st_mode))
    fail(ExitCode::io, "cannot read {}: it is neither a regular file nor a pipe", shown);
  return std::nullopt;
}

}  // namespace

InputFile::InputFile(const std::string& path)
    : shown_(path == "-" ? "standard input" : fmt::format("'{}'", printable(path, 200))),
      descriptor_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (descriptor_ < 0) fail_to_read(shown_, errno);
  try {
    size_ = check_kind(descriptor_, shown_);
  } catch (...) {
    if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
    throw;
  }
}

InputFile::~InputFile() {
  if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
}

std::size_t InputFile::read(char* to, std::size_t most) const {
  for (;;) {
    const ssize_t count = ::read(descriptor_, to, most);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) fail_to_read(shown_, errno);
  }
}

std::string read_all(const InputFile& input, std::size_t largest) {
  constexpr std::size_t chunk = std::size_t{1} << 16;
  std::string text;
  if (const auto size = input.size()) text.reserve(std::min(*size, largest) + chunk);
  for (std::size_t count = 1; count > 0;) {
    const std::size_t size = text.size();
    text.resize(size + chunk);
    count = input.read(text.data() + size, chunk);
    text.resize(size + count);
    if (text.size() > largest) {
      fail(ExitCode::io, "cannot read {}: it is larger than the {} bytes allowed", input.shown(),
           largest);
    }
  }
  return text;
}

}  // namespace coil

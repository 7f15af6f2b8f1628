#include "compiler/source/load.hpp"

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

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

[[noreturn]] void fail_to_read(const std::string& shown, int error) {
  fail(ExitCode::io, "cannot read {}: {}", shown, std::strerror(error));
}

// An open file that closes itself; standard input stays open.
class Input {
 public:
  explicit Input(const std::string& path)
      : shown_(path == "-" ? "standard input" : fmt::format("'{}'", printable(path, 200))),
        descriptor_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0) fail_to_read(shown_, errno);
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() {
    if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
  }

  const std::string& shown() const { return shown_; }

  struct stat status() const {
    struct stat result {};
    if (::fstat(descriptor_, &result) != 0) fail_to_read(shown_, errno);
    return result;
  }

  // Bytes read; zero at the end.
  std::size_t read(char* to, std::size_t most) const {
    for (;;) {
      const ssize_t count = ::read(descriptor_, to, most);
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) fail_to_read(shown_, errno);
    }
  }

 private:
  std::string shown_;
  int descriptor_;
};

void check_kind(const Input& input, const std::string& path) {
  const mode_t mode = input.status().st_mode;
  if (S_ISDIR(mode))
    fail(ExitCode::io, "cannot read {}: it is a folder, not a file", input.shown());
  if (path == "-" || S_ISREG(mode) || S_ISFIFO(mode)) return;
  fail(ExitCode::io, "cannot read {}: it is neither a regular file nor a pipe", input.shown());
}

}  // namespace

std::string read_file(const std::string& path, std::size_t largest) {
  const Input input(path);
  check_kind(input, path);
  constexpr std::size_t chunk = std::size_t{1} << 16;
  std::string text;
  if (const auto size = input.status().st_size; size > 0)
    text.reserve(std::min(static_cast<std::size_t>(size), largest) + chunk);
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

SourceFile load_source(const std::string& path) {
  std::string text = read_file(path, largest_source_bytes);
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  return SourceFile(path == "-" ? "<standard input>" : path, std::move(text));
}

}  // namespace coil

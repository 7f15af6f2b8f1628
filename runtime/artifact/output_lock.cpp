#include "runtime/artifact/output_lock.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/source/run_error.hpp"

#include "runtime/artifact/place.hpp"
#include "runtime/artifact/quote.hpp"

namespace coil {

namespace {

namespace fs = std::filesystem;

// Only what is replaced as a file can be written by two at a time and lose what one of them wrote.
bool needs_lock(const fs::path& target) {
  std::error_code error;
  const fs::file_type type = fs::status(target, error).type();
  return type == fs::file_type::regular || type == fs::file_type::not_found;
}

// " (process 1234)", or nothing where the file does not say.
std::string holder(int file) {
  std::array<char, 32> text{};
  const ssize_t size = pread(file, text.data(), text.size(), 0);
  const std::string_view number(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  long process = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), process);
  return error == std::errc{} && process > 0 ? fmt::format(" (process {})", process) : "";
}

int open_lock(const fs::path& path) {
  constexpr mode_t before_umask = 0666;
  const int file =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, before_umask);
  if (file < 0) coil::refuse(path, errno);
  return file;
}

// Whether the path still names the open file: who held the lock before removes it in the end.
bool is_at(int file, const fs::path& path) {
  struct stat ours = {}, there = {};
  return fstat(file, &ours) == 0 && lstat(path.c_str(), &there) == 0 &&
         ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

void write_holder(int file) {
  const std::string text = fmt::format("{}\n", getpid());
  // Without it only a message says less.
  if (ftruncate(file, 0) == 0) (void)!pwrite(file, text.data(), text.size(), 0);
}

}  // namespace

OutputLock::OutputLock(const std::string& path) : file_(-1) {
  const fs::path target = follow_links(path);
  if (!needs_lock(target)) return;
  const fs::path lock = fs::path(target) += ".lock";
  while (true) {
    FileDescriptor file(open_lock(lock));
    if (flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno != EWOULDBLOCK) refuse(lock, errno);
      fail(ExitCode::io,
           "another training{} writes '{}'; wait until it ends, stop it, or choose another output",
           holder(file.number()), show_path(path));
    }
    if (!is_at(file.number(), lock)) continue;
    file_.swap(file);
    break;
  }
  write_holder(file_.number());
  lock_path_ = lock.string();
}

OutputLock::~OutputLock() {
  if (!lock_path_.empty()) unlink(lock_path_.c_str());
}

}  // namespace coil

#include "runtime/artifact/atomic_file.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "compiler/source/run_error.hpp"

#include "runtime/artifact/file_descriptor.hpp"
#include "runtime/artifact/quote.hpp"
#include "runtime/artifact/temporaries.hpp"

namespace coil {

namespace {

namespace fs = std::filesystem;

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

[[noreturn]] void refuse(const fs::path& path, int error) {
  fail(ExitCode::io, "cannot write '{}': {}{}", show_path(path.string()),
       std::generic_category().message(error), advice_for(error));
}

// A write past RLIMIT_FSIZE raises SIGXFSZ in the writing thread, which would end the process. Held
// back here, the write fails with EFBIG instead.
class FileSizeSignalHeld {
 public:
  FileSizeSignalHeld() {
    sigemptyset(&signal_);
    sigaddset(&signal_, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &signal_, &before_);
  }
  ~FileSizeSignalHeld() {
    if (sigismember(&before_, SIGXFSZ) == 1) return;
    const timespec now = {};
    while (sigtimedwait(&signal_, nullptr, &now) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  FileSizeSignalHeld(const FileSizeSignalHeld&) = delete;
  FileSizeSignalHeld& operator=(const FileSizeSignalHeld&) = delete;

 private:
  sigset_t signal_;
  sigset_t before_;
};

// Removes its file unless it was renamed into place.
class Temporary {
 public:
  explicit Temporary(fs::path path) : path_(std::move(path)) {}
  ~Temporary() {
    if (!renamed_) unlink(path_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  bool rename_to(const fs::path& target) {
    renamed_ = ::rename(path_.c_str(), target.c_str()) == 0;
    return renamed_;
  }

 private:
  fs::path path_;
  bool renamed_ = false;
};

// 0, or the error that stopped it.
int write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return ENOSPC;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

void write_pieces(int file, std::span<const std::string_view> pieces, const fs::path& path) {
  const FileSizeSignalHeld held;
  for (const std::string_view piece : pieces) {
    if (const int error = write_all(file, piece)) refuse(path, error);
  }
}

// Some file systems have no fsync and say EINVAL; that is all the safety they offer.
bool synchronise(int file) { return fsync(file) == 0 || errno == EINVAL; }

// Where the rename happens: `path` itself, or the end of its chain of symbolic links.
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

void write_directly(const fs::path& path, std::span<const std::string_view> pieces) {
  FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.is_open()) refuse(path, errno);
  write_pieces(file.number(), pieces, path);
  if (!file.close()) refuse(path, errno);
}

// The rename lasts only once the folder is on disk. A folder that may be written but not read
// cannot be opened for that; the file itself is safe, so this is let pass.
void synchronise_folder(const fs::path& target) {
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  const FileDescriptor open_folder(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!open_folder.is_open() && errno == EACCES) return;
  if (!open_folder.is_open() || !synchronise(open_folder.number())) refuse(target, errno);
}

void replace_file(const fs::path& target, std::span<const std::string_view> pieces) {
  sweep_temporaries(target);
  const fs::path path = temporary_path(target);
  constexpr mode_t before_umask = 0666;
  FileDescriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, before_umask));
  if (!file.is_open()) refuse(target, errno);
  Temporary temporary(path);
  flock(file.number(), LOCK_EX | LOCK_NB);  // says "in use" to those who sweep
  write_pieces(file.number(), pieces, target);
  if (!synchronise(file.number()) || !file.close()) refuse(target, errno);
  if (!temporary.rename_to(target)) refuse(target, errno);
  synchronise_folder(target);
}

}  // namespace

void write_atomically(const std::string& path, std::span<const std::string_view> pieces) {
  if (path.empty()) fail(ExitCode::io, "cannot write a file without a name; give it one");
  if (path.find('\0') != std::string::npos) refuse(path.c_str(), EINVAL);
  if (path.ends_with('/')) refuse(path, EISDIR);
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  switch (type) {
    case fs::file_type::character:
    case fs::file_type::fifo:
      return write_directly(path, pieces);
    case fs::file_type::directory:
      refuse(path, EISDIR);
    case fs::file_type::block:
    case fs::file_type::socket:
      refuse(path, EINVAL);
    case fs::file_type::none:
      if (error) refuse(path, error.value());
      break;
    default:
      break;
  }
  replace_file(follow_links(path), pieces);
}

void write_atomically(const std::string& path, std::string_view bytes) {
  write_atomically(path, std::array{bytes});
}

}  // namespace coil

#include "runtime/artifact/atomic_file.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/source/run_error.hpp"

#include "runtime/artifact/file_descriptor.hpp"
#include "runtime/artifact/place.hpp"
#include "runtime/artifact/temporaries.hpp"

namespace coil {

namespace {

namespace fs = std::filesystem;

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

fs::path with_previous(fs::path target) { return target += ".previous"; }

// The file that `target` names now, under a name of its own. Nothing where there is none, or where the file system
// has no hard links.
std::optional<fs::path> second_name(const fs::path& target) {
  const fs::path name = temporary_path(target);
  if (link(target.c_str(), name.c_str()) != 0) return std::nullopt;
  return name;
}

// Where both names are one file already, rename() does nothing and the first would stay.
void rename_second(const fs::path& name, const fs::path& previous) {
  const bool renamed = ::rename(name.c_str(), previous.c_str()) == 0;
  const int error = errno;
  unlink(name.c_str());
  if (!renamed) refuse(previous, error);
}

void replace_file(const fs::path& target, std::span<const std::string_view> pieces, Keep keep) {
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
  const auto old = keep == Keep::previous ? second_name(target) : std::nullopt;
  if (!temporary.rename_to(target)) {
    const int error = errno;
    if (old) unlink(old->c_str());
    refuse(target, error);
  }
  synchronise_folder(target);
  if (old) rename_second(*old, with_previous(target));
}

}  // namespace

void write_atomically(const std::string& path, std::span<const std::string_view> pieces,
                      Keep keep) {
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
  replace_file(follow_links(path), pieces, keep);
}

void write_atomically(const std::string& path, std::string_view bytes, Keep keep) {
  write_atomically(path, std::array{bytes}, keep);
}

std::string previous_path(const std::string& path) {
  return with_previous(follow_links(path)).string();
}

}  // namespace coil

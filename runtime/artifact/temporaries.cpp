#include "runtime/artifact/temporaries.hpp"

#include <atomic>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <fmt/format.h>
#include <optional>
#include <signal.h>
#include <string>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "runtime/artifact/file_descriptor.hpp"

namespace coil {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view suffix = ".coil-tmp";

// Names may have 255 bytes on most file systems; the numbers and the suffix take less than 55.
std::string prefix_of(const fs::path& target) {
  return fmt::format(".{}.", target.filename().string().substr(0, 200));
}

// Takes a decimal number off the front of `text`.
std::optional<long> take_number(std::string_view& text) {
  long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// The process in a temporary's name; nothing where `name` is no temporary with this prefix.
std::optional<long> process_of(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return std::nullopt;
  if (name.size() <= prefix.size() + suffix.size()) return std::nullopt;
  name.remove_prefix(prefix.size());
  name.remove_suffix(suffix.size());
  const auto process = take_number(name);
  const bool is_process = process && *process > 0 && std::in_range<pid_t>(*process);
  if (!is_process || !name.starts_with('.')) return std::nullopt;
  name.remove_prefix(1);
  return take_number(name) && name.empty() ? process : std::nullopt;
}

bool is_dead(long process) { return kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH; }

void remove_if_unlocked(const fs::path& path) {
  FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status = {};
  if (!file.is_open() || fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  if (flock(file.number(), LOCK_EX | LOCK_NB) == 0) unlink(path.c_str());
}

}  // namespace

fs::path temporary_path(const fs::path& target) {
  static std::atomic<unsigned> count = 0;
  return target.parent_path() /
         fmt::format("{}{}.{}{}", prefix_of(target), getpid(), count++, suffix);
}

void sweep_temporaries(const fs::path& target) noexcept {
  try {
    const std::string prefix = prefix_of(target);
    const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
    std::error_code ignored;
    for (fs::directory_iterator it(folder, ignored), end; !ignored && it != end;
         it.increment(ignored)) {
      const auto process = process_of(it->path().filename().string(), prefix);
      if (process && is_dead(*process)) remove_if_unlocked(it->path());
    }
  } catch (const std::exception&) {
    return;  // out of memory: the next save sweeps
  }
}

}  // namespace coil

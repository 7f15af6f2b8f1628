#include "runtime/metrics/metrics_log.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/source/load.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/artifact/atomic_file.hpp"
#include "runtime/metrics/read_metrics.hpp"

namespace coil {
namespace {

namespace fs = std::filesystem;

bool is_regular(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

bool is_special(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error) && !fs::is_regular_file(path, error) &&
         !fs::is_directory(path, error);
}

// What is in the file; empty where there is none.
std::string contents(const std::string& path) {
  return is_regular(path) ? read_file(path, largest_metrics_bytes) : std::string();
}

std::string_view beginning(MetricsFormat format) {
  static const std::string header = metrics_header();
  return format == MetricsFormat::csv ? std::string_view(header) : "{\"row\": ";
}

void require_metrics(const std::string& path, const std::string& text, MetricsFormat format) {
  if (text.empty() || text.starts_with(beginning(format))) return;
  fail(ExitCode::usage,
       "--metrics {}: the file is there and holds no metrics of training, so it is not "
       "overwritten; name another one, or remove it",
       printable(path, 200));
}

[[noreturn]] void refuse(const std::string& path, int error) {
  fail(ExitCode::io, "cannot write metrics to '{}': {}", printable(path, 200),
       std::strerror(error));
}

// The lines up to `step`, and the seconds that the last of them tells.
struct Kept {
  std::string text;
  double seconds = 0;
};

Kept keep_until(const std::string& path, std::string_view text, MetricsFormat format,
                std::int64_t step) {
  Kept kept;
  const bool csv = format == MetricsFormat::csv;
  const std::string header = csv ? metrics_header() : "";
  if (csv) {
    kept.text = header;
    text.remove_prefix(std::min(header.size(), text.size()));
  }
  for (std::size_t number = csv ? 2 : 1; text.find('\n') != text.npos; ++number) {
    const std::string_view line = text.substr(0, text.find('\n') + 1);
    text.remove_prefix(line.size());
    const MetricsRow row = read_metrics_line(line, format, {path, number});
    if (row.step.value_or(0) > static_cast<double>(step)) continue;
    kept.text += line;
    kept.seconds = row.seconds.value_or(kept.seconds);
  }
  return kept;
}

}  // namespace

MetricsFormat MetricsLog::format_of(const std::string& path) {
  if (const auto format = metrics_format(path)) return *format;
  if (is_special(path)) return MetricsFormat::csv;
  fail(ExitCode::usage, "--metrics {}: name a file that ends in .csv or .jsonl",
       printable(path, 200));
}

MetricsLog::MetricsLog(const std::string& path, int flags)
    : path_(path),
      format_(format_of(path)),
      file_(std::make_unique<FileDescriptor>(
          ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | flags, 0666))) {
  if (!file_->is_open()) refuse(path, errno);
}

MetricsLog MetricsLog::begin(const std::string& path) {
  require_metrics(path, contents(path), format_of(path));
  MetricsLog log(path, O_TRUNC);
  if (log.format_ == MetricsFormat::csv) log.write(metrics_header());
  return log;
}

MetricsLog MetricsLog::resume(const std::string& path, std::int64_t step) {
  const std::string text = contents(path);
  if (text.empty()) return begin(path);
  const MetricsFormat format = format_of(path);
  require_metrics(path, text, format);
  const Kept kept = keep_until(path, text, format, step);
  if (kept.text != text) write_atomically(path, kept.text);
  MetricsLog log(path, 0);
  log.seconds_before_ = kept.seconds;
  return log;
}

void MetricsLog::write(std::string_view text) {
  struct stat before {};
  ::fstat(file_->number(), &before);
  while (!text.empty()) {
    const ssize_t count = ::write(file_->number(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      if (S_ISREG(before.st_mode) && ::ftruncate(file_->number(), before.st_size) != 0)
        return refuse(path_, errno);
      refuse(path_, error);
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void MetricsLog::add(const MetricsRow& row) {
  if (is_on()) write(print_row(row, format_));
}

}  // namespace coil

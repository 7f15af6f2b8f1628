#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "runtime/artifact/file_descriptor.hpp"
#include "runtime/metrics/metrics_row.hpp"

namespace coil {

// A file of metrics while training writes it, each row at once and whole.
class MetricsLog {
 public:
  // What the file will be, by its name; that of a device or a pipe is CSV. RunError (usage) for an extension
  // that is neither .csv nor .jsonl.
  static MetricsFormat format_of(const std::string& path);

  // Records nothing.
  MetricsLog() = default;

  // Begins the file; one that is there is replaced, unless it holds something else than metrics: RunError
  // (usage). A device or a pipe is written to as it is. RunError (io) where it cannot be written.
  static MetricsLog begin(const std::string& path);

  // Goes on with the file of a run that is resumed after `step` updates: rows past them are taken out, and a
  // last line that was cut short, since those steps are made again. Begins it where it is not there.
  // RunError (bad_text) for a row that cannot be read, and else as above.
  static MetricsLog resume(const std::string& path, std::int64_t step);

  bool is_on() const { return file_ != nullptr; }
  // Of training before this log: what the last row says.
  double seconds_before() const { return seconds_before_; }

  // RunError (io) where the disk is full, say: what was written of the row is taken back.
  void add(const MetricsRow& row);

 private:
  MetricsLog(const std::string& path, int flags);
  void write(std::string_view text);

  std::string path_;
  MetricsFormat format_ = MetricsFormat::csv;
  std::unique_ptr<FileDescriptor> file_;  // null: off
  double seconds_before_ = 0;
};

}  // namespace coil

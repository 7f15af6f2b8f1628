#include "runtime/cli/metrics.hpp"

#include <filesystem>
#include <fmt/format.h>

#include "compiler/source/load.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/artifact/atomic_file.hpp"
#include "runtime/cli/output_file.hpp"

namespace coil::cli {
namespace {

constexpr std::string_view header = "epoch,step,samples,loss,seconds,samples_per_second\n";
constexpr std::size_t largest_metrics = std::size_t{64} << 20;

}  // namespace

Metrics::Metrics(const std::string& path) : path_(path), text_(header) {
  if (path_.empty()) return;
  require_writable("--metrics", path_);
  std::error_code error;
  if (!std::filesystem::is_regular_file(path_, error)) return;
  const std::string before = read_file(path_, largest_metrics);
  if (before.empty()) return;
  if (!before.starts_with(header))
    fail(ExitCode::usage, "--metrics {}: the file exists and does not begin with '{}'",
         printable(path_, 200), header.substr(0, header.size() - 1));
  text_ = before.ends_with('\n') ? before : before + '\n';
}

void Metrics::add(const StepReport& report, std::int64_t step, double seconds) {
  if (path_.empty()) return;
  text_ += fmt::format("{},{},{},{:.6f},{:.3f},{:.0f}\n", report.epoch, step, report.samples,
                       report.mean_loss, seconds, static_cast<double>(report.samples) / seconds);
  write_atomically(path_, text_);
}

}  // namespace coil::cli

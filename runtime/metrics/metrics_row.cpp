#include "runtime/metrics/metrics_row.hpp"

#include <cmath>
#include <fmt/format.h>

namespace coil {
namespace {

constexpr MetricsColumn columns[] = {
    {"epoch", &MetricsRow::epoch},
    {"step", &MetricsRow::step},
    {"loss", &MetricsRow::loss},
    {"mean_loss", &MetricsRow::mean_loss},
    {"val_loss", &MetricsRow::val_loss},
    {"gradient_norm", &MetricsRow::gradient_norm},
    {"learning_rate", &MetricsRow::learning_rate},
    {"seconds", &MetricsRow::seconds},
    {"samples_per_second", &MetricsRow::samples_per_second},
};

// Seven digits, as many as a float has; counts in full.
std::string print(double number) {
  const bool is_whole = number == std::floor(number) && std::abs(number) < 1e15;
  return is_whole ? fmt::format("{:.0f}", number) : fmt::format("{:.7g}", number);
}

}  // namespace

std::span<const MetricsColumn> metrics_columns() { return columns; }

std::optional<MetricsFormat> metrics_format(std::string_view path) {
  if (path.ends_with(".csv")) return MetricsFormat::csv;
  if (path.ends_with(".jsonl")) return MetricsFormat::json_lines;
  return std::nullopt;
}

std::string metrics_header() {
  std::string out = "row";
  for (const MetricsColumn& column : columns) out += fmt::format(",{}", column.name);
  return out + '\n';
}

std::string print_row(const MetricsRow& row, MetricsFormat format) {
  const bool csv = format == MetricsFormat::csv;
  const char* kind = row.is_epoch ? "epoch" : "step";
  std::string out = csv ? kind : fmt::format("{{\"row\": \"{}\"", kind);
  for (const MetricsColumn& column : columns) {
    const auto& value = row.*column.value;
    const bool is_known = value && std::isfinite(*value);
    const std::string number = is_known ? print(*value) : csv ? "" : "null";
    out += csv ? "," + number : fmt::format(", \"{}\": {}", column.name, number);
  }
  return out + (csv ? "\n" : "}\n");
}

}  // namespace coil

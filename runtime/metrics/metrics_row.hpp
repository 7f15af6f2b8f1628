#pragma once

// What training measured, a row at a time, as CSV or JSON lines. Both have the columns
//   row                 `epoch` for a finished epoch, `step` for an update within one
//   epoch, step         from one; steps are updates, counted through all epochs
//   loss                of the last batch
//   mean_loss           over the epoch so far: in its own row, the epoch's loss
//   val_loss            of the text held out, after the epoch; else nothing
//   gradient_norm       of the last batch, before it was clipped
//   learning_rate
//   seconds             of training so far
//   samples_per_second  in this epoch so far

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace coil {

struct MetricsRow {
  bool is_epoch = true;
  std::optional<double> epoch;
  std::optional<double> step;
  std::optional<double> loss;
  std::optional<double> mean_loss;
  std::optional<double> val_loss;
  std::optional<double> gradient_norm;
  std::optional<double> learning_rate;
  std::optional<double> seconds;
  std::optional<double> samples_per_second;
  friend bool operator==(const MetricsRow&, const MetricsRow&) = default;
};

// All columns but `row`, in order.
struct MetricsColumn {
  const char* name;
  std::optional<double> MetricsRow::*value;
};
std::span<const MetricsColumn> metrics_columns();

enum class MetricsFormat : std::uint8_t { csv, json_lines };
// By the extension, .csv or .jsonl; nothing for another one.
std::optional<MetricsFormat> metrics_format(std::string_view path);

// "row,epoch,...\n" of a CSV file.
std::string metrics_header();
// One line with its end. What is missing or not finite is empty in CSV and null in JSON.
std::string print_row(const MetricsRow& row, MetricsFormat format);

}  // namespace coil

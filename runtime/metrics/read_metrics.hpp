#pragma once

#include <vector>

#include "runtime/metrics/metrics_row.hpp"

namespace coil {

inline constexpr std::size_t largest_metrics_bytes = std::size_t{1} << 30;

// All rows of a text in that format; a last line without its end counts as well. Columns may come in any order,
// those of no meaning here are passed over, and without `row` each row is an epoch's. RunError (bad_text) with
// the line for what is no such text, and where no loss is in it; `path` is the text's.
std::vector<MetricsRow> read_metrics(std::string_view text, MetricsFormat format,
                                     const std::string& path);

// Where a line stands, for what is wrong with it.
struct MetricsPlace {
  const std::string& path;
  std::size_t line;
};

// A row as print_row wrote it, every column in its place. RunError as above.
MetricsRow read_metrics_line(std::string_view line, MetricsFormat format, MetricsPlace place);

}  // namespace coil

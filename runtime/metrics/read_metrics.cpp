#include "runtime/metrics/read_metrics.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "compiler/source/run_error.hpp"
#include "compiler/source/suggest.hpp"
#include "compiler/source/utf8.hpp"

namespace coil {
namespace {

constexpr std::size_t longest_line = std::size_t{64} << 10;

// A line of the file, for what is wrong with it.
struct Line {
  const std::string& path;
  std::size_t number;
  std::string_view text;

  template <typename... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> reason, Args&&... args) const {
    fail(ExitCode::bad_text, "{}:{}: {}", printable(path, 200), number,
         fmt::format(reason, std::forward<Args>(args)...));
  }
};

// Calls `take` for each line that is not empty, without its end.
template <typename Take>
void for_each_line(std::string_view text, const std::string& path, Take take) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const Line here{path, number, line};
    if (line.size() > longest_line) here.refuse("a line of {} bytes", line.size());
    if (!line.empty()) take(here);
  }
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> fields;
  for (;;) {
    const std::size_t comma = line.find(',');
    fields.push_back(line.substr(0, comma));
    if (comma == line.npos) return fields;
    line.remove_prefix(comma + 1);
  }
}

std::optional<double> number(const Line& line, std::string_view name, std::string_view field) {
  if (field.empty()) return std::nullopt;
  double value = 0;
  const char* end = field.data() + field.size();
  const auto [stop, error] = std::from_chars(field.data(), end, value);
  if (error != std::errc{} || stop != end || !std::isfinite(value))
    line.refuse("{} is '{}', which is no number", printable(name), printable(field));
  return value;
}

bool is_epoch(const Line& line, std::string_view word) {
  if (word != "epoch" && word != "step")
    line.refuse("row is '{}', which is neither epoch nor step", printable(word));
  return word == "epoch";
}

const MetricsColumn* find_column(std::string_view name) {
  for (const MetricsColumn& column : metrics_columns())
    if (column.name == name) return &column;
  return nullptr;
}

class CsvReader {
 public:
  void take(const Line& line) {
    if (names_.empty()) return take_header(line);
    rows.push_back(read(line));
  }

  MetricsRow read(const Line& line) const {
    const auto fields = split(line.text);
    if (fields.size() != names_.size())
      line.refuse("{} fields, where the header has {}", fields.size(), names_.size());
    MetricsRow row;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (names_[i] == "row") row.is_epoch = is_epoch(line, fields[i]);
      if (const MetricsColumn* column = find_column(names_[i]))
        row.*column->value = number(line, names_[i], fields[i]);
    }
    return row;
  }

  std::vector<MetricsRow> rows;

  void take_header(const Line& line) {
    for (const std::string_view name : split(line.text)) {
      if (std::ranges::find(names_, name) != names_.end())
        line.refuse("column '{}' twice", printable(name));
      names_.emplace_back(name);
    }
    if (std::ranges::none_of(names_,
                             [](const auto& name) { return name.find("loss") != name.npos; }))
      line.refuse("no metrics: the first line is to name columns, loss among them, and is '{}'",
                  printable(line.text));
  }

 private:
  std::vector<std::string> names_;
};

MetricsRow row_from_json(const Line& line) {
  const auto json = nlohmann::json::parse(line.text, nullptr, false);
  if (!json.is_object()) line.refuse("no JSON object: {}", printable(line.text));
  MetricsRow row;
  for (const auto& [name, value] : json.items()) {
    if (name == "row")
      row.is_epoch = is_epoch(line, value.is_string() ? value.get<std::string>() : value.dump());
    const MetricsColumn* column = find_column(name);
    if (!column || value.is_null()) continue;
    if (!value.is_number())
      line.refuse("{} is {}, which is no number", name, printable(value.dump()));
    row.*column->value = value.get<double>();
  }
  return row;
}

bool has_loss(const MetricsRow& row) { return row.loss || row.mean_loss || row.val_loss; }

}  // namespace

std::vector<MetricsRow> read_metrics(std::string_view text, MetricsFormat format,
                                     const std::string& path) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::vector<MetricsRow> rows;
  if (format == MetricsFormat::csv) {
    CsvReader reader;
    for_each_line(text, path, [&](const Line& line) { reader.take(line); });
    rows = std::move(reader.rows);
  } else {
    for_each_line(text, path, [&](const Line& line) { rows.push_back(row_from_json(line)); });
  }
  if (std::ranges::none_of(rows, has_loss))
    fail(ExitCode::bad_text, "{}: there is no row with a loss in it", printable(path, 200));
  return rows;
}

MetricsRow read_metrics_line(std::string_view line, MetricsFormat format, MetricsPlace place) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  const Line here{place.path, place.line, line};
  if (format == MetricsFormat::json_lines) return row_from_json(here);
  static const std::string header = metrics_header();
  CsvReader reader;
  reader.take_header({place.path, 1, std::string_view(header).substr(0, header.size() - 1)});
  return reader.read(here);
}

}  // namespace coil

#include "runtime/cli/bench_report.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/cli/progress.hpp"

namespace coil::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Unit {
  double seconds;
  const char* name;
};
constexpr Unit units[] = {{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {1e-9, "ns"}};

const Unit& unit_of(double seconds) {
  for (const Unit& unit : units)
    if (seconds >= 0.9995 * unit.seconds) return unit;
  return std::end(units)[-1];
}

// Four digits in all.
std::string digits(double seconds, const Unit& unit) {
  const double value = seconds / unit.seconds;
  const int decimals = value < 9.9995 ? 3 : value < 99.995 ? 2 : value < 999.95 ? 1 : 0;
  return fmt::format("{:.{}f}", value, decimals);
}

double per_sample(const BenchRow& row) {
  return row.seconds.median / static_cast<double>(row.options.batch);
}

// That is read; or written, one a step, whatever is read for it.
double per_character(const BenchRow& row) {
  if (row.entry == Measured::step) return per_sample(row);
  return per_sample(row) / static_cast<double>(row.characters);
}

using Cells = std::vector<std::string>;

// Words to the left, numbers to the right.
std::string table(const std::vector<Cells>& rows, std::size_t words) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Cells& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const Cells& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const char* gap = i == 0 ? "" : "  ";
      line += i < words ? fmt::format("{}{:<{}}", gap, row[i], widths[i])
                        : fmt::format("{}{:>{}}", gap, row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

// "hoisted", or "auto: hoisted".
std::string lowering_text(const BenchRow& row) {
  if (row.options.lowering) return to_string(row.way);
  return fmt::format("{}: {}", to_string(row.options.lowering), to_string(row.way));
}

Cells cells(const BenchRow& row) {
  const Unit& unit = unit_of(row.seconds.median);
  return {std::string(to_string(row.entry)),
          lowering_text(row),
          std::string(to_string(row.options.precision)),
          fmt::format("{}", row.options.batch),
          row.characters == 0 ? "-" : fmt::format("{}", row.characters),
          time_text(row.seconds.median),
          fmt::format("{} .. {} {}", digits(row.seconds.lower, unit),
                      digits(row.seconds.upper, unit), unit.name),
          time_text(per_sample(row)),
          row.characters == 0 ? "-" : time_text(per_character(row))};
}

std::string primitives_text(const BenchRow& row) {
  std::string text =
      fmt::format("\n{}, {}, {}, batch {}:\n", to_string(row.entry), lowering_text(row),
                  to_string(row.options.precision), row.options.batch);
  std::vector<Cells> rows = {
      {"node", "what", "asked", "computed", "isa", "implementation", "time", "share"}};
  double all = 0;
  for (const Primitive& primitive : row.primitives) all += primitive.seconds;
  for (const Primitive& primitive : row.primitives)
    rows.push_back({fmt::format("%{}", primitive.node), primitive.what, primitive.requested_type,
                    primitive.actual_type, primitive.isa, primitive.implementation,
                    time_text(primitive.seconds),
                    fmt::format("{:.1f} %", 100 * primitive.seconds / all)});
  return text + table(rows, 6);
}

Json primitive_json(const Primitive& primitive) {
  return {{"node", primitive.node},
          {"what", primitive.what},
          {"requested_type", primitive.requested_type},
          {"actual_type", primitive.actual_type},
          {"isa", primitive.isa},
          {"implementation", primitive.implementation},
          {"seconds", primitive.seconds}};
}

Json row_json(const BenchRow& row) {
  Json json = {
      {"entry", to_string(row.entry)},
      {"lowering", to_string(row.options.lowering)},
      {"runs_as", to_string(row.way)},
      {"precision", to_string(row.options.precision)},
      {"batch", row.options.batch},
      {"characters", row.characters},
      {"seconds", row.seconds.median},
      {"lower_quartile", row.seconds.lower},
      {"upper_quartile", row.seconds.upper},
      {"seconds_per_sample", per_sample(row)},
      {"seconds_per_character", row.characters == 0 ? Json(nullptr) : Json(per_character(row))},
      {"rounds", row.rounds},
      {"runs", row.runs}};
  if (row.primitives.empty()) return json;
  json["primitives"] = Json::array();
  for (const Primitive& primitive : row.primitives)
    json["primitives"].push_back(primitive_json(primitive));
  return json;
}

}  // namespace

std::string time_text(double seconds) {
  const Unit& unit = unit_of(seconds);
  return fmt::format("{} {}", digits(seconds, unit), unit.name);
}

std::string report_text(const BenchReport& report) {
  std::string text = fmt::format("{}, {} thread{}, {}\n", report.model, report.threads,
                                 report.threads == 1 ? "" : "s", report.machine);
  std::vector<Cells> rows = {{"entry", "lowering", "precision", "batch", "steps", "median",
                              "quartiles", "per sample", "per character"}};
  for (const BenchRow& row : report.rows) rows.push_back(cells(row));
  if (!report.rows.empty()) text += table(rows, 3);
  for (const std::string& note : report.notes) text += note + '\n';
  for (const BenchRow& row : report.rows)
    if (!row.primitives.empty()) text += primitives_text(row);
  return text;
}

std::string report_json(const BenchReport& report) {
  Json json;
  json["model"] = report.model;
  json["hash"] = report.hash;
  json["machine"] = report.machine;
  json["threads"] = report.threads;
  json["rows"] = Json::array();
  for (const BenchRow& row : report.rows) json["rows"].push_back(row_json(row));
  json["notes"] = report.notes;
  return json.dump(2) + '\n';
}

}  // namespace coil::cli

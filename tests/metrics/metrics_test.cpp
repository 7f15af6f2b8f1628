#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <rapidcheck.h>

#include "compiler/source/run_error.hpp"

#include "runtime/metrics/read_metrics.hpp"

namespace coil {
namespace {

MetricsRow some_row() {
  MetricsRow row;
  row.is_epoch = false;
  row.epoch = 2;
  row.step = 123456789;
  row.loss = 2.25;
  row.mean_loss = 2.5;
  row.gradient_norm = 0.001;
  row.learning_rate = 1e-4;
  row.seconds = 12.125;
  row.samples_per_second = 223004;
  return row;
}

std::string why_refused(const std::string& text, MetricsFormat format) {
  try {
    read_metrics(text, format, "m");
  } catch (const RunError& error) {
    CHECK(error.code() == ExitCode::bad_text);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a row of metrics in both formats") {
  CHECK(metrics_header() ==
        "row,epoch,step,loss,mean_loss,val_loss,gradient_norm,learning_rate,seconds,"
        "samples_per_second\n");
  CHECK(print_row(some_row(), MetricsFormat::csv) ==
        "step,2,123456789,2.25,2.5,,0.001,0.0001,12.125,223004\n");
  CHECK(
      print_row(some_row(), MetricsFormat::json_lines) ==
      "{\"row\": \"step\", \"epoch\": 2, \"step\": 123456789, \"loss\": 2.25, \"mean_loss\": 2.5, "
      "\"val_loss\": null, \"gradient_norm\": 0.001, \"learning_rate\": 0.0001, \"seconds\": "
      "12.125, \"samples_per_second\": 223004}\n");
}

TEST_CASE("what is not finite is written as missing") {
  MetricsRow row = some_row();
  row.loss = std::nan("");
  row.mean_loss = std::numeric_limits<double>::infinity();
  CHECK(print_row(row, MetricsFormat::csv).find("step,2,123456789,,,,") == 0);
  CHECK(print_row(row, MetricsFormat::json_lines).find("\"loss\": null, \"mean_loss\": null") !=
        std::string::npos);
}

TEST_CASE("the format is the extension's") {
  CHECK(metrics_format("a/m.csv") == MetricsFormat::csv);
  CHECK(metrics_format("m.jsonl") == MetricsFormat::json_lines);
  CHECK_FALSE(metrics_format("m.json"));
  CHECK_FALSE(metrics_format("csv"));
}

TEST_CASE("rows come back as they were written") {
  CHECK(rc::check([] {
    const auto format = *rc::gen::element(MetricsFormat::csv, MetricsFormat::json_lines);
    std::vector<MetricsRow> rows(*rc::gen::inRange<std::size_t>(1, 5));
    std::string text = format == MetricsFormat::csv ? metrics_header() : "";
    for (MetricsRow& row : rows) {
      row.is_epoch = *rc::gen::arbitrary<bool>();
      // Seven digits at most, as they are written with.
      for (const MetricsColumn& column : metrics_columns())
        if (*rc::gen::arbitrary<bool>())
          row.*column.value = *rc::gen::inRange(-999'999, 1'000'000) / 64.0;
      row.loss = 1.5;
      text += print_row(row, format);
    }
    std::vector<MetricsRow> rounded = read_metrics(text, format, "m");
    RC_ASSERT(rounded.size() == rows.size());
    std::string again = format == MetricsFormat::csv ? metrics_header() : "";
    for (const MetricsRow& row : rounded) again += print_row(row, format);
    RC_ASSERT(again == text);
    for (std::size_t i = 0; i < rows.size(); ++i)
      for (const MetricsColumn& column : metrics_columns()) {
        RC_ASSERT((rounded[i].*column.value).has_value() == (rows[i].*column.value).has_value());
        if (const auto& value = rows[i].*column.value)
          RC_ASSERT(std::abs(*(rounded[i].*column.value) - *value) <= 1e-6 * std::abs(*value));
      }
  }));
}

TEST_CASE("a CSV of another program's: columns in any order, and more of them") {
  const auto rows = read_metrics(
      "\xEF\xBB\xBF"
      "accuracy,val_loss,epoch,loss\r\n0.5,,1,2.5\r\n0.6,2.25,2,2",
      MetricsFormat::csv, "m");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].is_epoch);
  CHECK(rows[0].epoch == 1.0);
  CHECK(rows[0].loss == 2.5);
  CHECK_FALSE(rows[0].val_loss);
  CHECK(rows[1].val_loss == 2.25);
}

TEST_CASE("what is wrong with metrics is told with the line") {
  const auto csv = [](const std::string& text) { return why_refused(text, MetricsFormat::csv); };
  CHECK(csv("") == "m: there is no row with a loss in it");
  CHECK(csv("epoch,loss\n") == "m: there is no row with a loss in it");
  CHECK(csv("epoch,loss\n1,\n") == "m: there is no row with a loss in it");
  CHECK(csv("the text\n") ==
        "m:1: no metrics: the first line is to name columns, loss among them, and is 'the text'");
  CHECK(csv("epoch,loss\n1,2\n\n2\n") == "m:4: 1 fields, where the header has 2");
  CHECK(csv("epoch,loss\n1,2,3\n") == "m:2: 3 fields, where the header has 2");
  CHECK(csv("epoch,loss\n1,x\n") == "m:2: loss is 'x', which is no number");
  for (const char* word : {"nan", "inf", "1e999", "0x1", "1 ", " 1", "1;2"})
    CHECK_FALSE(csv(fmt::format("epoch,loss\n1,{}\n", word)).empty());
  CHECK(csv("epoch,loss,epoch\n") == "m:1: column 'epoch' twice");
  CHECK(csv("row,loss\nstp,1\n") == "m:2: row is 'stp', which is neither epoch nor step");
  CHECK(csv(std::string(70'000, 'x')).find("m:1: a line of 70000 bytes") == 0);
  const auto json = [](const std::string& text) {
    return why_refused(text, MetricsFormat::json_lines);
  };
  CHECK(json("{\"loss\": 1}\n[1]\n") == "m:2: no JSON object: [1]");
  CHECK(json("{\"loss\": 1}\n{\"loss\": 1\n") == "m:2: no JSON object: {\"loss\": 1");
  CHECK(json("{\"loss\": \"1\"}\n") == "m:1: loss is \"1\", which is no number");
  CHECK(json("{\"loss\": 1, \"row\": 3}\n") == "m:1: row is '3', which is neither epoch nor step");
  CHECK(json(std::string(60'000, '[')).find("m:1: no JSON object: [[[") == 0);
}

TEST_CASE("any bytes are rows or an error") {
  CHECK(rc::check([] {
    const auto format = *rc::gen::element(MetricsFormat::csv, MetricsFormat::json_lines);
    std::string text = format == MetricsFormat::csv ? metrics_header() : "";
    text += print_row(some_row(), format);
    text += print_row(some_row(), format);
    const int edits = *rc::gen::inRange(1, 5);
    for (int i = 0; i < edits; ++i)
      text.replace(*rc::gen::inRange<std::size_t>(0, text.size() + 1),
                   *rc::gen::inRange<std::size_t>(0, 5), *rc::gen::string<std::string>());
    try {
      RC_ASSERT(!read_metrics(text, format, "m").empty());
    } catch (const RunError& error) {
      RC_ASSERT(error.code() == ExitCode::bad_text);
    }
  }));
}

}  // namespace coil

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <memory>

#include "compiler/source/load.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/artifact/atomic_file.hpp"
#include "runtime/cli/choices.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/output_file.hpp"
#include "runtime/cli/standard_output.hpp"
#include "runtime/metrics/chart.hpp"
#include "runtime/metrics/read_metrics.hpp"

namespace coil::cli {
namespace {

constexpr const char* plot_examples =
    "  coil train models/char3.model -D hidden=64 --corpus examples/corpus/the-rope-walk.txt -o "
    "a.coil "
    "--metrics slow.csv --metrics-every 10 --learning-rate 0.001 --validation 0.1\n"
    "  coil train models/char3.model -D hidden=64 --corpus examples/corpus/the-rope-walk.txt -o "
    "b.coil "
    "--metrics fast.jsonl\n"
    "  coil plot slow.csv -o loss.svg\n"
    "  coil plot slow.csv fast.jsonl -o both.svg --title \"Two learning rates\"\n"
    "  coil plot slow.csv -x seconds >loss.svg\n"
    "A browser shows the drawing, and so does a text that embeds it; it needs nothing beside "
    "itself.\n"
    "Any CSV will do whose first line names columns, among them epoch or step, and loss, mean_loss "
    "or val_loss.\n";

struct PlotOptions {
  std::vector<std::string> files;
  std::string out = "-";
  std::string title;
  std::string axis = "epoch";
};

void declare(App& app, PlotOptions& options) {
  app.add_option("FILES", options.files, "what --metrics wrote, .csv or .jsonl; several to compare")
      ->required()
      ->type_name("");
  app.add_option("-o", options.out, "where the drawing goes; - is standard output")
      ->type_name("OUT.svg")
      ->default_str("-");
  add_choice(app, "-x,--axis", options.axis, {"epoch", "step", "seconds"}, "what the loss is over")
      ->default_str("epoch");
  app.add_option("--title", options.title, "what stands above")
      ->type_name("TEXT")
      ->default_str("Loss");
  set_up(app, plot_examples);
}

// Without folders, unless that would give two files one name.
std::string name_of(const std::string& path, const std::vector<std::string>& all) {
  const std::filesystem::path file(path);
  const auto same = std::ranges::count_if(all, [&](const std::string& other) {
    return std::filesystem::path(other).stem() == file.stem();
  });
  return same > 1 ? path : file.stem().string();
}

ChartRun read_run(const std::string& path, const std::vector<std::string>& all) {
  const auto format = metrics_format(path);
  if (!format)
    fail(ExitCode::usage, "{}: metrics are in files that end in .csv or .jsonl",
         printable(path, 200));
  const std::string text = read_file(path, largest_metrics_bytes);
  return {name_of(path, all), read_metrics(text, *format, path)};
}

void check_files(const PlotOptions& options) {
  if (options.out == "-") return;
  require_writable("-o", options.out);
  for (const std::string& path : options.files)
    require_different("-o", options.out, "a file of metrics", path);
}

int run(const PlotOptions& options) {
  check_files(options);
  std::vector<ChartRun> runs;
  for (const std::string& path : options.files) runs.push_back(read_run(path, options.files));
  ChartOptions chart;
  if (!options.title.empty()) chart.title = options.title;
  chart.axis = options.axis == "step"      ? ChartAxis::step
               : options.axis == "seconds" ? ChartAxis::seconds
                                           : ChartAxis::epoch;
  const auto svg = draw_chart(runs, chart);
  if (!svg)
    fail(ExitCode::bad_text, "{}: no row has a loss and also {}", printable(options.files[0], 200),
         options.axis);
  if (options.out == "-")
    write_out(*svg);
  else
    write_atomically(options.out, *svg);
  return 0;
}

}  // namespace

Command add_plot(App& coil) {
  auto options = std::make_shared<PlotOptions>();
  App* app = coil.add_subcommand("plot", "draw what training measured");
  declare(*app, *options);
  return {app, [options] { return run(*options); }};
}

}  // namespace coil::cli

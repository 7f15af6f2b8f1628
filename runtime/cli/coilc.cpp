// coilc: from a model's text to its graph, and to every stage on the way down to primitives.

#include <algorithm>
#include <fmt/ranges.h>

#include "compiler/graph/hash.hpp"
#include "compiler/source/internal_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/cli/choices.hpp"
#include "runtime/cli/command_line.hpp"
#include "runtime/cli/equiv.hpp"
#include "runtime/cli/execution_options.hpp"
#include "runtime/cli/explain.hpp"
#include "runtime/cli/format_command.hpp"
#include "runtime/cli/guard.hpp"
#include "runtime/cli/model_source.hpp"
#include "runtime/cli/numbers.hpp"
#include "runtime/cli/output_file.hpp"
#include "runtime/cli/progress.hpp"
#include "runtime/cli/stages.hpp"
#include "runtime/cli/standard_output.hpp"

namespace coil::cli {
namespace {

constexpr const char* coilc_examples =
    "  coilc models/char3.model                            check it\n"
    "  coilc models/char3.model -o char3.coil              compile it\n"
    "  coilc models/char3.model -D hidden=512 --emit=hash\n"
    "  coilc char3.coil --emit=primitives --batch=512      what will run\n"
    "  coilc models/char_rnn.model --emit=train_step --batch=512 --lowering=unrolled\n"
    "  coilc models/char3.model --after=differentiate      the graph after a pass\n"
    "  coilc models/char_loop.model --explain=roll         which recurrences were found\n"
    "  coilc fmt models/char3.model                        lay it out canonically\n";

struct CoilcOptions {
  ModelSource source;
  std::string out;
  std::string emit;
  std::string after;
  std::string only;
  std::string explain;
  std::string entry;
  std::string lowering = "hoisted";
  std::string precision;
  std::optional<std::int64_t> batch;
  bool timings = false;
};

std::vector<std::string> pass_names() {
  std::vector<std::string> names;
  for (const PassRow& row : pipeline())
    if (std::ranges::find(names, row.name) == names.end()) names.emplace_back(row.name);
  return names;
}

// In the order in which a pass that several run is shown on the way to them.
constexpr Entry entries[] = {Entry::predict, Entry::gradients, Entry::train_step,
                             Entry::train_step_sgd, Entry::loss};

std::optional<Entry> entry_named(const std::string& name) {
  for (const Entry entry : entries)
    if (to_string(entry) == name) return entry;
  return std::nullopt;
}

void declare(App& app, CoilcOptions& options) {
  app.add_version();
  add_model_source(app, options.source);
  app.add_option("-o", options.out, "write the compiled model there")->type_name("OUT.coil");
  std::vector<std::string> stages = stage_names();
  stages.insert(stages.begin(), "ast");
  add_choice(app, "--emit", options.emit, stages, "print a stage");
  auto* after =
      add_choice(app, "--after", options.after, pass_names(), "print the graph after a pass");
  add_choice(app, "--only", options.only, pass_names(),
             "run one pass on the graph as read, and print it")
      ->excludes(after);
  add_choice(app, "--explain", options.explain, pass_names(),
             "tell what a pass did not do to the model, and why");
  add_choice(app, "--entry", options.entry,
             {"predict", "loss", "gradients", "train_step", "train_step_sgd"},
             "which entry --after, plan, primitives and dot show");
  add_number(
      app, "--batch", options.batch, Range<std::int64_t>{1, 1'000'000},
      "the batch size that an entry is derived and planned for; not given, it is derived for\n"
      "any and planned for 1");
  std::vector<std::string> ways;
  for (const LoweringRow& row : lowerings()) ways.emplace_back(row.name);
  add_choice(app, "--lowering", options.lowering, ways, "how an entry's recurrences are to run")
      ->default_str("hoisted");
  std::vector<std::string> roundings;
  for (const PrecisionRow& row : precisions()) roundings.emplace_back(row.name);
  add_choice(app, "--precision", options.precision, roundings,
             "what the products of an entry are rounded to; int8 by the ranges of a model that was "
             "calibrated")
      ->default_str("f32");
  app.add_flag("--timings", options.timings, "tell the time each pass took, on stderr");
  set_up(app, coilc_examples);
}

// The one that was asked for, or that the pass to show is part of.
Precision precision_for(const CoilcOptions& options) {
  if (const auto precision = find_precision(options.precision)) return *precision;
  const PassRow* shown = find_pass(options.after);
  return shown ? shown->precision.value_or(Precision::f32) : Precision::f32;
}

// The first entry that runs the pass, or the one that was asked for.
Entry entry_for(const CoilcOptions& options, const std::string& pass) {
  if (const auto entry = entry_named(options.entry)) return *entry;
  const Lowering lowering = *find_lowering(options.lowering);
  const Precision precision = precision_for(options);
  for (const Entry entry : entries)
    for (const PassRow& row : pipeline())
      if (row.name == pass &&
          (row.stage == Stage::canonical || applies(row, entry, lowering, precision)))
        return entry;
  return Entry::predict;
}

Graph graph_after(const CoilcOptions& options, const OpenedModel& opened, Runner& runner) {
  const Entry entry = entry_for(options, options.after);
  Graph graph = opened.compiled.canonical;
  if (!runner.stopped() && opened.derived.empty()) graph = runner.derive(graph, entry);
  if (!runner.stopped())
    fail(ExitCode::usage, "--after={}: the pass does not run on {} on the way to {}", options.after,
         printable(options.source.path, 200), to_string(entry));
  return graph;
}

// The graph may be of any form, so a pass that stumbles over it is not to blame.
Graph graph_after_only(const CoilcOptions& options, const Graph& graph, Runner& runner) {
  try {
    return runner.run_one(*find_pass(options.only), graph);
  } catch (const InternalError& error) {
    fail(ExitCode::usage, "--only={}: the pass cannot take the graph in {}: {}", options.only,
         printable(options.source.path, 200), error.what());
  }
}

std::string summary(const CoilcOptions& options, const Graph& graph) {
  return fmt::format("{}: model {}, {} parameters, hash {}\n", printable(options.source.path, 200),
                     graph.name, grouped(count_parameters(graph)), to_string(hash_of(graph)));
}

void print_timings(const Runner& runner) {
  fmt::print(stderr, "{:<20} {:>10} {:>8}\n", "pass", "ms", "nodes");
  for (const PassTiming& timing : runner.timings())
    fmt::print(stderr, "{:<20} {:>10.3f} {:>8}\n", timing.name, timing.milliseconds, timing.nodes);
}

void check_explain(const CoilcOptions& options) {
  if (options.explain.empty()) return;
  if (!options.emit.empty() || !options.after.empty() || !options.only.empty())
    fail(ExitCode::usage, "--explain prints by itself; leave out --emit, --after and --only");
  if (kind_of(options.source.path) == FileKind::artifact)
    fail(ExitCode::usage, "--explain needs a model's text; {} is compiled already",
         printable(options.source.path, 200));
}

// Before the work, and before anything is printed.
void check(const CoilcOptions& options) {
  const bool shows_pass = !options.after.empty() || !options.only.empty();
  if (!options.out.empty() && shows_pass)
    fail(ExitCode::usage, "-o writes the whole canonical graph; leave out --after and --only");
  if (options.emit == "ast" && shows_pass)
    fail(ExitCode::usage, "--emit=ast comes before every pass; leave out --after and --only");
  if (options.emit == "ast" && kind_of(options.source.path) != FileKind::text)
    fail(ExitCode::usage, "--emit=ast needs a model's text, which {} is not",
         printable(options.source.path, 200));
  check_explain(options);
  if (options.out.empty()) return;
  if (options.emit == "ast") fail(ExitCode::usage, "--emit=ast compiles nothing; leave out -o");
  require_replaceable("-o", options.out);
  if (kind_of(options.source.path) != FileKind::artifact)
    require_different("-o", options.out, "the model's text", options.source.path);
}

OpenedModel open_for(const CoilcOptions& options, Runner& runner) {
  OpenedModel opened;
  if (options.only.empty())
    opened = open(options.source, runner);
  else
    opened.compiled.flat = read_graph(options.source);
  return opened;
}

std::string explanation(const CoilcOptions& options, const OpenedModel& opened, Runner& runner) {
  if (find_pass(options.explain)->stage != Stage::canonical) {
    if (!opened.derived.empty())
      fail(ExitCode::usage, "--explain: the file holds an entry, and no pass runs on it: {}",
           opened.derived);
    runner.derive(opened.compiled.canonical, entry_for(options, options.explain));
  }
  return explain(runner.remarks(), options.explain, options.source.path, opened.text);
}

void emit(const CoilcOptions& options, const OpenedModel& opened, Runner& runner) {
  if (!options.explain.empty()) return write_out(explanation(options, opened, runner));
  StageInput input{opened, std::nullopt, entry_named(options.entry), options.batch.value_or(1),
                   runner};
  if (!options.after.empty()) input.shown = graph_after(options, opened, runner);
  if (!options.only.empty()) input.shown = graph_after_only(options, opened.compiled.flat, runner);
  if (!options.emit.empty()) return write_out(stage_text(options.emit, input));
  if (input.shown) return write_out(stage_text("graph", input));
  if (options.out.empty()) write_out(summary(options, opened.compiled.canonical));
}

void save(const CoilcOptions& options, OpenedModel opened) {
  if (!opened.derived.empty())
    fail(ExitCode::usage, "-o: the file holds an entry derived from a model, not a model: {}",
         opened.derived);
  save_model(options.out, to_model(std::move(opened)));
}

int run(const CoilcOptions& options) {
  check(options);
  if (options.emit == "ast") {
    write_out(ast_text(options.source.path));
    return 0;
  }
  Runner runner;
  runner.stop_after = options.after;
  runner.batch = options.batch.value_or(0);
  runner.lowering = *find_lowering(options.lowering);
  runner.precision = precision_for(options);
  OpenedModel opened = open_for(options, runner);
  if (opened.artifact) runner.ranges = opened.artifact->ranges;
  require_ranges(runner.precision, runner.ranges);
  emit(options, opened, runner);
  if (options.timings) print_timings(runner);
  if (!options.out.empty()) save(options, std::move(opened));
  return 0;
}

int compile_command(int argc, char** argv) {
  App app("Compiles a model: from its text to one graph, whichever way it was spelled.", "coilc");
  CoilcOptions options;
  declare(app, options);
  return parse(app, argc, argv) ? run(options) : 0;
}

// A model in a file named like a command is written ./fmt.
int run_command(int argc, char** argv) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first == "equiv") return equiv_command(argc - 1, argv + 1);
  if (first == "fmt") return format_command(argc - 1, argv + 1);
  return compile_command(argc, argv);
}

}  // namespace
}  // namespace coil::cli

int main(int argc, char** argv) {
  return coil::cli::guard("coilc", argc, argv, [&] { return coil::cli::run_command(argc, argv); });
}

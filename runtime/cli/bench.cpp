#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>
#include <unistd.h>

#include "compiler/graph/hash.hpp"
#include "compiler/passes/retime.hpp"
#include "compiler/source/run_error.hpp"

#include "runtime/cli/bench_report.hpp"
#include "runtime/cli/choices.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/execution_options.hpp"
#include "runtime/cli/model_source.hpp"
#include "runtime/cli/numbers.hpp"
#include "runtime/cli/processor.hpp"
#include "runtime/cli/standard_output.hpp"
#include "runtime/cli/threads.hpp"
#include "runtime/measure/sample_model.hpp"
#include "runtime/onednn/onednn.hpp"

namespace coil::cli {
namespace {

constexpr const char* bench_examples =
    "  coil bench models/char_loop.model --seconds 0.02\n"
    "  coil bench models/char3.model --entry train_step --batch 64 --threads 1 --seconds 0.02\n"
    "  coil bench models/char3.model --entry predict --seconds 0.02 --verbose\n"
    "  coil bench models/char3.model --entry train_step --precision f32,bf16 --seconds 0.02\n"
    "A model that is not trained is measured with random weights: they make no difference.\n"
    "Lowerings take turns, a round each, so that a busy machine is as slow for all of them.\n";

struct BenchOptions {
  ModelSource source;
  std::optional<std::int64_t> batch;
  std::optional<std::int64_t> steps;
  std::optional<std::string> entries;
  std::optional<std::string> lowerings;
  std::optional<std::string> precisions;
  std::string rows = "auto";
  std::string require;
  double seconds = 1;
  bool as_json = false;
  bool verbose = false;
  std::int64_t threads = 1;
};

template <typename Things>
std::vector<std::string> names_of(const Things& things) {
  std::vector<std::string> names;
  for (const auto& thing : things) names.emplace_back(to_string(thing));
  return names;
}

// And, at the end, the one that is chosen.
std::vector<std::optional<Lowering>> all_lowerings() {
  std::vector<std::optional<Lowering>> all;
  for (const LoweringRow& row : lowerings()) all.emplace_back(row.lowering);
  all.emplace_back(std::nullopt);
  return all;
}

std::vector<Precision> all_precisions() {
  std::vector<Precision> all;
  for (const PrecisionRow& row : precisions()) all.push_back(row.precision);
  return all;
}

// Those that every entry has.
std::vector<Precision> usual_precisions() {
  std::vector<Precision> usual = all_precisions();
  std::erase_if(usual, [](Precision precision) { return !is_for_training(precision); });
  return usual;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

void declare(App& app, BenchOptions& options) {
  add_model_source(app, options.source);
  app.add_option("--entry", options.entries,
                 "what to measure, with commas between: " + joined(names_of(all_measured)) +
                     " (one more character from live states, or from a window anew)")
      ->type_name("WORDS")
      ->default_str("all that the model has");
  app.add_option("--lowering", options.lowerings,
                 "how recurrences are run, with commas between: " +
                     joined(names_of(all_lowerings())) + " (what commands take unless told)")
      ->type_name("WORDS")
      ->default_str("each");
  app.add_option("--precision", options.precisions,
                 "what matrices are multiplied in, with commas between: " +
                     joined(names_of(all_precisions())))
      ->type_name("WORDS")
      ->default_str("each but int8");
  add_rows(app, options.rows);
  add_require(app, options.require);
  add_number(app, "--batch", options.batch, Range<std::int64_t>{1, 1'000'000}, "rows of a run")
      ->default_str("as the recipe has it: 512, with streams 64; of a step 1");
  add_number(app, "--steps", options.steps, Range<std::int64_t>{1, 100'000},
             "over so many steps, where the model's text allows")
      ->default_str("as the text says");
  add_number(app, "--seconds", options.seconds, Range<double>{0.001, 3600},
             "to spend on each row of the table")
      ->default_str("1");
  app.add_flag("--json", options.as_json, "print an object of JSON");
  app.add_flag("--verbose", options.verbose,
               "and each primitive that ran: its types, instruction set, implementation, time");
  add_threads(app, options.threads);
  set_up(app, bench_examples);
}

std::vector<std::string> split(const std::string& words) {
  std::vector<std::string> all;
  for (std::size_t begin = 0; begin <= words.size();) {
    const std::size_t end = std::min(words.find(',', begin), words.size());
    all.push_back(words.substr(begin, end - begin));
    begin = end + 1;
  }
  return all;
}

// Those of `all` that the option names, in the order of `all`; all of them where it is not given.
template <typename Thing>
std::vector<Thing> chosen(const std::string& option, const std::optional<std::string>& words,
                          const std::vector<Thing>& all) {
  if (!words) return all;
  const std::vector<std::string> asked = split(*words), known = names_of(all);
  for (const std::string& word : asked) require_choice(option, word, known);
  std::vector<Thing> some;
  for (const Thing thing : all)
    if (std::ranges::find(asked, to_string(thing)) != asked.end()) some.push_back(thing);
  return some;
}

Model open_sized(const BenchOptions& options) {
  Model model = open_model(options.source);
  if (!options.steps) return model;
  std::string why;
  auto graph = retime(model.graph, *options.steps, &why);
  if (!graph)
    fail(ExitCode::usage, "--steps {}: model {} cannot run over another number of steps: {}",
         *options.steps, model.graph.name, why);
  model.graph = std::move(*graph);
  return model;
}

// In which an entry is run.
struct Way {
  std::optional<Lowering> lowering;
  Precision precision;
};

std::vector<Way> chosen_ways(const BenchOptions& options, const Model& model, BenchReport& report) {
  std::vector<Way> ways;
  const std::vector<Precision> known = options.precisions ? all_precisions() : usual_precisions();
  for (const Precision precision : chosen("--precision", options.precisions, known)) {
    if (precision == Precision::int8 && !model.ranges)
      report.notes.emplace_back(
          "int8: the model is not calibrated; its scales are made up, which takes as long");
    if (const auto require = find_requirement(options.require))
      require_machine(*require, precision);
    if (const std::string note = fallback_note(precision); !note.empty())
      report.notes.push_back(fmt::format("{}: {}", to_string(precision), note));
    for (const auto lowering : chosen("--lowering", options.lowerings, all_lowerings()))
      ways.push_back({lowering, precision});
  }
  return ways;
}

// The percentage done, on a terminal's line.
class Percentage {
 public:
  ~Percentage() {
    if (is_shown_ && width_ > 0) fmt::print(stderr, "\r{:<{}}\r", "", width_);
  }
  void show(Measured entry, double done) {
    if (!is_shown_) return;
    const std::string line = fmt::format("{} {:.0f} %", to_string(entry), 100 * done);
    fmt::print(stderr, "\r{:<{}}", line, width_);
    std::fflush(stderr);
    width_ = line.size();
  }

 private:
  bool is_shown_ = ::isatty(STDERR_FILENO) == 1;
  std::size_t width_ = 0;
};

// What an entry is run as, in each way that the model has it. A reason why it has not is noted or, where nothing is left
// of an entry that was asked for, an error.
std::vector<Subject> subjects_of(const BenchOptions& options, const Model& model, Measured entry,
                                 const std::vector<Way>& ways, BenchReport& report) {
  std::vector<Subject> subjects;
  std::set<std::string> reasons;
  for (const Way& way : ways) {
    std::string why;
    const auto ranges = way.precision == Precision::int8 ? sample_ranges(model) : nullptr;
    auto subject = make_subject(
        model, entry,
        {way.lowering, options.batch.value_or(usual_batch(model, entry)), report.threads,
         way.precision, find_requirement(options.require), ranges, find_rows(options.rows)},
        &why);
    if (subject)
      subjects.push_back(std::move(*subject));
    else
      reasons.insert(why);
  }
  if (subjects.empty() && options.entries)
    fail(ExitCode::usage, "--entry: model {} has no {}: {}", model.graph.name, to_string(entry),
         fmt::join(reasons, "; "));
  for (const std::string& why : reasons)
    report.notes.push_back(fmt::format("no {}: {}", to_string(entry), why));
  return subjects;
}

void measure(const BenchOptions& options, const Model& model, Measured entry,
             const std::vector<Way>& ways, BenchReport& report) {
  const std::vector<Subject> subjects = subjects_of(options, model, entry, ways, report);
  if (subjects.empty()) return;
  std::vector<std::function<void()>> bodies;
  for (const Subject& subject : subjects) bodies.push_back(subject.run);
  Percentage shown;
  RoundOptions rounds;
  rounds.seconds = options.seconds;
  const auto timings = time_in_turn(bodies, rounds, [&](double done) { shown.show(entry, done); });
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    BenchRow row{entry,
                 subjects[i].options,
                 subjects[i].way,
                 subjects[i].characters,
                 quartiles(timings[i].seconds),
                 timings[i].seconds.size(),
                 timings[i].calls,
                 {}};
    if (options.verbose) row.primitives = primitives_of(model, subjects[i]);
    report.rows.push_back(std::move(row));
  }
}

int run(const BenchOptions& options) {
  const auto entries =
      chosen("--entry", options.entries,
             std::vector<Measured>(std::begin(all_measured), std::end(all_measured)));
  BenchReport report;
  const Model model = open_sized(options);
  const std::vector<Way> ways = chosen_ways(options, model, report);
  report.model = model.graph.name;
  report.hash = to_string(hash_of(model.graph));
  report.machine = fmt::format("{}, {}, oneDNN {}", processor(), onednn::effective_isa(),
                               onednn::library_version());
  report.threads = static_cast<int>(options.threads);
  bind_threads(report.threads);
  for (const Measured entry : entries) measure(options, model, entry, ways, report);
  write_out(options.as_json ? report_json(report) : report_text(report));
  return 0;
}

}  // namespace

Command add_bench(App& coil) {
  auto options = std::make_shared<BenchOptions>();
  App* app = coil.add_subcommand("bench", "measure how long a model takes");
  declare(*app, *options);
  return {app, [options] { return run(*options); }};
}

}  // namespace coil::cli

#include "runtime/evaluate/calibrate.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <memory>

#include "compiler/graph/faces.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/cli/commands.hpp"
#include "runtime/cli/measuring.hpp"
#include "runtime/cli/numbers.hpp"
#include "runtime/cli/output_file.hpp"
#include "runtime/cli/standard_output.hpp"
#include "runtime/cli/threads.hpp"
#include "runtime/cli/unknown_option.hpp"

namespace coil::cli {
namespace {

constexpr const char* calibrate_examples =
    "  coil calibrate trained.coil --corpus examples/corpus/the-rope-walk.txt -o small.coil\n"
    "  coil generate small.coil --precision int8 -p \" th\" -n 40\n"
    "Products in int8 round what they multiply to 255 levels. How far apart these are is measured "
    "here, on a\n"
    "text like those that the model is to read, and kept in OUT; what it costs in loss is "
    "printed.\n";

struct CalibrateOptions {
  std::string model;
  std::string corpus;
  std::string out;
  std::string unknown = "error";
  std::int64_t characters = 50'000;
  std::int64_t threads = 1;
};

void declare(App& app, CalibrateOptions& options) {
  app.add_option("MODEL", options.model, "a trained .coil artifact")->required()->type_name("");
  app.add_option("--corpus", options.corpus, "the text to measure on")
      ->required()
      ->type_name("FILE");
  app.add_option("-o,--output", options.out, "where the calibrated model goes")
      ->required()
      ->type_name("OUT.coil");
  add_number(app, "--characters", options.characters, Range<std::int64_t>{1, 1'000'000'000},
             "read no more of the text");
  add_unknown(app, options.unknown, "that the model does not know");
  add_threads(app, options.threads);
  set_up(app, calibrate_examples);
}

std::string beginning(std::string text, std::int64_t characters) {
  std::size_t end = 0;
  while (characters-- > 0 && end < text.size()) decode_utf8(text, end);
  text.resize(end);
  return text;
}

// Whole weights, where the ranges are of their pieces.
std::map<std::string, float> stored_ranges(const Model& model) {
  std::map<std::string, float> stored;
  for (const StoredWeight& weight : stored_weights(model.graph))
    for (const NodeId leaf : weight.leaves) {
      const auto known = model.ranges->find(leaf_name(model.graph.node(leaf)));
      if (known == model.ranges->end()) continue;
      float& range = stored[weight.name];
      range = std::max(range, known->second);
    }
  return stored;
}

std::string report(const Model& model, const Evaluation& reals, const Evaluation& rounded) {
  const std::map<std::string, float> ranges = stored_ranges(model);
  std::size_t width = std::string_view("loss in int8").size();
  for (const auto& [weight, range] : ranges) width = std::max(width, weight.size());
  std::string text = fmt::format("{:<{}}  largest of what it multiplies\n", "weight", width);
  for (const auto& [weight, range] : ranges)
    text += fmt::format("{:<{}}  {:.6g}\n", weight, width, range);
  const double cost = rounded.loss() - reals.loss();
  text += fmt::format("{:<{}}  {:.6f} nats\n", "loss in f32", width, reals.loss());
  text += fmt::format("{:<{}}  {:.6f} nats: {:+.6f}, {:+.2f} %\n", "loss in int8", width,
                      rounded.loss(), cost, 100 * cost / reals.loss());
  return text;
}

int run(const CalibrateOptions& options) {
  require_replaceable("-o", options.out);
  require_different("-o", options.out, "the corpus", options.corpus);
  const UnknownPolicy unknown = parse_unknown_policy(options.unknown);
  Model model = load_model(options.model);
  require_trained(model);
  const std::string text =
      beginning(read_corpus(options.corpus, model.letters), options.characters);
  EvaluateOptions evaluate = usual_evaluation(model);
  evaluate.execution = Execution(static_cast<int>(options.threads));
  bind_threads(evaluate.execution.threads);
  const auto samples = static_cast<std::int64_t>(
      Evaluator(model, text, options.corpus, evaluate, unknown).samples().size());
  Measuring shown(3 * samples, evaluate.batch);
  Calibration calibration = calibrate(
      model, text, options.corpus, evaluate, unknown,
      [&](std::int64_t done, const Evaluation& so_far) { shown.at(done, so_far.loss()); });
  model.ranges = std::make_shared<Ranges>(std::move(calibration.ranges));
  evaluate.execution.precision = Precision::int8;
  evaluate.execution.ranges = model.ranges;
  const Evaluation rounded = Evaluator(model, text, options.corpus, evaluate, unknown)
                                 .run([&](std::int64_t done, const Evaluation& so_far) {
                                   shown.at(2 * samples + done, so_far.loss());
                                   return true;
                                 });
  shown.finish();
  save_model(options.out, model);
  write_out(report(model, calibration.measured, rounded));
  fmt::print(stderr, "coil: saved {}, calibrated on {} characters of {}\n",
             printable(options.out, 200), grouped(count_characters(text)),
             printable(options.corpus, 200));
  return 0;
}

}  // namespace

Command add_calibrate(App& coil) {
  auto options = std::make_shared<CalibrateOptions>();
  App* app =
      coil.add_subcommand("calibrate", "measure on a text what products in int8 are scaled by");
  declare(*app, *options);
  return {app, [options] { return run(*options); }};
}

}  // namespace coil::cli

#include <fmt/format.h>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>

#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/cli/choices.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/execution_options.hpp"
#include "runtime/cli/measuring.hpp"
#include "runtime/cli/model_source.hpp"
#include "runtime/cli/numbers.hpp"
#include "runtime/cli/standard_output.hpp"
#include "runtime/cli/threads.hpp"
#include "runtime/cli/unknown_option.hpp"
#include "runtime/evaluate/evaluator.hpp"
#include "runtime/train/trainer.hpp"

namespace coil::cli {
namespace {

constexpr const char* eval_examples =
    "  coil eval trained.coil --corpus examples/corpus/the-rope-walk.txt\n"
    "  coil eval trained.coil --corpus examples/corpus/the-rope-walk.txt --scheme windows --json\n"
    "A text that training did not see tells how well a model does; --scheme blocks measures every\n"
    "steps-th character only, windows each.\n";

struct EvalOptions {
  std::string model;
  std::string corpus;
  std::string scheme;
  std::string unknown = "error";
  std::optional<std::int64_t> batch;
  bool as_json = false;
  ExecutionOptions execution;
};

void declare(App& app, EvalOptions& options) {
  app.add_option("MODEL", options.model, "a trained .coil artifact")->required()->type_name("");
  app.add_option("--corpus", options.corpus, "the text to measure on")
      ->required()
      ->type_name("FILE");
  add_number(app, "--batch", options.batch, Range<std::int64_t>{1, 1'000'000},
             "samples of one call; with streams, how many")
      ->default_str("512, with streams 64");
  add_choice(app, "--scheme", options.scheme, {"blocks", "windows", "streams"},
             "how the text becomes samples: see `coil train --help`")
      ->default_str("as it was trained");
  app.add_flag("--json", options.as_json, "print an object of JSON");
  add_unknown(app, options.unknown, "that the model does not know");
  add_execution(app, options.execution);
  set_up(app, eval_examples);
}

EvaluateOptions effective(const EvalOptions& options, const Model& model) {
  EvaluateOptions effective = usual_evaluation(model, find_scheme(options.scheme));
  effective.batch = options.batch.value_or(effective.batch);
  effective.execution = options.execution.execution(Precision::f32, model.ranges);
  return effective;
}

std::string as_json(const EvalOptions& options, const Model& model, const Evaluator& evaluator,
                    const Evaluation& measured) {
  nlohmann::ordered_json json;
  json["model"] = model.graph.name;
  json["corpus"] = printable(options.corpus, 4096);
  json["characters"] = evaluator.characters();
  json["scheme"] = std::string(to_string(evaluator.samples().scheme()));
  json["batch"] = evaluator.samples().batch();
  json["predictions"] = measured.predictions;
  json["loss"] = measured.loss();
  json["perplexity"] = measured.perplexity();
  json["bits_per_character"] = measured.bits_per_character();
  json["accuracy"] = measured.accuracy();
  return json.dump() + '\n';
}

std::string as_table(const Evaluator& evaluator, const Evaluation& measured) {
  return fmt::format(
      "loss                {:.6f} nats\n"
      "perplexity          {:.6g}\n"
      "bits per character  {:.6f}\n"
      "accuracy            {:.4f}\n"
      "predictions         {} of {} characters ({}, batch {})\n",
      measured.loss(), measured.perplexity(), measured.bits_per_character(), measured.accuracy(),
      grouped(measured.predictions), grouped(evaluator.characters()),
      to_string(evaluator.samples().scheme()), evaluator.samples().batch());
}

int run(const EvalOptions& options) {
  const UnknownPolicy unknown = parse_unknown_policy(options.unknown);
  Model model = load_model(options.model, LoadFor::predicting);
  const std::string text = read_corpus(options.corpus, model.letters);
  const EvaluateOptions evaluate = effective(options, model);
  bind_threads(evaluate.execution.threads);
  Evaluator evaluator(model, text, options.corpus, evaluate, unknown);
  Measuring shown(static_cast<std::int64_t>(evaluator.samples().size()),
                  static_cast<std::int64_t>(evaluator.samples().batch()));
  const Evaluation measured = evaluator.run([&](std::int64_t samples, const Evaluation& so_far) {
    shown.at(samples, so_far.loss());
    return true;
  });
  shown.finish();
  write_out(options.as_json ? as_json(options, model, evaluator, measured)
                            : as_table(evaluator, measured));
  return 0;
}

}  // namespace

Command add_eval(App& coil) {
  auto options = std::make_shared<EvalOptions>();
  App* app = coil.add_subcommand("eval", "measure how well a model predicts a text");
  declare(*app, *options);
  return {app, [options] { return run(*options); }};
}

}  // namespace coil::cli

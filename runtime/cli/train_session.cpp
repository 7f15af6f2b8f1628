#include "runtime/cli/train_session.hpp"

#include <filesystem>
#include <fmt/format.h>

#include "compiler/graph/faces.hpp"
#include "compiler/graph/hash.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/artifact/atomic_file.hpp"
#include "runtime/cli/train_recipe.hpp"

namespace coil::cli {
namespace {

constexpr std::int64_t usual_epochs = 3;

// What is usual with the model, or how it was trained before.
Recipe base_recipe(const Model& model) {
  if (model.training) return model.training->recipe;
  Recipe recipe = usual_recipe(model);
  recipe.phases.back().epochs = usual_epochs;
  return recipe;
}

// "-D vocab=61" where a parameter gives the inputs their bound.
std::string how_to_widen(const TrainOptions& options, const Model& model, std::int64_t bound,
                         std::size_t characters) {
  for (const EffectiveParameter& parameter : model.parameters) {
    if (parameter.value != ParameterValue(bound)) continue;
    const char* command =
        kind_of(options.source.path) == FileKind::artifact ? "compile it again with" : "use";
    return fmt::format("; {} -D {}={}", command, parameter.name, characters);
  }
  return "";
}

void check_vocabulary(const TrainOptions& options, const Model& model) {
  const std::size_t characters = model.vocabulary->size();
  for (const FedInput& fed : fed_inputs(model.graph)) {
    const auto& input = std::get<InputAttributes>(model.graph.node(fed.leaf).attributes);
    if (input.bound == 0 || characters <= static_cast<std::size_t>(input.bound)) continue;
    fail(ExitCode::bad_text, "{} has {} distinct characters, but input '{}' of {} takes {}{}",
         printable(options.corpus, 200), characters, fed.name, model.graph.name, input.bound,
         how_to_widen(options, model, input.bound, characters));
  }
}

// Gives a fresh model its vocabulary and weights; a trained one keeps its own.
void prepare(const TrainOptions& options, TrainSession& session) {
  Model& model = session.model;
  const Recipe& recipe = session.recipe;
  if (model.has_weights && model.vocabulary && recipe.letters != model.letters)
    fail(ExitCode::usage, "{} was trained on letters {}; they stay so",
         printable(options.source.path, 200),
         model.letters == LetterCase::lower ? "in lower case" : "as written");
  model.letters = recipe.letters;
  const UnknownPolicy unknown = parse_unknown_policy(options.unknown);
  const std::string text = read_corpus(options.corpus, model.letters);
  if (!model.vocabulary) model.vocabulary = Vocabulary::of_text(text, options.corpus);
  check_vocabulary(options, model);
  if (!model.has_weights) {
    initialize_weights(model, recipe.seed);
    model.has_weights = true;
  }
  session.text = model.vocabulary->decode(model.vocabulary->encode(text, options.corpus, unknown));
}

bool exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code error;
  return a == b || std::filesystem::equivalent(a, b, error);
}

void require_same_model(const TrainOptions& options, const Model& saved) {
  const bool names_parameters =
      !options.source.definitions.empty() || !options.source.model.empty();
  const bool is_saved_one = same_file(options.source.path, options.out) ||
                            same_file(options.source.path, previous_path(options.out));
  if (is_saved_one && !names_parameters) return;
  const Model asked = open_model(options.source);
  if (hash_of(asked.graph) == hash_of(saved.graph)) return;
  fail(ExitCode::usage,
       "--resume: {} holds another model than {} now gives; `coilc equiv` says how they differ. "
       "Begin anew without --resume",
       printable(options.out, 200), printable(options.source.path, 200));
}

Model open_saved(const TrainOptions& options) {
  const std::string& out = options.out;
  if (!exists(out) && !exists(previous_path(out)))
    fail(ExitCode::io, "--resume: there is no {} to go on with; begin without --resume",
         printable(out, 200));
  Newest newest = load_newest(out);
  if (!newest.warning.empty()) fmt::print(stderr, "coil: warning: {}\n", newest.warning);
  if (!newest.model.training || !newest.model.has_weights)
    fail(ExitCode::bad_artifact,
         "--resume: {} holds no training to go on with; begin without --resume",
         printable(out, 200));
  require_same_model(options, newest.model);
  return std::move(newest.model);
}

}  // namespace

TrainSession begin_session(const TrainOptions& options) {
  TrainSession session;
  if (options.resume) {
    session.start = Start::resume;
    session.model = open_saved(options);
    const Recipe before = session.model.training->recipe;
    session.recipe = effective_recipe(options, before);
    require_same_run(options.out, before, session.recipe);
  } else {
    session.model = open_model(options.source);
    session.recipe = effective_recipe(options, base_recipe(session.model));
  }
  prepare(options, session);
  return session;
}

}  // namespace coil::cli

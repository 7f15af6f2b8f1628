#include <fmt/format.h>
#include <memory>

#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/cli/commands.hpp"
#include "runtime/cli/model_source.hpp"
#include "runtime/cli/progress.hpp"
#include "runtime/cli/standard_output.hpp"
#include "runtime/cli/summary.hpp"

namespace coil::cli {
namespace {

constexpr const char* inspect_examples =
    "  coil inspect trained.coil\n"
    "  coil inspect models/char3.model -D outputs=56\n"
    "  coil inspect trained.coil --json\n"
    "  coil inspect trained.coil --check\n"
    "--check runs the model on the small input that was kept with its weights, and ends with 3 "
    "where\n"
    "it makes something else of it than it did then.\n";

struct InspectOptions {
  ModelSource source;
  bool json = false;
  bool check = false;
};

// What loading has verified by then is said too.
int check(const InspectOptions& options) {
  const Model model = open_model(options.source);
  if (kind_of(options.source.path) != FileKind::artifact)
    fail(ExitCode::usage, "--check is for .coil artifacts; {} is none",
         printable(options.source.path, 200));
  const std::string weights =
      model.has_weights
          ? fmt::format("{} weights, all finite", grouped(count_parameters(model.graph)))
          : "no weights";
  write_out(fmt::format("checksum, graph and {}: as they should be\n", weights));
  if (!model.probe) {
    write_out(model.has_weights ? "no probe: an earlier Coil wrote the file, or the model takes or "
                                  "gives too much for one\n"
                                : "no probe: without weights there is nothing to run\n");
    return 0;
  }
  const ProbeDifference difference = compare_with_probe(model, *model.probe);
  require_agreement(difference, options.source.path);
  write_out(fmt::format("probe: {} numbers, the largest difference {:.1e}, in {}\n",
                        difference.numbers, difference.largest, difference.where));
  return 0;
}

int run(const InspectOptions& options) {
  if (options.check) return check(options);
  const Model model = open_model(options.source);
  write_out(options.json ? summary_json(model) : summary_text(model));
  return 0;
}

}  // namespace

Command add_inspect(App& coil) {
  auto options = std::make_shared<InspectOptions>();
  App* app = coil.add_subcommand("inspect", "show a model's layers and how it was trained");
  add_model_source(*app, options->source);
  Option* json = app->add_flag("--json", options->json, "for programs");
  app->add_flag("--check", options->check, "verify the file, and what the model computes")
      ->excludes(json);
  set_up(*app, inspect_examples);
  return {app, [options] { return run(*options); }};
}

}  // namespace coil::cli

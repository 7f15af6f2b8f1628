#include <memory>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/model_source.hpp"
#include "runtime/cli/standard_output.hpp"
#include "runtime/cli/summary.hpp"

namespace coil::cli {
namespace {

constexpr const char* examples =
    "  coil inspect trained.coil\n"
    "  coil inspect models/char3.model -D outputs=56\n"
    "  coil inspect trained.coil --json\n";

struct Options {
  ModelSource source;
  bool json = false;
};

int run(const Options& options) {
  const Model model = open_model(options.source);
  write_out(options.json ? summary_json(model) : summary_text(model));
  return 0;
}

}  // namespace

Command add_inspect(App& coil) {
  auto options = std::make_shared<Options>();
  App* app = coil.add_subcommand("inspect", "show a model's layers and how it was trained");
  add_model_source(*app, options->source);
  app->add_flag("--json", options->json, "for programs");
  set_up(*app, examples);
  return {app, [options] { return run(*options); }};
}

}  // namespace coil::cli

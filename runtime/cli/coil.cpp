// coil: trains, runs and shows what coilc compiled.

#include "runtime/cli/commands.hpp"
#include "runtime/cli/guard.hpp"

namespace coil::cli {
namespace {

constexpr const char* coil_examples =
    "  coilc models/char3.model -o char3.coil\n"
    "  coil train char3.coil --corpus examples/corpus/the-rope-walk.txt -o trained.coil\n"
    "  coil generate trained.coil -p \" th\" -n 40\n"
    "'coil COMMAND --help' has more of each.\n";

int coil_command(int argc, char** argv) {
  App app("Trains and runs recurrent models.", "coil");
  app.add_version();
  app.require_subcommand();
  set_up(app, coil_examples);
  const Command commands[] = {add_train(app),   add_generate(app),       add_run(app),
                              add_eval(app),    add_calibrate(app),      add_bench(app),
                              add_inspect(app), add_export_weights(app), add_import_weights(app),
                              add_corpus(app),  add_plot(app),           add_info(app)};
  if (!parse(app, argc, argv)) return 0;
  for (const Command& command : commands)
    if (command.app->parsed()) return command.run();
  return 0;
}

}  // namespace
}  // namespace coil::cli

int main(int argc, char** argv) {
  return coil::cli::guard("coil", argc, argv, [&] { return coil::cli::coil_command(argc, argv); });
}

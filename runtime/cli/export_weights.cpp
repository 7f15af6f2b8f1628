#include <memory>

#include "runtime/artifact/atomic_file.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/layout_option.hpp"
#include "runtime/cli/output_file.hpp"

namespace coil::cli {
namespace {

constexpr const char* examples =
    "  coil train models/char_rnn.model --corpus examples/corpus/the-rope-walk.txt --steps 10 "
    "-o rnn.coil\n"
    "  coil export-weights rnn.coil -o keras.safetensors\n"
    "  coil export-weights rnn.coil -o torch.safetensors --layout=torch\n"
    "Layout keras has the names and shapes of the model's text, dense.kernel [in, out]; torch "
    "those\n"
    "of nn.LSTM, nn.GRU, nn.RNN, nn.Linear and nn.Embedding, dense.weight [out, in]. A weight "
    "that\n"
    "plays no part that these know stays as it is. The file carries what the model makes of a "
    "small\n"
    "input, so that `coil import-weights` can tell gates that came back in another order.\n";

struct Options {
  std::string model;
  std::string out;
  std::optional<Layout> layout;
};

int run(const Options& options) {
  require_replaceable_weights("-o", options.out);
  const Model model = load_model(options.model, LoadFor::predicting);
  write_atomically(options.out,
                   encode(export_weights(model, options.layout.value_or(Layout::keras))));
  return 0;
}

}  // namespace

Command add_export_weights(App& coil) {
  auto options = std::make_shared<Options>();
  App* app = coil.add_subcommand("export-weights", "write a model's weights to a safetensors file");
  app->add_option("MODEL", options->model, "a .coil artifact with weights")
      ->required()
      ->type_name("");
  app->add_option("-o,--output", options->out, "the safetensors file")
      ->required()
      ->type_name("FILE");
  add_layout(*app, options->layout)->default_str("keras");
  set_up(*app, examples);
  return {app, [options] { return run(*options); }};
}

}  // namespace coil::cli

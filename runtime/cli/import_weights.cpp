#include <fmt/format.h>
#include <memory>

#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/cli/commands.hpp"
#include "runtime/cli/layout_option.hpp"
#include "runtime/cli/model_source.hpp"
#include "runtime/cli/output_file.hpp"

namespace coil::cli {
namespace {

constexpr const char* import_examples =
    "  coil train models/char_rnn.model --corpus examples/corpus/the-rope-walk.txt --steps 10 "
    "-o rnn.coil\n"
    "  coil export-weights rnn.coil -o torch.safetensors --layout=torch\n"
    "  coil import-weights rnn.coil torch.safetensors --layout=torch -o back.coil\n"
    "The file must have every weight of the model and nothing else, by name and shape. Vocabulary\n"
    "and recipe stay; how far a training came is forgotten, and its optimizer's moments, so that\n"
    "`coil train back.coil` begins anew and --resume is refused. A file of `coil export-weights` "
    "is\n"
    "run on the input that it carries, and refused where the model makes something else of it.\n";

struct ImportOptions {
  ModelSource source;
  std::string weights;
  std::string out;
  std::optional<Layout> layout;
  bool skips_probe = false;
};

Layout layout_for(const ImportOptions& options, const TensorFile& file) {
  const auto said = layout_of(file, options.weights);
  if (options.layout && said && *said != *options.layout)
    fail(ExitCode::usage, "--layout={}: {} says that it is of layout {}; leave the option out",
         to_string(*options.layout), printable(options.weights, 200), to_string(*said));
  return options.layout ? *options.layout : said.value_or(Layout::keras);
}

int run(const ImportOptions& options) {
  require_replaceable("-o", options.out);
  require_different("-o", options.out, "the file of the weights", options.weights);
  Model model = open_model(options.source);
  const TensorFile file = read_weights(options.weights);
  const auto difference =
      import_weights(file, options.weights, layout_for(options, file),
                     options.skips_probe ? ProbeUse::ignore : ProbeUse::check, model);
  save_model(options.out, model);
  const std::string probe = difference
                                ? fmt::format("the probe agrees to {:.1e}", difference->largest)
                                : "no probe was checked";
  fmt::print(stderr, "coil: saved {} with {} tensors of {}; {}\n", printable(options.out, 200),
             file.tensors.size(), printable(options.weights, 200), probe);
  return 0;
}

}  // namespace

Command add_import_weights(App& coil) {
  auto options = std::make_shared<ImportOptions>();
  App* app =
      coil.add_subcommand("import-weights", "give a model the weights of a safetensors file");
  add_model_source(*app, options->source);
  app->add_option("WEIGHTS", options->weights, "the safetensors file")->required()->type_name("");
  app->add_option("-o,--output", options->out, "where the model goes")
      ->required()
      ->type_name("OUT.coil");
  add_layout(*app, options->layout)->default_str("what the file says, else keras");
  app->add_flag("--skip-probe", options->skips_probe,
                "import though the model makes something else of the file's input, or has no such "
                "input");
  set_up(*app, import_examples);
  return {app, [options] { return run(*options); }};
}

}  // namespace coil::cli

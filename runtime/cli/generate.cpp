#include <memory>

#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/cli/commands.hpp"
#include "runtime/cli/model_source.hpp"
#include "runtime/cli/numbers.hpp"
#include "runtime/cli/standard_output.hpp"
#include "runtime/cli/threads.hpp"
#include "runtime/generate/generator.hpp"

namespace coil::cli {
namespace {

constexpr const char* examples =
    "  coil generate trained.coil -p \" th\" -n 40\n"
    "  coil generate trained.coil -p \"for thos\" -n 400 --temp 0.7 --seed 7\n";

struct Options {
  ModelSource source;
  std::optional<std::string> prompt;
  std::string file;
  std::string unknown = "error";
  std::int64_t count = 200;
  double temperature = 0;
  std::uint64_t seed = 1;
  std::int64_t threads = 1;
};

void declare(App& app, Options& options) {
  app.add_option("MODEL", options.source.path, "a trained .coil artifact")
      ->required()
      ->type_name("");
  auto* prompt = app.add_option("-p,--prompt", options.prompt, "the text to go on from");
  prompt->type_name("TEXT");
  app.add_option("-f,--file", options.file, "the same from a file")
      ->excludes(prompt)
      ->type_name("FILE");
  add_number(app, "-n,--count", options.count, Range<std::int64_t>{0, 1'000'000'000},
             "how many characters to write")
      ->default_str("200");
  add_number(app, "--temp", options.temperature, Range<double>{0, 1000},
             "0: always the likeliest character; 1: as likely as the model says; above: bolder")
      ->default_str("0");
  add_number(app, "-s,--seed", options.seed, Range<std::uint64_t>{0, ~std::uint64_t{0}},
             "what the choices are drawn from")
      ->default_str("1");
  add_threads(app, options.threads);
  app.add_option("--unknown", options.unknown,
                 "what becomes of a character of the prompt that the model does not know: error, "
                 "skip or replace:<c>")
      ->type_name("POLICY")
      ->default_str("error");
  set_up(app, examples);
}

std::string prompt_of(const Options& options) {
  if (options.prompt) return *options.prompt;
  if (options.file.empty()) fail(ExitCode::usage, "say what to go on from: -p TEXT or -f FILE");
  return read_corpus(options.file, LetterCase::as_written);
}

int run(const Options& options) {
  const UnknownPolicy unknown = parse_unknown_policy(options.unknown);
  const std::string prompt = prompt_of(options);
  Model model = load_model(options.source.path);
  Generator generator(model,
                      {options.temperature, options.seed, static_cast<int>(options.threads)});
  generator.prompt(prompt, unknown);
  const bool terminal = out_is_terminal();
  write_out(prompt);
  for (std::int64_t i = 0; i < options.count; ++i) {
    std::string character;
    append_utf8(character, generator.next());
    write_out(character);
    if (terminal) flush_out();
  }
  if (terminal) write_out("\n");
  return 0;
}

}  // namespace

Command add_generate(App& coil) {
  auto options = std::make_shared<Options>();
  App* app = coil.add_subcommand("generate", "write on from a text");
  declare(*app, *options);
  return {app, [options] { return run(*options); }};
}

}  // namespace coil::cli

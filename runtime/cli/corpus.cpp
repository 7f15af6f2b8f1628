#include "runtime/text/corpus.hpp"

#include <fmt/format.h>
#include <memory>

#include "compiler/source/utf8.hpp"

#include "runtime/cli/commands.hpp"
#include "runtime/cli/letters_option.hpp"
#include "runtime/cli/progress.hpp"
#include "runtime/cli/standard_output.hpp"
#include "runtime/text/vocabulary.hpp"

namespace coil::cli {
namespace {

constexpr const char* corpus_examples =
    "  coil corpus examples/corpus/the-rope-walk.txt\n"
    "  coilc models/char3.model -D vocab=$(coil corpus examples/corpus/the-rope-walk.txt --vocab) "
    "-o fit.coil\n";

struct CorpusOptions {
  std::string path;
  std::string letters;
  bool vocabulary_only = false;
};

int run(const CorpusOptions& options) {
  const std::string text = read_corpus(options.path, letters_of(options.letters));
  const Vocabulary vocabulary = Vocabulary::of_text(text, options.path);
  if (options.vocabulary_only) {
    write_out(fmt::format("{}\n", vocabulary.size()));
    return 0;
  }
  write_out(fmt::format("{}: {} characters, {} distinct{}\n", printable(options.path, 200),
                        grouped(count_characters(text)), vocabulary.size(),
                        letters_of(options.letters) == LetterCase::lower ? " in lower case" : ""));
  for (std::size_t i = 0; i < vocabulary.size(); ++i)
    write_out(fmt::format("{:>5}  {}\n", i, describe_character(vocabulary.at(i))));
  return 0;
}

}  // namespace

Command add_corpus(App& coil) {
  auto options = std::make_shared<CorpusOptions>();
  App* app = coil.add_subcommand("corpus", "show the characters of a text");
  app->add_option("FILE", options->path, "the text")->required()->type_name("");
  add_letters(*app, options->letters);
  app->add_flag("--vocab", options->vocabulary_only,
                "print the number of distinct characters only");
  set_up(*app, corpus_examples);
  return {app, [options] { return run(*options); }};
}

}  // namespace coil::cli

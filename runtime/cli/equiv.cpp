#include "runtime/cli/equiv.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fmt/format.h>

#include "compiler/compare/compare.hpp"
#include "compiler/graph/hash.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/cli/at_place.hpp"
#include "runtime/cli/command_line.hpp"
#include "runtime/cli/guard.hpp"
#include "runtime/cli/model_source.hpp"
#include "runtime/cli/standard_output.hpp"

namespace coil::cli {
namespace {

constexpr const char* equiv_examples =
    "  coilc equiv models/char3.model char3.coil           is it still what was compiled?\n"
    "  coilc equiv models/char3.model models/char_loop.model -D B.steps=3\n";

struct EquivOptions {
  ModelSource a, b;
  std::vector<std::string> definitions;
};

void declare(App& app, EquivOptions& options) {
  const char* what = "a .model text (or TEXT:NAME for one of its models), or a .coil artifact";
  app.add_option("A", options.a.path, what)->required()->type_name("");
  app.add_option("B", options.b.path, what)->required()->type_name("");
  app.add_option("--model-a", options.a.model, "the model's name, where A has several")
      ->type_name("NAME");
  app.add_option("--model-b", options.b.model, "the model's name, where B has several")
      ->type_name("NAME");
  app.add_option("-D", options.definitions, "set a parameter of one of them, as in -D A.hidden=512")
      ->type_name("A.NAME=VALUE")
      ->repeatable();
  set_up(app, equiv_examples);
}

// `char.model:CharLoop`, unless there is a file of that whole name.
void split_model(ModelSource& source) {
  const std::size_t colon = source.path.rfind(':');
  std::error_code error;
  if (colon == std::string::npos || std::filesystem::exists(source.path, error)) return;
  const std::string name = source.path.substr(colon + 1);
  const auto in_name = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  if (name.empty() || !std::ranges::all_of(name, in_name)) return;
  if (!source.model.empty())
    fail(ExitCode::usage, "{} names a model already; leave out --model-a or --model-b",
         printable(source.path, 200));
  source.model = name;
  source.path.resize(colon);
}

// Hands each definition to the side that it names.
void distribute(EquivOptions& options) {
  for (const std::string& text : options.definitions) {
    const bool of_a = text.starts_with("A."), of_b = text.starts_with("B.");
    if (!of_a && !of_b)
      fail(ExitCode::usage, "-D {0}: say whose it is: -D A.{0} or -D B.{0}", printable(text));
    (of_a ? options.a : options.b).definitions.push_back(text.substr(2));
  }
}

OpenedModel open_side(const ModelSource& source) {
  Runner runner;
  OpenedModel opened = open(source, runner);
  if (!opened.derived.empty())
    fail(ExitCode::usage, "{} is an entry derived from a model, not a model: {}",
         printable(source.path, 200), opened.derived);
  return opened;
}

// What is wrong with the second text is told even where the first one is wrong.
std::pair<OpenedModel, OpenedModel> open_both(const EquivOptions& options) {
  OpenedModel a;
  try {
    a = open_side(options.a);
  } catch (const Reported&) {
    open_side(options.b);
    throw;
  }
  return {std::move(a), open_side(options.b)};
}

std::string title(char side, const ModelSource& source, const Graph& graph) {
  return fmt::format("{} {}: model {}, hash {}\n", side, printable(source.path, 200), graph.name,
                     to_string(hash_of(graph)));
}

std::string shown(const ModelSource& source, const OpenedModel& opened, char name,
                  const Side& side) {
  if (side.shown.empty() && side.place.line == 0) return "";
  return at_place(source.path, opened.text, side.place, fmt::format("{} has {}", name, side.shown));
}

constexpr std::size_t most_shown = 5;

std::string told(const EquivOptions& options, const OpenedModel& a, const OpenedModel& b) {
  // One more than is shown, to know whether there are more.
  const auto differences = compare(a.compiled.canonical, b.compiled.canonical, most_shown + 1);
  std::string text;
  for (std::size_t i = 0; i < std::min(differences.size(), most_shown); ++i)
    text += fmt::format("\ndifference {}: {}\n{}{}", i + 1, differences[i].message,
                        shown(options.a, a, 'A', differences[i].a),
                        shown(options.b, b, 'B', differences[i].b));
  if (differences.size() > most_shown)
    text += fmt::format("\nthere are more; the first {} are shown\n", most_shown);
  return text;
}

int run(EquivOptions& options) {
  split_model(options.a);
  split_model(options.b);
  distribute(options);
  const auto [a, b] = open_both(options);
  const Graph& of_a = a.compiled.canonical;
  const Graph& of_b = b.compiled.canonical;
  write_out(title('A', options.a, of_a) + title('B', options.b, of_b));
  if (hash_of(of_a) != hash_of(of_b)) {
    write_out(told(options, a, b));
    return static_cast<int>(ExitCode::bad_text);
  }
  write_out("identical\n");
  if (const std::string differing = differing_initial_values(of_a, of_b); !differing.empty())
    write_out(differing + '\n');
  return 0;
}

}  // namespace

int equiv_command(int argc, char** argv) {
  App app("Compares two models: one computation, or where they part.", "coilc equiv");
  EquivOptions options;
  declare(app, options);
  return parse(app, argc, argv) ? run(options) : 0;
}

}  // namespace coil::cli

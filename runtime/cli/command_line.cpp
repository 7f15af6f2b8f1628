#include "runtime/cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "compiler/source/run_error.hpp"
#include "compiler/source/suggest.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/cli/standard_output.hpp"

namespace coil::cli {
namespace {

const CLI::App& chosen(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? app : chosen(*commands.back());
}

// "coil train".
std::string full_name(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent ? full_name(*parent) + ' ' + app.get_name() : app.get_name();
}

[[noreturn]] void refuse(const CLI::App& app, const std::string& message) {
  fail(ExitCode::usage, "{} (see '{} --help')", message, full_name(chosen(app)));
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

// CLI11 would take a mistyped command for an argument and say so.
void check_command(const CLI::App& app, int argc, char** argv) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  if (names.empty() || argc < 2 || argv[1][0] == '-') return;
  if (std::ranges::find(names, argv[1]) != names.end()) return;
  refuse(app, fmt::format("there is no command '{}'{}", printable(argv[1]),
                          did_you_mean(argv[1], names)));
}

[[noreturn]] void refuse_extras(const CLI::App& app) {
  const std::vector<std::string> extras = app.remaining(true);
  const auto is_option = [](const std::string& word) { return word.size() > 1 && word[0] == '-'; };
  const auto option = std::ranges::find_if(extras, is_option);
  if (option == extras.end())
    refuse(app, fmt::format("'{}' is one argument too many", printable(extras.at(0))));
  const std::string name = option->substr(0, option->find('='));
  refuse(app, fmt::format("unknown option '{}'{}", printable(name),
                          did_you_mean(name, option_names(chosen(app)))));
}

constexpr std::size_t option_column = 34;
constexpr std::size_t description_column = 64;

// Lines broken at blanks; CLI11 indents what follows a line end.
std::string wrapped(const std::string& text) {
  std::string out;
  std::size_t column = 0;
  for (const std::string& word : CLI::detail::split(text, ' ')) {
    const bool fits = column + word.size() < description_column;
    if (column > 0) out += fits ? ' ' : '\n';
    column = (fits ? column : 0) + word.size() + 1;
    out += word;
  }
  return out;
}

}  // namespace

Option* Option::required() {
  option_.required();
  return this;
}

Option* Option::type_name(const std::string& name) {
  option_.type_name(name);
  return this;
}

Option* Option::default_str(const std::string& text) {
  option_.default_str(text);
  return this;
}

Option* Option::excludes(Option* other) {
  option_.excludes(&other->option_);
  return this;
}

Option* Option::repeatable() {
  option_.expected(1)->take_all();
  return this;
}

App::App(const std::string& description, const std::string& name)
    : own_(std::make_unique<CLI::App>(description, name)), parser_(*own_) {}

App::App(CLI::App& command) : parser_(command) {}

App::~App() = default;

App* App::add_subcommand(const std::string& name, const std::string& description) {
  CLI::App& command = *parser_.add_subcommand(name, description);
  return commands_.emplace_back(std::make_unique<App>(command)).get();
}

void App::require_subcommand() { parser_.require_subcommand(1); }

void App::add_version() {
  parser_.set_version_flag(
      "--version", [] { return std::string(); }, "print the version and exit");
}

Option* App::keep(CLI::Option* option) {
  return options_.emplace_back(std::make_unique<Option>(*option)).get();
}

Option* App::add_option(const std::string& names, std::string& target, const std::string& help) {
  return keep(parser_.add_option(names, target, help));
}

Option* App::add_option(const std::string& names, std::optional<std::string>& target,
                        const std::string& help) {
  return keep(parser_.add_option(names, target, help));
}

Option* App::add_option(const std::string& names, std::vector<std::string>& target,
                        const std::string& help) {
  return keep(parser_.add_option(names, target, help));
}

Option* App::add_option(const std::string& names, std::function<void(const std::string&)> take,
                        const std::string& help) {
  return keep(parser_.add_option_function<std::string>(names, std::move(take), help));
}

Option* App::add_flag(const std::string& names, bool& target, const std::string& help) {
  return keep(parser_.add_flag(names, target, help));
}

bool App::parsed() const { return parser_.parsed(); }

void set_up(App& outer, const std::string& examples) {
  CLI::App& app = outer.parser();
  app.footer("Examples:\n" + examples);
  app.get_formatter()->column_width(option_column);
  app.get_formatter()->label("Excludes", "not with");
  for (CLI::Option* option : app.get_options())
    option->description(wrapped(option->get_description()));
}

bool parse(App& outer, int argc, char** argv) {
  CLI::App& app = outer.parser();
  check_command(app, argc, argv);
  try {
    app.parse(argc, argv);
    return true;
  } catch (const CLI::CallForHelp&) {
    write_out(app.help());
  } catch (const CLI::CallForVersion&) {
    write_out(fmt::format("{} {}\n", app.get_name(), COIL_VERSION));
  } catch (const CLI::ExtrasError&) {
    refuse_extras(app);
  } catch (const CLI::RequiredError& error) {
    // A mistyped option is more to the point than what is missing because of it.
    if (!app.remaining(true).empty()) refuse_extras(app);
    const bool no_command = !app.get_subcommands({}).empty() && app.get_subcommands().empty();
    refuse(app, no_command ? "a command is missing" : error.what());
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string message = error.what();
    const std::string option = message.substr(0, message.find(':'));
    const bool missing = message.find("missing") != std::string::npos;
    refuse(app, missing ? option + " needs a value" : option + " is given more than once");
  } catch (const CLI::ParseError& error) {
    refuse(app, error.what());
  }
  return false;
}

}  // namespace coil::cli

#pragma once

// The command line as the commands declare it. CLI11 reads it; only command_line.cpp includes CLI11, whose
// header would cost every command's file more than all the rest of it.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace coil::cli {

// One option; what is said of it can be chained.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(option) {}

  Option* required();
  Option* type_name(const std::string& name);
  Option* default_str(const std::string& text);  // as --help shows it
  Option* excludes(Option* other);
  Option* repeatable();  // one value each time

 private:
  CLI::Option& option_;
};

// A program, or one of its commands. The targets of its options outlive it.
class App {
 public:
  App(const std::string& description, const std::string& name);
  explicit App(CLI::App& command);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  App* add_subcommand(const std::string& name, const std::string& description);
  void require_subcommand();
  void add_version();
  Option* add_option(const std::string& names, std::string& target, const std::string& help);
  Option* add_option(const std::string& names, std::optional<std::string>& target,
                     const std::string& help);
  Option* add_option(const std::string& names, std::vector<std::string>& target,
                     const std::string& help);
  // `take` is called with the option's word.
  Option* add_option(const std::string& names, std::function<void(const std::string&)> take,
                     const std::string& help);
  Option* add_flag(const std::string& names, bool& target, const std::string& help);

  bool parsed() const;  // named on the command line
  CLI::App& parser() { return parser_; }

 private:
  Option* keep(CLI::Option* option);

  std::unique_ptr<CLI::App> own_;  // null for a command: its program owns it
  CLI::App& parser_;
  std::vector<std::unique_ptr<App>> commands_;
  std::vector<std::unique_ptr<Option>> options_;
};

// One of `coil`'s commands: its options, and what it does once they are read.
struct Command {
  App* app = nullptr;
  std::function<int()> run;
};

// Adds --help, with `examples` below it.
void set_up(App& app, const std::string& examples);

// Reads the command line. False where --help or --version was all it asked for; that is printed then.
// RunError (usage) for what is wrong, with the option or command that was probably meant.
bool parse(App& app, int argc, char** argv);

}  // namespace coil::cli

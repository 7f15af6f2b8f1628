#include "runtime/cli/choices.hpp"

#include <algorithm>
#include <fmt/ranges.h>

#include "compiler/source/run_error.hpp"
#include "compiler/source/suggest.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/cli/numbers.hpp"

namespace coil::cli {

void require_choice(const std::string& what, const std::string& word,
                    std::span<const std::string> choices) {
  if (std::ranges::find(choices, word) != choices.end()) return;
  fail(ExitCode::usage, "{}: '{}' is none of {}{}", what, printable(word), fmt::join(choices, ", "),
       did_you_mean(word, choices));
}

Option* add_choice(App& app, const std::string& names, std::string& target,
                   std::vector<std::string> choices, const std::string& help) {
  const std::string text = fmt::format("{}: {}", help, fmt::join(choices, ", "));
  const auto take = [&target, shown = shown_name(names),
                     choices = std::move(choices)](const std::string& word) {
    require_choice(shown, word, choices);
    target = word;
  };
  return app.add_option(names, take, text)->type_name("WORD");
}

}  // namespace coil::cli

#pragma once

#include <optional>

#include "runtime/cli/choices.hpp"
#include "runtime/layout/exchange.hpp"

namespace coil::cli {

// --layout: how weights lie in a file.
inline Option* add_layout(App& app, std::optional<Layout>& target) {
  const auto take = [&target](const std::string& word) {
    const std::vector<std::string> words = {"keras", "torch"};
    require_choice("--layout", word, words);
    target = word == "torch" ? Layout::torch : Layout::keras;
  };
  return app.add_option("--layout", take, "whose names and shapes the weights have: keras, torch")
      ->type_name("WORD");
}

}  // namespace coil::cli

#pragma once

#include <string>

#include "compiler/syntax/parse.hpp"

// What the person sees for `text`, a file named f.model; empty where nothing is wrong.
inline std::string mistakes(const std::string& text) {
  const coil::SourceFile file("f.model", text);
  coil::Diagnostics diagnostics(file);
  coil::parse(file, diagnostics);
  return diagnostics.render();
}

// The same for one statement, which stands in line 2 behind two spaces.
inline std::string mistakes_in(const std::string& statement) {
  return mistakes("model A {\n  " + statement + "\n}\n");
}

#pragma once

// A small YAML document as a tree in which every part knows its place. YAML's far corners are refused: anchors,
// aliases, tags, several documents.

#include <optional>
#include <string>
#include <vector>

#include "compiler/source/diagnostic.hpp"

namespace coil {

struct YamlEntry;

struct YamlNode {
  enum class Kind { nothing, word, list, map };
  Kind kind = Kind::nothing;
  SourceRange where;
  std::string text;                // of a word
  bool quoted = false;             // such a word is text, whatever it looks like
  std::vector<YamlNode> items;     // of a list
  std::vector<YamlEntry> entries;  // of a map, as written: keys may come twice
};

struct YamlEntry {
  YamlNode key;
  YamlNode value;
};

// Nothing where the text is not such a document; why not is told to `diagnostics`, those of `file`.
std::optional<YamlNode> parse_yaml(const SourceFile& file, Diagnostics& diagnostics);

}  // namespace coil

#include "runtime/recipe/schema.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/source/suggest.hpp"
#include "compiler/source/utf8.hpp"

namespace coil {
namespace {

using Kind = YamlNode::Kind;

std::string described(const YamlNode& node) {
  switch (node.kind) {
    case Kind::nothing:
      return "nothing";
    case Kind::list:
      return "a list";
    case Kind::map:
      return "a map";
    case Kind::word:
      return node.quoted ? fmt::format("the text \"{}\"", printable(node.text))
                         : fmt::format("'{}'", printable(node.text));
  }
  __builtin_unreachable();
}

// 010, +1, 1_000 and 0x10 are numbers to some readers of YAML and others to others.
template <typename Number>
bool parse(const std::string& word, Number& number) {
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, number);
  return error == std::errc{} && stop == end;
}

bool is_own_spelling(const std::string& word, double) {
  const std::size_t digits = word.starts_with('-') ? 1 : 0;
  const bool padded = word.size() > digits + 1 && word[digits] == '0' && word[digits + 1] >= '0' &&
                      word[digits + 1] <= '9';
  return !padded;
}

template <typename Whole>
bool is_own_spelling(const std::string& word, Whole number) {
  return fmt::format("{}", number) == word;
}

}  // namespace

void SchemaReader::refuse(const YamlEntry& entry, const std::string& message) const {
  // The place of nothing is wherever the parser noticed.
  const bool is_there = entry.value.kind != Kind::nothing;
  diagnostics_.error(is_there ? entry.value.where : entry.key.where, message);
}

void SchemaReader::check_key(const YamlNode& key, const MapSchema& schema) const {
  const auto& keys = schema.keys;
  if (key.kind != Kind::word) {
    diagnostics_.error(key.where, fmt::format("{} is no key", described(key)));
    return;
  }
  if (std::ranges::find(keys, key.text) != keys.end()) return;
  std::string hint = did_you_mean(key.text, keys);
  const auto home = std::ranges::find_if(
      maps_, [&](const MapSchema& map) { return std::ranges::count(map.keys, key.text) > 0; });
  if (home != maps_.end())
    hint = home == maps_.begin() ? "; it stands at the top of the file"
                                 : fmt::format("; it belongs in '{}'", home->name);
  if (hint.empty()) hint = fmt::format("; there are {}", fmt::join(keys, ", "));
  diagnostics_.error(
      key.where, fmt::format("unknown key '{}' in {}{}", printable(key.text), schema.name, hint));
}

bool SchemaReader::check_map(const YamlNode& node, const MapSchema& schema, SourceRange key) const {
  if (node.kind != Kind::map) {
    diagnostics_.error(node.kind == Kind::nothing ? key : node.where,
                       fmt::format("{} is {}, not a map of {}", schema.name, described(node),
                                   fmt::join(schema.keys, ", ")));
    return false;
  }
  for (auto entry = node.entries.begin(); entry != node.entries.end(); ++entry) {
    check_key(entry->key, schema);
    const auto same = [&](const YamlEntry& other) { return other.key.text == entry->key.text; };
    const auto first = std::find_if(node.entries.begin(), entry, same);
    if (first == entry || entry->key.kind != Kind::word) continue;
    diagnostics_
        .error(entry->key.where, fmt::format("'{}' is given twice", printable(entry->key.text)))
        .note(first->key.where, "here for the first time");
  }
  return true;
}

bool SchemaReader::require_word(const YamlEntry& entry, const std::string& wanted) const {
  if (entry.value.kind == Kind::word && !entry.value.quoted) return true;
  refuse(entry, fmt::format("'{}' is {}, not {}", printable(entry.key.text), described(entry.value),
                            wanted));
  return false;
}

template <typename Number>
void SchemaReader::read_number(const YamlEntry& entry, const char* kind, Range<Number> range,
                               Number& target) const {
  const std::string wanted = fmt::format("{} from {} to {}", kind, range.least, range.most);
  if (!require_word(entry, wanted)) return;
  const std::string& word = entry.value.text;
  Number number{};
  if (parse(word, number) && range.contains(number) && is_own_spelling(word, number)) {
    target = number;
    return;
  }
  refuse(entry,
         fmt::format("'{}' is '{}', not {}", printable(entry.key.text), printable(word), wanted));
}

void SchemaReader::read(const YamlEntry& entry, Range<std::int64_t> range,
                        std::int64_t& target) const {
  read_number(entry, "a whole number", range, target);
}

void SchemaReader::read(const YamlEntry& entry, Range<std::uint64_t> range,
                        std::uint64_t& target) const {
  read_number(entry, "a whole number", range, target);
}

void SchemaReader::read(const YamlEntry& entry, Range<double> range, double& target) const {
  read_number(entry, "a number", range, target);
}

void SchemaReader::read(const YamlEntry& entry, bool& target) const {
  if (!require_word(entry, "true or false")) return;
  const std::string& word = entry.value.text;
  if (word == "true" || word == "false") {
    target = word == "true";
    return;
  }
  refuse(entry, fmt::format("'{}' is '{}', not true or false", printable(entry.key.text),
                            printable(word)));
}

std::optional<std::size_t> SchemaReader::choice(const YamlEntry& entry,
                                                std::span<const std::string> choices) const {
  const std::string wanted = fmt::format("one of {}", fmt::join(choices, ", "));
  if (!require_word(entry, wanted)) return std::nullopt;
  const auto found = std::ranges::find(choices, entry.value.text);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  refuse(entry,
         fmt::format("'{}' is '{}', not {}{}", printable(entry.key.text),
                     printable(entry.value.text), wanted, did_you_mean(entry.value.text, choices)));
  return std::nullopt;
}

const YamlEntry* find_entry(const YamlNode& map, std::string_view key) {
  const auto found = std::ranges::find_if(
      map.entries, [&](const YamlEntry& entry) { return entry.key.text == key; });
  return found == map.entries.end() ? nullptr : &*found;
}

}  // namespace coil

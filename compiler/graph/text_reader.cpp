#include "compiler/graph/text_reader.hpp"

namespace coil {
namespace {

constexpr std::size_t most_entries = 4'000'000;

std::string written(Value value) {
  return value.result == 0 ? fmt::format("{}", value.node)
                           : fmt::format("{}.{}", value.node, value.result);
}

}  // namespace

void TextReader::check_keys(const std::set<std::string>& allowed) const {
  if (!node_.IsMap()) refuse("expected a map");
  std::set<std::string> seen;
  for (const auto& entry : node_) {
    const TextReader key(entry.first, origin_);
    const std::string name = key.text();
    if (!allowed.contains(name)) key.refuse("unknown key '{}'", name);
    if (!seen.insert(name).second) key.refuse("key '{}' twice", name);
  }
}

TextReader TextReader::at(const std::string& key) const {
  if (!has(key)) refuse("'{}' is missing", key);
  return {node_[key], origin_};
}

std::vector<TextReader> TextReader::items() const {
  if (!node_.IsSequence()) refuse("expected a list");
  if (node_.size() > most_entries) refuse("more than {} entries", most_entries);
  std::vector<TextReader> all;
  for (const auto& item : node_) all.emplace_back(item, origin_);
  return all;
}

std::string TextReader::text() const {
  if (!node_.IsScalar()) refuse("expected a word");
  return node_.Scalar();
}

std::vector<std::int64_t> TextReader::numbers() const {
  std::vector<std::int64_t> all;
  for (const TextReader& item : items()) all.push_back(item.number<std::int64_t>());
  return all;
}

Type TextReader::type() const {
  const auto parsed = parse_type(text());
  if (!parsed) refuse("'{}' is no type", text());
  return *parsed;
}

Shape TextReader::shape() const {
  const auto parsed = parse_type("real" + text());
  if (!parsed) refuse("'{}' is no shape", text());
  return parsed->shape;
}

Value TextReader::value() const {
  const std::string word = text();
  Value parsed;
  const char* end = word.data() + word.size();
  auto at = std::from_chars(word.data(), end, parsed.node);
  if (at.ec == std::errc{} && at.ptr != end && *at.ptr == '.')
    at = std::from_chars(at.ptr + 1, end, parsed.result);
  if (at.ec != std::errc{} || at.ptr != end || written(parsed) != word)
    refuse("'{}' names no value", word);
  return parsed;
}

Place TextReader::place() const {
  const std::string word = text();
  Place place;
  const char* end = word.data() + word.size();
  auto at = std::from_chars(word.data(), end, place.line);
  if (at.ec != std::errc{} || at.ptr == end || *at.ptr != ':') refuse("'{}' is no place", word);
  at = std::from_chars(at.ptr + 1, end, place.column);
  if (at.ec != std::errc{} || at.ptr != end) refuse("'{}' is no place", word);
  return place;
}

}  // namespace coil

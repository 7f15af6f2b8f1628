#pragma once

// YAML read strictly: each map has known keys, each once; each value is written in one way and lies in its range.
// What is not so is told with its place, and the target keeps what it had.

#include <span>
#include <string>
#include <vector>

#include "runtime/recipe/limits.hpp"
#include "runtime/recipe/yaml_tree.hpp"

namespace coil {

// The keys of one of the file's maps.
struct MapSchema {
  std::string name;  // "batching"
  std::vector<std::string> keys;
};

class SchemaReader {
 public:
  // `maps`: all maps of the file, so that a key in the wrong one is told where it belongs.
  SchemaReader(std::span<const MapSchema> maps, Diagnostics& diagnostics)
      : maps_(maps), diagnostics_(diagnostics) {}

  // Checks the keys of a map; false where it is none.
  bool check_map(const YamlNode& node, const MapSchema& schema, SourceRange key) const;

  // These leave `target` alone where the entry is wrong.
  void read(const YamlEntry& entry, Range<std::int64_t> range, std::int64_t& target) const;
  void read(const YamlEntry& entry, Range<std::uint64_t> range, std::uint64_t& target) const;
  void read(const YamlEntry& entry, Range<double> range, double& target) const;
  void read(const YamlEntry& entry, bool& target) const;
  // The index of the word among `choices`; nothing where it is none.
  std::optional<std::size_t> choice(const YamlEntry& entry,
                                    std::span<const std::string> choices) const;

  void refuse(const YamlEntry& entry, const std::string& message) const;

 private:
  template <typename Number>
  void read_number(const YamlEntry& entry, const char* kind, Range<Number> range,
                   Number& target) const;
  void check_key(const YamlNode& key, const MapSchema& schema) const;
  bool require_word(const YamlEntry& entry, const std::string& wanted) const;

  std::span<const MapSchema> maps_;
  Diagnostics& diagnostics_;
};

// The first entry with that key, or null.
const YamlEntry* find_entry(const YamlNode& map, std::string_view key);

}  // namespace coil

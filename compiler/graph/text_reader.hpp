#pragma once

// A YAML node with the file it is from; every access is checked, and what is wrong is a RunError with the line.

#include <charconv>
#include <fmt/format.h>
#include <set>
#include <string>
#include <vector>
#include <yaml-cpp/yaml.h>

#include "compiler/graph/graph.hpp"
#include "compiler/source/run_error.hpp"

namespace coil {

class TextReader {
 public:
  TextReader(YAML::Node node, const std::string& origin)
      : node_(std::move(node)), origin_(origin) {}

  template <typename... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> reason, Args&&... args) const {
    fail(ExitCode::bad_artifact, "{}:{}: not a graph: {}", origin_, node_.Mark().line + 1,
         fmt::format(reason, std::forward<Args>(args)...));
  }

  // Makes sure that this is a map with no key twice and none but `allowed`.
  void check_keys(const std::set<std::string>& allowed) const;

  bool has(const std::string& key) const { return static_cast<bool>(node_[key]); }
  TextReader at(const std::string& key) const;
  std::vector<TextReader> items() const;
  bool is_list() const { return node_.IsSequence(); }

  std::string text() const;
  // A whole number is written in one way: 010, -0 and the like are someone else's text.
  template <typename T>
  T number() const {
    const std::string word = text();
    T value{};
    auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    const bool is_own = std::is_floating_point_v<T> || fmt::format("{}", value) == word;
    if (error != std::errc{} || end != word.data() + word.size() || !is_own)
      refuse("'{}' is no number that fits here", word);
    return value;
  }
  std::vector<std::int64_t> numbers() const;
  Type type() const;
  Shape shape() const;
  Value value() const;  // 7, or 7.1
  Place place() const;  // 4:9

 private:
  YAML::Node node_;
  const std::string& origin_;
};

// The attributes of a node of that op, but for a scan's body. Adds the keys that it may have to `keys`.
Attributes read_attributes(const TextReader& node, Op op, std::set<std::string>& keys);

}  // namespace coil

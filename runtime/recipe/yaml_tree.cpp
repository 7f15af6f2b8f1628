#include "runtime/recipe/yaml_tree.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "compiler/source/utf8.hpp"

namespace coil {
namespace {

constexpr std::size_t most_bytes = std::size_t{64} << 10;
constexpr std::size_t deepest = 4;

// Thrown at the first thing that is not read, so that nothing hostile is gone through to its end.
struct Refusal {
  SourceRange where;
  std::string message;
};

SourceRange at(const SourceFile& file, std::size_t begin, std::size_t size) {
  const std::size_t end = file.text().size();
  begin = std::min(begin, end);
  return {static_cast<std::uint32_t>(begin),
          static_cast<std::uint32_t>(std::min(begin + std::max<std::size_t>(size, 1), end))};
}

SourceRange at(const SourceFile& file, const YAML::Mark& mark, std::size_t size = 1) {
  if (mark.is_null()) return {};
  return at(file, static_cast<std::size_t>(mark.pos), size);
}

// Puts the tree together from the parser's events. In a map, keys and values come in turns.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const SourceFile& file) : file_(file) {}

  const YamlNode& root() const { return root_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    check(mark, anchor, "?");
    add({YamlNode::Kind::nothing, at(file_, mark), {}, false, {}, {}});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refusal{at(file_, mark), "anchors and aliases are not read; write the value out"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const bool quoted = tag == "!";  // the parser's word for it
    check(mark, anchor, quoted ? "?" : tag);
    const std::size_t size = value.size() + (quoted ? 2 : 0);
    add({YamlNode::Kind::word, at(file_, mark, size), value, quoted, {}, {}});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check(mark, anchor, tag);
    open({YamlNode::Kind::list, at(file_, mark), {}, false, {}, {}});
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check(mark, anchor, tag);
    open({YamlNode::Kind::map, at(file_, mark), {}, false, {}, {}});
  }
  void OnMapEnd() override { close(); }

 private:
  void check(const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& tag) const {
    if (anchor != YAML::NullAnchor)
      throw Refusal{at(file_, mark), "anchors and aliases are not read; write the value out"};
    if (!tag.empty() && tag != "?")
      throw Refusal{at(file_, mark), fmt::format("tags as {} are not read", printable(tag))};
  }

  void open(YamlNode node) {
    if (open_.size() >= deepest) throw Refusal{node.where, "nested too deeply for a recipe"};
    open_.push_back(std::move(node));
    keys_.emplace_back();
  }

  void close() {
    YamlNode node = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    add(std::move(node));
  }

  void add(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (YamlNode& parent = open_.back(); parent.kind == YamlNode::Kind::list) {
      parent.items.push_back(std::move(node));
    } else if (auto& key = keys_.back(); !key) {
      key = std::move(node);
    } else {
      parent.entries.push_back({std::move(*key), std::move(node)});
      key.reset();
    }
  }

  const SourceFile& file_;
  YamlNode root_;
  std::vector<YamlNode> open_;
  std::vector<std::optional<YamlNode>> keys_;  // of each open map, the one that waits for its value
};

// The parser takes broken bytes for other characters, and some control characters for the end.
void check_characters(const SourceFile& file) {
  const std::string_view text = file.text();
  if (text.size() > most_bytes)
    throw Refusal{{}, fmt::format("a recipe of more than {} bytes is none", most_bytes)};
  if (const std::size_t bad = find_invalid_utf8(text); bad != text.npos)
    throw Refusal{at(file, bad, 1), "not UTF-8; a recipe is text"};
  const auto control = std::ranges::find_if(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
  });
  if (control != text.end())
    throw Refusal{at(file, static_cast<std::size_t>(control - text.begin()), 1),
                  "a control character; a recipe is text"};
}

YamlNode parse_document(const SourceFile& file) {
  check_characters(file);
  std::istringstream stream{std::string(file.text())};
  YAML::Parser parser(stream);
  TreeBuilder builder(file);
  if (!parser.HandleNextDocument(builder)) return {};
  // Asked once more and never in a loop: on a stray `,` the parser finds empty documents for ever.
  TreeBuilder second(file);
  const YamlNode root = builder.root();
  if (parser.HandleNextDocument(second)) {
    if (root.kind == YamlNode::Kind::nothing) throw Refusal{root.where, "no YAML begins like this"};
    throw Refusal{second.root().where, "a second document; a file holds one recipe"};
  }
  return root;
}

}  // namespace

std::optional<YamlNode> parse_yaml(const SourceFile& file, Diagnostics& diagnostics) {
  try {
    return parse_document(file);
  } catch (const Refusal& refusal) {
    diagnostics.error(refusal.where, refusal.message);
  } catch (const YAML::Exception& error) {
    diagnostics.error(at(file, error.mark), fmt::format("not YAML: {}", error.msg));
  }
  return std::nullopt;
}

}  // namespace coil

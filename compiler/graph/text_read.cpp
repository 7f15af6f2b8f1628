// Reads the graph's text form. Everything that can be wrong with it is a RunError with the line; the last
// word has the verifier, since the text may come from anywhere.

#include <charconv>
#include <set>
#include <yaml-cpp/yaml.h>

#include "compiler/graph/op_record.hpp"
#include "compiler/graph/text.hpp"
#include "compiler/graph/text_load.hpp"
#include "compiler/graph/verify.hpp"
#include "compiler/source/run_error.hpp"

namespace coil {
namespace {

constexpr std::size_t largest_text = std::size_t{64} << 20;
constexpr std::size_t most_nodes = 4'000'000;

// A YAML node with the file it is from; every access is checked.
class Reader {
 public:
  Reader(YAML::Node node, const std::string& origin) : node_(std::move(node)), origin_(origin) {}

  template <typename... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> reason, Args&&... args) const {
    fail(ExitCode::bad_artifact, "{}:{}: not a graph: {}", origin_, node_.Mark().line + 1,
         fmt::format(reason, std::forward<Args>(args)...));
  }

  // Makes sure that this is a map with no key twice and none but `allowed`.
  void check_keys(const std::set<std::string>& allowed) const {
    if (!node_.IsMap()) refuse("expected a map");
    std::set<std::string> seen;
    for (const auto& entry : node_) {
      const Reader key(entry.first, origin_);
      const std::string name = key.text();
      if (!allowed.contains(name)) key.refuse("unknown key '{}'", name);
      if (!seen.insert(name).second) key.refuse("key '{}' twice", name);
    }
  }

  bool has(const std::string& key) const { return static_cast<bool>(node_[key]); }
  Reader at(const std::string& key) const {
    if (!has(key)) refuse("'{}' is missing", key);
    return {node_[key], origin_};
  }
  std::vector<Reader> items() const {
    if (!node_.IsSequence()) refuse("expected a list");
    if (node_.size() > most_nodes) refuse("more than {} entries", most_nodes);
    std::vector<Reader> all;
    for (const auto& item : node_) all.emplace_back(item, origin_);
    return all;
  }
  bool is_list() const { return node_.IsSequence(); }

  std::string text() const {
    if (!node_.IsScalar()) refuse("expected a word");
    return node_.Scalar();
  }
  template <typename T>
  T number() const {
    const std::string word = text();
    T value{};
    auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size() || !is_own_spelling(value, word))
      refuse("'{}' is no number that fits here", word);
    return value;
  }
  Type type() const {
    const auto parsed = parse_type(text());
    if (!parsed) refuse("'{}' is no type", text());
    return *parsed;
  }
  Shape shape() const {
    const auto parsed = parse_type("real" + text());
    if (!parsed) refuse("'{}' is no shape", text());
    return parsed->shape;
  }
  Value value() const {
    const std::string word = text();
    Value parsed;
    const char* end = word.data() + word.size();
    auto at = std::from_chars(word.data(), end, parsed.node);
    if (at.ec == std::errc{} && at.ptr != end && *at.ptr == '.')
      at = std::from_chars(at.ptr + 1, end, parsed.result);
    if (at.ec != std::errc{} || at.ptr != end || to_string(parsed) != word)
      refuse("'{}' names no value", word);
    return parsed;
  }

 private:
  // A whole number is written in one way: 010, -0 and the like are someone else's text.
  template <typename T>
  static bool is_own_spelling(T value, const std::string& word) {
    return std::is_floating_point_v<T> || fmt::format("{}", value) == word;
  }
  static std::string to_string(Value value) {
    return value.result == 0 ? fmt::format("{}", value.node)
                             : fmt::format("{}.{}", value.node, value.result);
  }

  YAML::Node node_;
  const std::string& origin_;
};

template <typename E, std::size_t N>
E parse_enum(const Reader& field, const E (&all)[N]) {
  for (const E value : all)
    if (field.text() == to_string(value)) return value;
  field.refuse("'{}' is not known here", field.text());
}

struct FieldReader {
  const Reader& node;
  std::set<std::string>& keys;

  void operator()(const char* key, Name& name) const { name.text = get(key).text(); }
  void operator()(const char* key, std::int64_t& number) const {
    if (has(key)) number = node.at(key).number<std::int64_t>();
  }
  void operator()(const char* key, double& number) const { number = get(key).number<double>(); }
  void operator()(const char* key, Shape& shape) const { shape = get(key).shape(); }
  void operator()(const char* key, bool& flag) const {
    if (!has(key)) return;
    if (node.at(key).text() != "true") node.at(key).refuse("expected true");
    flag = true;
  }
  void operator()(const char* key, Activation& activation) const {
    if (has(key))
      activation = parse_enum(node.at(key), {Activation::relu, Activation::tanh,
                                             Activation::sigmoid, Activation::hard_sigmoid});
  }
  void operator()(const char* key, Initializer& initializer) const {
    const Reader field = get(key);
    const std::string word = field.text();
    if (word.starts_with("uniform ")) {
      initializer.kind = InitializerKind::uniform;
      const char* begin = word.data() + 8;
      const char* end = word.data() + word.size();
      const auto at = std::from_chars(begin, end, initializer.limit);
      if (at.ec != std::errc{} || at.ptr != end ||
          !(initializer.limit > 0 && initializer.limit < 1e6))
        field.refuse("'{}' is no initializer", word);
      return;
    }
    initializer.kind =
        parse_enum(field, {InitializerKind::zeros, InitializerKind::ones,
                           InitializerKind::glorot_uniform, InitializerKind::orthogonal});
  }

  bool has(const char* key) const {
    keys.insert(key);
    return node.has(key);
  }
  Reader get(const char* key) const {
    keys.insert(key);
    return node.at(key);
  }
};

// The alternative of Attributes an op carries, at its defaults.
template <std::size_t I = 0>
Attributes default_attributes(std::size_t kind) {
  if constexpr (I + 1 < std::variant_size_v<Attributes>)
    if (kind != I) return default_attributes<I + 1>(kind);
  return Attributes(std::in_place_index<I>);
}

Place read_place(const Reader& field) {
  const std::string word = field.text();
  Place place;
  const char* end = word.data() + word.size();
  auto at = std::from_chars(word.data(), end, place.line);
  if (at.ec != std::errc{} || at.ptr == end || *at.ptr != ':')
    field.refuse("'{}' is no place", word);
  at = std::from_chars(at.ptr + 1, end, place.column);
  if (at.ec != std::errc{} || at.ptr != end) field.refuse("'{}' is no place", word);
  return place;
}

std::vector<Type> read_types(const Reader& field) {
  if (!field.is_list()) return {field.type()};
  std::vector<Type> types;
  for (const Reader& item : field.items()) types.push_back(item.type());
  return types;
}

Node read_node(const Reader& text, NodeId expected) {
  if (text.at("id").number<NodeId>() != expected) text.at("id").refuse("expected id {}", expected);
  const auto op = find_op(text.at("op").text());
  if (!op) text.at("op").refuse("unknown op '{}'", text.at("op").text());
  Node node{*op, default_attributes(record(*op).attributes.value), {}, {}, {}};
  std::set<std::string> keys{"id", "op", "of", "type", "at"};
  std::visit([&](auto& a) { a.fields(a, FieldReader{text, keys}); }, node.attributes);
  text.check_keys(keys);
  if (text.has("of"))
    for (const Reader& operand : text.at("of").items()) node.operands.push_back(operand.value());
  node.types = read_types(text.at("type"));
  if (text.has("at")) node.place = read_place(text.at("at"));
  return node;
}

Output read_output(const Reader& text) {
  text.check_keys({"name", "of", "kind"});
  Output output{text.at("name").text(), text.at("of").value(), OutputKind::result};
  if (!text.has("kind")) return output;
  const std::string kind = text.at("kind").text();
  if (kind != "gradient" && kind != "update") text.at("kind").refuse("unknown kind '{}'", kind);
  output.kind = kind == "gradient" ? OutputKind::gradient : OutputKind::update;
  return output;
}

LayerInfo read_layer(const Reader& text) {
  text.check_keys({"name", "kind", "output"});
  return {text.at("name").text(), text.at("kind").text(), text.at("output").shape()};
}

Graph read_graph(const Reader& root) {
  root.check_keys({"coil", "graph", "layers", "nodes", "outputs"});
  if (root.at("coil").text() != "1") root.at("coil").refuse("this version reads format 1");
  Graph graph;
  graph.name = root.at("graph").text();
  if (root.has("layers"))
    for (const Reader& layer : root.at("layers").items()) graph.layers.push_back(read_layer(layer));
  for (const Reader& node : root.at("nodes").items())
    graph.append(read_node(node, static_cast<NodeId>(graph.size())));
  for (const Reader& output : root.at("outputs").items())
    graph.outputs.push_back(read_output(output));
  if (auto why = why_malformed(graph)) root.refuse("{}", *why);
  return graph;
}

}  // namespace

Graph graph_from_text(const std::string& text, const std::string& origin) {
  if (text.size() > largest_text)
    fail(ExitCode::bad_artifact, "{}: a graph of {} bytes is larger than {}", origin, text.size(),
         largest_text);
  try {
    return read_graph(Reader(load_yaml(text, origin), origin));
  } catch (const YAML::Exception& error) {
    fail(ExitCode::bad_artifact, "{}:{}: not a graph: {}", origin, error.mark.line + 1, error.msg);
  }
}

}  // namespace coil

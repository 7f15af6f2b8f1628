#include <cctype>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/graph/op_record.hpp"
#include "compiler/graph/text.hpp"

namespace coil {
namespace {

// A double-quoted YAML string: names are ASCII, but nothing here relies on it.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\x{:02x}", c);
    else
      out += c;
  }
  return out + '"';
}

// Words that YAML would read as something other than text are quoted.
bool is_plain(std::string_view text) {
  if (text.empty() || !(std::isalpha(static_cast<unsigned char>(text[0])) || text[0] == '_'))
    return false;
  for (const char c : text)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '.') return false;
  return text != "true" && text != "false" && text != "null" && text != "Null" && text != "NULL";
}

std::string scalar(std::string_view text) {
  return is_plain(text) ? std::string(text) : quoted(text);
}

// One method a kind of field, each leaving out the default.
struct FieldWriter {
  std::string& line;

  void operator()(const char* key, const Name& name) const { put(key, scalar(name.text)); }
  void operator()(const char* key, const Initializer& initializer) const {
    if (initializer.kind == InitializerKind::uniform)
      put(key, fmt::format("uniform {}", initializer.limit));
    else
      put(key, to_string(initializer.kind));
  }
  void operator()(const char* key, const Piece& piece) const {
    if (piece.of.empty()) return;
    put(key, fmt::format("{{of: {}, whole: {}, begin: [{}], size: [{}]}}", scalar(piece.of),
                         quoted(to_string(piece.whole)), fmt::join(piece.begin, ", "),
                         fmt::join(piece.size, ", ")));
  }
  void operator()(const char* key, const Joint& joint) const {
    if (joint.parts.empty()) return;
    std::vector<std::string> parts;
    for (const Joint::Part& part : joint.parts)
      parts.push_back(fmt::format("{{name: {}, size: {}}}", scalar(part.name), part.size));
    put(key, fmt::format("{{axis: {}, parts: [{}]}}", joint.axis, fmt::join(parts, ", ")));
  }
  void operator()(const char*, const Body&) const {}  // stands in a block of its own
  void operator()(const char* key, std::int64_t number) const {
    if (number != 0) put(key, fmt::format("{}", number));
  }
  void operator()(const char* key, double number) const { put(key, fmt::format("{}", number)); }
  void operator()(const char* key, bool flag) const {
    if (flag) put(key, "true");
  }
  void operator()(const char* key, Activation activation) const {
    if (activation != Activation::none) put(key, to_string(activation));
  }
  void operator()(const char* key, RecurrentCell cell) const { put(key, to_string(cell)); }
  void operator()(const char* key, const Shape& shape) const { put(key, quoted(to_string(shape))); }

  void put(const char* key, std::string_view value) const {
    line += fmt::format(", {}: {}", key, value);
  }
};

std::string reference(Value value) {
  return value.result == 0 ? fmt::format("{}", value.node)
                           : fmt::format("{}.{}", value.node, value.result);
}

std::string type_text(const std::vector<Type>& types) {
  if (types.size() == 1) return quoted(to_string(types[0]));
  std::vector<std::string> texts;
  for (const Type& type : types) texts.push_back(quoted(to_string(type)));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

std::string node_line(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  std::string line = fmt::format("{{id: {}, op: {}", id, to_string(node.op));
  if (!node.operands.empty()) {
    std::vector<std::string> operands;
    for (Value operand : node.operands) operands.push_back(reference(operand));
    line += fmt::format(", of: [{}]", fmt::join(operands, ", "));
  }
  line += fmt::format(", type: {}", type_text(node.types));
  std::visit([&](const auto& a) { a.fields(a, FieldWriter{line}); }, node.attributes);
  if (node.place.line != 0)
    line += fmt::format(", at: \"{}:{}\"", node.place.line, node.place.column);
  return line + "}";
}

std::string output_line(const Output& output) {
  std::string line =
      fmt::format("{{name: {}, of: {}", scalar(output.name), reference(output.value));
  if (output.kind == OutputKind::gradient) line += ", kind: gradient";
  if (output.kind == OutputKind::update) line += ", kind: update";
  return line + "}";
}

// Every line of it starts with `indent` spaces.
void write_nodes_and_outputs(std::string& text, const Graph& graph, std::size_t indent) {
  const std::string margin(indent, ' ');
  text += margin + "nodes:\n";
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Body* body = body_of(graph.node(id).attributes);
    text += fmt::format("{}  - {}{}\n", margin, body ? "node: " : "", node_line(graph, id));
    if (!body) continue;
    text += margin + "    body:\n";
    write_nodes_and_outputs(text, *body->graph, indent + 6);
  }
  text += margin + "outputs:\n";
  for (const Output& output : graph.outputs)
    text += fmt::format("{}  - {}\n", margin, output_line(output));
}

}  // namespace

std::string to_text(const Graph& graph) {
  std::string text = fmt::format("coil: 1\ngraph: {}\n", scalar(graph.name));
  if (!graph.layers.empty()) text += "layers:\n";
  for (const LayerInfo& layer : graph.layers)
    text += fmt::format("  - {{name: {}, kind: {}, output: {}}}\n", scalar(layer.name),
                        scalar(layer.kind), quoted(to_string(layer.output)));
  if (!graph.parts.empty()) text += "parts:\n";
  for (const InputPart& part : graph.parts)
    text += fmt::format("  - {{name: {}, of: {}, step: {}}}\n", scalar(part.name), scalar(part.of),
                        part.step);
  write_nodes_and_outputs(text, graph, 0);
  return text;
}

}  // namespace coil

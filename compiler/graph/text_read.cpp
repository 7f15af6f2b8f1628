// Reads the graph's text form. Everything that can be wrong with it is a RunError with the line; the last
// word has the verifier, since the text may come from anywhere.

#include "compiler/graph/op_record.hpp"
#include "compiler/graph/text.hpp"
#include "compiler/graph/text_load.hpp"
#include "compiler/graph/text_reader.hpp"
#include "compiler/graph/verify.hpp"

namespace coil {
namespace {

constexpr std::size_t largest_text = std::size_t{64} << 20;
constexpr std::size_t most_nodes = 4'000'000;

// What is left for the nodes of a graph and all its bodies, and how deep this one lies.
struct Budget {
  std::size_t nodes = most_nodes;
  std::size_t depth = 0;
};

void read_nodes_and_outputs(const TextReader& root, Graph& graph, Budget& budget);

std::vector<Type> read_types(const TextReader& field) {
  if (!field.is_list()) return {field.type()};
  std::vector<Type> types;
  for (const TextReader& item : field.items()) types.push_back(item.type());
  return types;
}

Node read_line(const TextReader& text, NodeId expected) {
  if (text.at("id").number<NodeId>() != expected) text.at("id").refuse("expected id {}", expected);
  const auto op = find_op(text.at("op").text());
  if (!op) text.at("op").refuse("unknown op '{}'", text.at("op").text());
  std::set<std::string> keys{"id", "op", "of", "type", "at"};
  Node node{*op, read_attributes(text, *op, keys), {}, {}, {}};
  text.check_keys(keys);
  if (text.has("of"))
    for (const TextReader& operand : text.at("of").items())
      node.operands.push_back(operand.value());
  node.types = read_types(text.at("type"));
  if (text.has("at")) node.place = text.at("at").place();
  return node;
}

// A body is verified before it becomes one, since that hashes it.
Body read_body(const TextReader& text, Budget& budget) {
  if (++budget.depth > deepest_body) text.refuse("bodies nested deeper than {}", deepest_body);
  text.check_keys({"nodes", "outputs"});
  Graph graph;
  read_nodes_and_outputs(text, graph, budget);
  if (auto why = why_malformed_body(graph)) text.refuse("{}", *why);
  --budget.depth;
  return make_body(std::move(graph));
}

// A node of one line, or a line and a body.
Node read_node(const TextReader& text, NodeId expected, Budget& budget) {
  if (budget.nodes-- == 0) text.refuse("more than {} nodes", most_nodes);
  if (!text.has("node")) {
    Node node = read_line(text, expected);
    if (body_of(node.attributes)) text.refuse("'body' is missing");
    return node;
  }
  text.check_keys({"node", "body"});
  Node node = read_line(text.at("node"), expected);
  if (!body_of(node.attributes)) text.refuse("{} has no body", to_string(node.op));
  Body body = read_body(text.at("body"), budget);
  if (auto* scan = std::get_if<ScanAttributes>(&node.attributes))
    scan->body = std::move(body);
  else
    std::get<FusedElementwiseAttributes>(node.attributes).body = std::move(body);
  return node;
}

Output read_output(const TextReader& text) {
  text.check_keys({"name", "of", "kind"});
  Output output{text.at("name").text(), text.at("of").value(), OutputKind::result};
  if (!text.has("kind")) return output;
  const std::string kind = text.at("kind").text();
  if (kind != "gradient" && kind != "update") text.at("kind").refuse("unknown kind '{}'", kind);
  output.kind = kind == "gradient" ? OutputKind::gradient : OutputKind::update;
  return output;
}

void read_nodes_and_outputs(const TextReader& root, Graph& graph, Budget& budget) {
  for (const TextReader& node : root.at("nodes").items())
    graph.append(read_node(node, static_cast<NodeId>(graph.size()), budget));
  for (const TextReader& output : root.at("outputs").items())
    graph.outputs.push_back(read_output(output));
}

LayerInfo read_layer(const TextReader& text) {
  text.check_keys({"name", "kind", "output"});
  return {text.at("name").text(), text.at("kind").text(), text.at("output").shape()};
}

InputPart read_part(const TextReader& text) {
  text.check_keys({"name", "of", "step"});
  return {text.at("name").text(), text.at("of").text(), text.at("step").number<std::int64_t>()};
}

Graph read_graph(const TextReader& root) {
  root.check_keys({"coil", "graph", "layers", "parts", "nodes", "outputs"});
  if (root.at("coil").text() != "1") root.at("coil").refuse("this version reads format 1");
  Graph graph;
  graph.name = root.at("graph").text();
  if (root.has("layers"))
    for (const TextReader& layer : root.at("layers").items())
      graph.layers.push_back(read_layer(layer));
  if (root.has("parts"))
    for (const TextReader& part : root.at("parts").items()) graph.parts.push_back(read_part(part));
  Budget budget;
  read_nodes_and_outputs(root, graph, budget);
  if (auto why = why_malformed(graph)) root.refuse("{}", *why);
  return graph;
}

}  // namespace

Graph graph_from_text(const std::string& text, const std::string& origin) {
  if (text.size() > largest_text)
    fail(ExitCode::bad_artifact, "{}: a graph of {} bytes is larger than {}", origin, text.size(),
         largest_text);
  try {
    return read_graph(TextReader(load_yaml(text, origin), origin));
  } catch (const YAML::Exception& error) {
    fail(ExitCode::bad_artifact, "{}:{}: not a graph: {}", origin, error.mark.line + 1, error.msg);
  }
}

}  // namespace coil

#include "runtime/cli/dot.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/graph/op_record.hpp"

namespace coil::cli {
namespace {

// A double-quoted DOT string; there a backslash begins an escape, such as \n for a new line.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

std::string types_of(const Node& node) {
  std::vector<std::string> texts;
  for (const Type& type : node.types) texts.push_back(to_string(type));
  return fmt::format("{}", fmt::join(texts, "\\n"));
}

// What an op is called, with what a fused product does besides.
std::string title(const Node& node) {
  if (const auto* constant = std::get_if<ConstantAttributes>(&node.attributes))
    return fmt::format("{}", constant->value);
  if (const auto* fused = std::get_if<FusedMatmulAttributes>(&node.attributes)) {
    std::string text = "matmul";
    if (fused->bias) text += " + bias";
    if (fused->addend) text += " + addend";
    if (fused->activation != Activation::none)
      text += fmt::format(", {}", to_string(fused->activation));
    return text;
  }
  if (const auto* cell = std::get_if<RecurrentAttributes>(&node.attributes))
    return fmt::format("{}, {}", to_string(node.op), to_string(cell->cell));
  return std::string(to_string(node.op));
}

const char* colour(Op op) {
  switch (op) {
    case Op::input:
      return "#cfe8ff";
    case Op::weight:
      return "#ffe8c0";
    case Op::state:
      return "#e4d8ff";
    default:
      return "#f0f0f0";
  }
}

std::string node_line(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const std::string_view name = leaf_name(node);
  if (!name.empty())
    return fmt::format("  n{} [shape=box, fillcolor=\"{}\", label=\"{}\\n{}\"]\n", id,
                       colour(node.op), escaped(name), types_of(node));
  const char* shape = record(node.op).trait.value == Trait::leaf
                          ? "shape=box"
                          : "shape=box, style=\"rounded,filled\"";
  return fmt::format("  n{} [{}, fillcolor=\"{}\", label=\"{}\\n{}\"]\n", id, shape,
                     colour(node.op), escaped(title(node)), types_of(node));
}

// An edge from a node's second result on says which one.
std::string edge_line(const Graph& graph, Value from, const std::string& to) {
  const bool several = graph.node(from.node).types.size() > 1;
  const std::string label = several ? fmt::format(" [label=\"{}\"]", from.result) : "";
  return fmt::format("  n{} -> {}{}\n", from.node, to, label);
}

}  // namespace

std::string to_dot(const Graph& graph) {
  std::string text = fmt::format(
      "digraph \"{}\" {{\n"
      "  node [fontname=\"sans-serif\", fontsize=11, style=filled]\n"
      "  edge [fontname=\"sans-serif\", fontsize=9]\n",
      escaped(graph.name));
  for (NodeId id = 0; id < graph.size(); ++id) text += node_line(graph, id);
  for (NodeId id = 0; id < graph.size(); ++id)
    for (const Value operand : graph.node(id).operands)
      text += edge_line(graph, operand, fmt::format("n{}", id));
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    const Output& output = graph.outputs[i];
    const char* prefix = output.kind == OutputKind::gradient ? "gradient of "
                         : output.kind == OutputKind::update ? "new "
                                                             : "";
    text += fmt::format("  out{} [shape=plaintext, style=\"\", label=\"{}{}\"]\n", i, prefix,
                        escaped(output.name));
    text += edge_line(graph, output.value, fmt::format("out{}", i));
  }
  return text + "}\n";
}

}  // namespace coil::cli

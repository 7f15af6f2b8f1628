#include "compiler/passes/sort_operands.hpp"

#include <algorithm>
#include <numeric>

#include "compiler/graph/colours.hpp"
#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/in_bodies.hpp"

namespace coil {
namespace {

int rank(const Graph& graph, const Node& user, Value operand) {
  const Node& node = graph.node(operand.node);
  if (node.op == Op::matmul) return 0;
  if (node.op == Op::constant) return 3;
  return graph.type(operand) == user.types[0] ? 1 : 2;
}

std::vector<Value> sorted_operands(const Graph& graph, const Node& node, const Colours& colours) {
  std::vector<Value> operands = node.operands;
  std::ranges::stable_sort(operands, {}, [&](Value operand) {
    return std::pair(rank(graph, node, operand), colours.of(graph, operand));
  });
  return operands;
}

// The numbers from `begin` to `end`, in the order of their keys.
template <typename Key>
std::vector<std::size_t> order(std::size_t begin, std::size_t end, const Key& key) {
  std::vector<std::size_t> numbers(end - begin);
  std::iota(numbers.begin(), numbers.end(), begin);
  std::ranges::stable_sort(numbers, {}, key);
  return numbers;
}

void append(std::vector<std::size_t>& to, const std::vector<std::size_t>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// No two scans share a body, whose values have other colours in each.
Graph with_own_bodies(const Graph& graph) {
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < graph.size(); ++id)
    rewriter.keep(id, with_body(graph.node(id), with_own_bodies));
  return rewriter.finish();
}

class Sorter {
 public:
  Sorter(const Graph& graph, const Colours& colours)
      : from_(graph), colours_(colours), rewriter_(graph) {}

  Graph run() {
    for (NodeId id = 0; id < from_.size(); ++id) place(id);
    return rewriter_.finish();
  }

  // The same for a body whose inputs get other positions and whose outputs another order. Inputs are called
  // after their roles: x0, x1, .. elements, h0, .. carried values, w0, .. captures.
  Graph run(const ScanAttributes& scan, const std::vector<std::int64_t>& positions,
            const std::vector<std::size_t>& outputs) {
    for (NodeId id = 0; id < from_.size(); ++id) {
      const auto* input = std::get_if<InputAttributes>(&from_.node(id).attributes);
      if (!input) {
        place(id);
        continue;
      }
      InputAttributes moved = *input;
      moved.position = positions[static_cast<std::size_t>(input->position)];
      moved.name.text = name_at(scan, moved.position);
      rewriter_.keep(id, moved);
    }
    Graph body = rewriter_.finish();
    const std::vector<Output> old = body.outputs;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      body.outputs[i].value = old[outputs[i]].value;
      body.outputs[i].name = old[i].name;
    }
    return body;
  }

 private:
  static std::string name_at(const ScanAttributes& scan, std::int64_t position) {
    if (position < scan.sequences) return "x" + std::to_string(position);
    position -= scan.sequences;
    if (position < scan.carries) return "h" + std::to_string(position);
    return "w" + std::to_string(position - scan.carries);
  }

  void place(NodeId id) {
    const Node& node = from_.node(id);
    rewriter_.build().at(node.place);
    if (is_commutative(node.op)) {
      const auto operands = sorted_operands(from_, node, colours_);
      rewriter_.replace({id, 0}, rewriter_.build().add(node.op, rewriter_.mapped(operands)));
    } else if (node.op == Op::scan) {
      place_scan(id);
    } else {
      rewriter_.keep(id);
    }
  }

  std::pair<std::uint64_t, std::uint64_t> colour_of_input(const Graph& body,
                                                          std::size_t position) const {
    for (const NodeId id : leaves(body, Op::input))
      if (std::get<InputAttributes>(body.node(id).attributes).position ==
          static_cast<std::int64_t>(position))
        return colours_.of(body, {id, 0});
    return {};  // one that the body does not use
  }

  void place_scan(NodeId id) {
    const Node& node = from_.node(id);
    ScanAttributes scan = std::get<ScanAttributes>(node.attributes);
    const Graph& body = *scan.body.graph;
    const auto sequences = static_cast<std::size_t>(scan.sequences);
    const auto carries = static_cast<std::size_t>(scan.carries);
    const auto by_input = [&](std::size_t i) { return colour_of_input(body, i); };
    const auto by_output = [&](std::size_t i) { return colours_.of(body, body.outputs[i].value); };

    const auto carried = order(0, carries, [&](std::size_t c) { return by_input(sequences + c); });
    std::vector<std::size_t> given = order(0, sequences, by_input), left = carried;
    for (const std::size_t c : carried) given.push_back(sequences + c);
    append(given, order(sequences + carries, node.operands.size(), by_input));
    append(left, order(carries, body.outputs.size(), by_output));

    std::vector<Value> operands;
    std::vector<std::int64_t> positions(given.size());
    for (std::size_t i = 0; i < given.size(); ++i) {
      operands.push_back(rewriter_.mapped(node.operands[given[i]]));
      positions[given[i]] = static_cast<std::int64_t>(i);
    }
    scan.body = make_body(Sorter(body, colours_).run(scan, positions, left));
    const NodeId placed = rewriter_.build().node(Op::scan, std::move(scan), operands);
    for (std::uint32_t i = 0; i < left.size(); ++i)
      rewriter_.replace({id, static_cast<std::uint32_t>(left[i])}, {placed, i});
  }

  const Graph& from_;
  const Colours& colours_;
  Rewriter rewriter_;
};

}  // namespace

Graph sort_operands(const Graph& graph) {
  const Graph own = with_own_bodies(graph);
  const Colours colours(own);
  return Sorter(own, colours).run();
}

}  // namespace coil

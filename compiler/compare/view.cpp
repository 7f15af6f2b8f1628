#include "compiler/compare/view.hpp"

#include <algorithm>
#include <array>

#include "compiler/graph/digest.hpp"

namespace coil::comparing {
namespace {

// Takes the attributes that say what is computed, and not of which size.
struct StructureDigester {
  Digest& digest;

  void operator()(const char*, const Name&) const {}
  void operator()(const char*, const Initializer&) const {}
  void operator()(const char*, const Piece&) const {}
  void operator()(const char*, const Joint&) const {}
  void operator()(const char*, const Body&) const {}
  void operator()(const char*, const Shape&) const {}
  void operator()(const char* key, std::int64_t number) const {
    constexpr std::array<std::string_view, 3> sizes = {"bound", "size", "steps"};
    if (std::ranges::find(sizes, key) == sizes.end()) digest.add(number);
  }
  void operator()(const char*, double number) const { digest.add(number); }
  void operator()(const char*, bool flag) const { digest.add(std::uint64_t{flag}); }
  void operator()(const char*, Activation f) const { digest.add(static_cast<std::uint64_t>(f)); }
  void operator()(const char*, RecurrentCell c) const { digest.add(static_cast<std::uint64_t>(c)); }
};

// Longer sums are not taken apart again: terms of terms would be without end.
constexpr std::size_t most_spliced = 8;

// Adds that are one term of one other add, whatever the order; muls likewise.
std::vector<bool> absorbed_terms(const Graph& graph) {
  const auto uses = count_uses(graph);
  std::vector<bool> absorbed(graph.size(), false);
  for (const Node& node : graph.nodes()) {
    if (node.op != Op::add && node.op != Op::mul) continue;
    for (const Value operand : node.operands)
      if (graph.node(operand.node).op == node.op && uses[operand.node] == 1)
        absorbed[operand.node] = true;
  }
  return absorbed;
}

}  // namespace

std::size_t Item::carries() const {
  return static_cast<std::size_t>(std::get<ScanAttributes>(node->attributes).carries);
}

class Expansion {
 public:
  using Results = std::vector<std::vector<ItemId>>;

  explicit Expansion(std::vector<Item>& items) : items_(items) {}

  // `given` are the values of a body's inputs, by position; null for a graph that is no body.
  Results expand(const Graph& graph, const std::vector<ItemId>* given);

 private:
  ItemId add(Item item) {
    item.print = print_of(item);
    items_.push_back(std::move(item));
    return static_cast<ItemId>(items_.size() - 1);
  }
  std::uint64_t print_of(const Item& item) const;
  void digest_operands(Digest& digest, const Item& item) const;

  std::vector<ItemId> mapped(const std::vector<Value>& values, const Results& results) const;
  std::vector<ItemId> terms(const Graph& graph, const Node& node, const Results& results,
                            const std::vector<bool>& absorbed) const;
  std::vector<ItemId> expand_node(const Node& node, std::vector<ItemId> operands);
  ItemId distribute(const Node& matmul, const std::vector<ItemId>& operands);
  bool distributes(const Node& node, const std::vector<ItemId>& operands) const;
  std::vector<ItemId> expand_scan(const Node& node, const std::vector<ItemId>& operands);
  std::vector<ItemId> body_inputs(const Graph& body, const ScanAttributes& scan,
                                  const std::vector<ItemId>& operands, std::uint32_t scope);

  std::vector<Item>& items_;
  std::uint32_t scopes_ = 0;
};

void Expansion::digest_operands(Digest& digest, const Item& item) const {
  std::vector<std::uint64_t> prints;
  for (const ItemId operand : item.operands) prints.push_back(items_[operand].print);
  if (item.kind != Kind::op) std::ranges::sort(prints);
  for (const std::uint64_t print : prints) digest.add(print);
}

std::uint64_t Expansion::print_of(const Item& item) const {
  Digest digest;
  digest.add(static_cast<std::uint64_t>(item.kind));
  digest_operands(digest, item);
  if (item.kind == Kind::op) {
    digest.add(static_cast<std::uint64_t>(item.op()));
    digest.add(std::uint64_t{item.index});
    std::visit([&](const auto& a) { a.fields(a, StructureDigester{digest}); },
               item.node->attributes);
    if (item.operands.empty()) digest.add(std::uint64_t{item.type.shape.rank()});
  }
  if (item.kind == Kind::last) {
    const Item& scan = items_[item.operands[0]];
    digest.add(items_[scan.operands[scan.carries() + item.index]].print);
  }
  return digest.finish()[0];
}

std::vector<ItemId> Expansion::mapped(const std::vector<Value>& values,
                                      const Results& results) const {
  std::vector<ItemId> items;
  for (const Value value : values) items.push_back(results[value.node][value.result]);
  return items;
}

std::vector<ItemId> Expansion::terms(const Graph& graph, const Node& node, const Results& results,
                                     const std::vector<bool>& absorbed) const {
  std::vector<ItemId> found;
  std::vector<Value> open(node.operands.rbegin(), node.operands.rend());
  while (!open.empty()) {
    const Value value = open.back();
    open.pop_back();
    const Node& term = graph.node(value.node);
    if (term.op == node.op && absorbed[value.node]) {
      open.insert(open.end(), term.operands.rbegin(), term.operands.rend());
      continue;
    }
    const ItemId id = results[value.node][value.result];
    const Item& item = items_[id];
    // A product of a sum, or what a step is given: a sum of other nodes, and of this one's kind.
    const bool from_elsewhere = term.op == Op::matmul || term.op == Op::input;
    const Kind kind = node.op == Op::add ? Kind::sum : Kind::product;
    if (from_elsewhere && item.kind == kind && item.operands.size() <= most_spliced)
      found.insert(found.end(), item.operands.begin(), item.operands.end());
    else
      found.push_back(id);
  }
  return found;
}

std::vector<ItemId> Expansion::expand_node(const Node& node, std::vector<ItemId> operands) {
  std::vector<ItemId> results;
  for (std::uint32_t r = 0; r < node.types.size(); ++r)
    results.push_back(add({Kind::op, &node, node.types[r], operands, r}));
  return results;
}

bool Expansion::distributes(const Node& node, const std::vector<ItemId>& operands) const {
  const auto* m = std::get_if<MatmulAttributes>(&node.attributes);
  return m && !m->transpose_a && items_[operands[0]].kind == Kind::sum &&
         items_[operands[0]].operands.size() <= most_spliced;
}

ItemId Expansion::distribute(const Node& matmul, const std::vector<ItemId>& operands) {
  std::vector<ItemId> products;
  for (const ItemId term : std::vector<ItemId>(items_[operands[0]].operands))
    products.push_back(add({Kind::op, &matmul, matmul.types[0], {term, operands[1]}}));
  return add({Kind::sum, &matmul, matmul.types[0], products});
}

std::vector<ItemId> Expansion::body_inputs(const Graph& body, const ScanAttributes& scan,
                                           const std::vector<ItemId>& operands,
                                           std::uint32_t scope) {
  std::vector<ItemId> given = operands;  // sequences and captures are seen as they are
  const auto sequences = static_cast<std::size_t>(scan.sequences);
  const auto leading = sequences + static_cast<std::size_t>(scan.carries);
  for (const Node& node : body.nodes()) {
    const auto* input = std::get_if<InputAttributes>(&node.attributes);
    if (!input) continue;
    const auto position = static_cast<std::size_t>(input->position);
    if (position < sequences || position >= leading) continue;
    given[position] = add({Kind::carry,
                           &node,
                           node.types[0],
                           {operands[position]},
                           static_cast<std::uint32_t>(position - sequences),
                           scope});
  }
  return given;
}

std::vector<ItemId> Expansion::expand_scan(const Node& node, const std::vector<ItemId>& operands) {
  const auto& attributes = std::get<ScanAttributes>(node.attributes);
  const Graph& body = *attributes.body.graph;
  const std::uint32_t scope = ++scopes_;
  const auto given = body_inputs(body, attributes, operands, scope);
  const Results inside = expand(body, &given);
  Item scan{Kind::scan, &node, {}, {}, 0, scope};
  const auto carries = static_cast<std::size_t>(attributes.carries);
  for (std::size_t c = 0; c < carries; ++c)
    scan.operands.push_back(operands[static_cast<std::size_t>(attributes.sequences) + c]);
  for (const Output& output : body.outputs)
    scan.operands.push_back(inside[output.value.node][output.value.result]);
  const ItemId id = add(scan);
  std::vector<ItemId> results;
  for (std::uint32_t r = 0; r < node.types.size(); ++r) {
    if (r < carries)
      results.push_back(add({Kind::last, &node, node.types[r], {id}, r, scope}));
    else
      results.push_back(
          add({Kind::yielded, &node, node.types[r], {id, scan.operands[carries + r]}, r, scope}));
  }
  return results;
}

Expansion::Results Expansion::expand(const Graph& graph, const std::vector<ItemId>* given) {
  const auto absorbed = absorbed_terms(graph);
  Results results(graph.size());
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (absorbed[id]) continue;
    if (node.op == Op::input && given) {
      const auto position = std::get<InputAttributes>(node.attributes).position;
      results[id] = {(*given)[static_cast<std::size_t>(position)]};
    } else if (node.op == Op::add || node.op == Op::mul) {
      const Kind kind = node.op == Op::add ? Kind::sum : Kind::product;
      results[id] = {add({kind, &node, node.types[0], terms(graph, node, results, absorbed)})};
    } else if (node.op == Op::scan) {
      results[id] = expand_scan(node, mapped(node.operands, results));
    } else if (const auto operands = mapped(node.operands, results); distributes(node, operands)) {
      results[id] = {distribute(node, operands)};
    } else {
      results[id] = expand_node(node, operands);
    }
  }
  return results;
}

View::View(const Graph& graph) : graph_(graph) {
  results_ = Expansion(items_).expand(graph, nullptr);
}

}  // namespace coil::comparing

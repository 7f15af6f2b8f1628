#include "compiler/passes/fold_gathers.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "compiler/graph/op_traits.hpp"
#include "compiler/graph/rewriter.hpp"
#include "compiler/graph/staying.hpp"

namespace coil {
namespace {

// gather(table, index), as values of the new graph.
struct LookUp {
  Value table, index;
  bool is_fixed = false;  // the table, made of weights alone
};

// Elements of a table that is made once: a few megabytes, which a cache holds.
constexpr std::int64_t largest_table = std::int64_t{1} << 20;

class Folding {
 public:
  Folding(const Graph& graph, const Load& load)
      : graph_(graph),
        load_(load),
        rewriter_(graph),
        is_fixed_(find_staying(graph)),
        uses_(count_uses(graph)) {
    find_steps();
  }

  Graph run() {
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (!fold(id) && !fold_sum(id) && !fold_scatter(id)) rewriter_.keep(id);
      if (graph_.node(id).op == Op::gather) note_gather(id);
    }
    return rewriter_.finish();
  }

 private:
  // Whether the node's table would be made once: of tables and of rows that stay.
  bool is_made_once(const Node& node) const {
    if (!load_.weights_stay) return false;
    return std::ranges::all_of(node.operands, [&](Value operand) {
      const auto known = look_ups_.find(operand.node);
      return known == look_ups_.end() ? is_fixed_[operand.node] : known->second.is_fixed;
    });
  }

  // Parts that nothing but scans use are read where they lie: one wide row is looked up for all of them.
  void find_steps() {
    is_for_steps_.assign(graph_.size(), true);
    for (const Node& node : graph_.nodes())
      for (const Value operand : node.operands)
        if (node.op != Op::scan) is_for_steps_[operand.node] = false;
    for (const Output& output : graph_.outputs) is_for_steps_[output.value.node] = false;
  }

  Builder& build() { return rewriter_.build(); }
  const Shape& shape_of(Value old) const { return graph_.type(old).shape; }

  void note_gather(NodeId id) {
    const std::vector<Value>& operands = graph_.node(id).operands;
    look_ups_.emplace(id, LookUp{rewriter_.mapped(operands[0]), rewriter_.mapped(operands[1]),
                                 is_fixed_[operands[0].node]});
  }

  bool fold(NodeId id) {
    const Node& node = graph_.node(id);
    const auto index = common_index(node);
    if (!index || !is_of_rows(id)) return false;
    build().at(node.place);
    std::vector<Value> operands;
    for (const Value operand : node.operands) operands.push_back(in_table(operand));
    const Value table = build().add(node.op, operands, of_table(node));
    const Value looked_up = build().add(Op::gather, {table, *index});
    rewriter_.replace({id, 0}, looked_up);
    look_ups_.emplace(id, LookUp{table, *index, is_made_once(node)});
    return true;
  }

  // A product that sums over rows of which one side was looked up: the other side's rows are summed by the row that
  // they meet, and multiplied once for each row of the table.
  bool fold_sum(NodeId id) {
    const Node& node = graph_.node(id);
    if (node.attributes != Attributes(MatmulAttributes{true, false})) return false;
    for (const std::size_t side : {0, 1}) {
      const auto known = look_ups_.find(node.operands[side].node);
      if (known == look_ups_.end()) continue;
      const auto [table, index, is_fixed] = known->second;
      if (!is_worth_sums(rows_of(table), index)) continue;
      build().at(node.place);
      const Value other = rewriter_.mapped(node.operands[1 - side]);
      const ShapeAttributes summed{{{rows_of(table), build().type(other).shape.last()}}};
      const Value sums = build().add(Op::scatter_add, {other, index}, summed);
      const std::vector<Value> sides =
          side == 0 ? std::vector{table, sums} : std::vector{sums, table};
      rewriter_.replace({id, 0}, build().add(Op::matmul, sides, node.attributes));
      return true;
    }
    return false;
  }

  // Sums cost something too: not for nearly as many rows.
  bool is_worth_sums(std::int64_t rows, Value index) {
    return 2 * rows <= count(build().type(index).shape, load_.batch);
  }

  // Sums, by row of a table, of what is a multiple of other rows, by a matrix or by what the table says: of the other rows
  // the sums, multiplied once for each row of the table.
  bool fold_scatter(NodeId id) {
    const Node& node = graph_.node(id);
    if (node.op != Op::scatter_add || node.types[0].shape.rank() != 2) return false;
    const Value index = rewriter_.mapped(node.operands[1]);
    const std::int64_t rows = node.types[0].shape.dims[0];
    if (!is_worth_sums(rows, index) || !factor_of(node.operands[0], index, rows)) return false;
    build().at(node.place);
    rewriter_.replace({id, 0}, sums_of(node.operands[0], index, rows));
    return true;
  }

  // sum over n with index[n] = r of rows[n], for each r.
  Value sums_of(Value rows, Value index, std::int64_t count) {
    const auto factor = factor_of(rows, index, count);
    if (!factor) {
      const ShapeAttributes summed{{{count, shape_of(rows).last()}}};
      return build().add(Op::scatter_add, {rewriter_.mapped(rows), index}, summed);
    }
    const Node& node = graph_.node(rows.node);
    std::vector<Value> operands;
    for (const Value operand : node.operands) operands.push_back(in_table(operand));
    operands[*factor] = sums_of(node.operands[*factor], index, count);
    build().at(node.place);
    return build().add(node.op, operands, node.attributes);
  }

  // The operand that the rows are a multiple of, each by what its row of the table says or all by one matrix; none where
  // somebody else wants the rows, or where they are something else. A table that has other rows than `count` tells nothing
  // of the sums.
  std::optional<std::size_t> factor_of(Value rows, Value index, std::int64_t count) {
    const Node& node = graph_.node(rows.node);
    if (uses_[rows.node] != 1) return std::nullopt;
    if (const auto* matmul = std::get_if<MatmulAttributes>(&node.attributes);
        matmul && node.op == Op::matmul)
      return !matmul->transpose_a && !shape_of(node.operands[1]).is_batched()
                 ? std::optional<std::size_t>(0)
                 : std::nullopt;
    std::optional<std::size_t> factor;
    for (std::size_t i = 0; i < node.operands.size(); ++i) {
      const Value operand = node.operands[i];
      const auto known = look_ups_.find(operand.node);
      const bool is_told = known == look_ups_.end() ? is_one_row(operand)
                                                    : known->second.index == index &&
                                                          rows_of(known->second.table) == count;
      if (is_told) continue;
      if (factor || !is_multiple_of(node.op, i) || shape_of(operand) != shape_of(rows))
        return std::nullopt;
      factor = i;
    }
    return factor;
  }

  // The table that an operand was looked up in, else the operand.
  Value in_table(Value operand) const {
    const auto known = look_ups_.find(operand.node);
    return known == look_ups_.end() ? rewriter_.mapped(operand) : known->second.table;
  }

  // The index by which all rows were looked up that the node takes, if that is worth it.
  std::optional<Value> common_index(const Node& node) {
    std::optional<Value> index, table;
    for (const Value operand : node.operands) {
      const auto known = look_ups_.find(operand.node);
      if (known == look_ups_.end()) continue;
      const LookUp& look_up = known->second;
      if (index && (*index != look_up.index || rows_of(*table) != rows_of(look_up.table)))
        return std::nullopt;
      index = look_up.index;
      table = look_up.table;
    }
    if (!index || node.types[0].shape.is_scalar()) return std::nullopt;
    const std::int64_t rows = rows_of(*table);
    const bool is_small = rows <= largest_table / node.types[0].shape.last();
    if (is_small && is_made_once(node)) return index;
    return rows < count(build().type(*index).shape, load_.batch) ? index : std::nullopt;
  }

  std::int64_t rows_of(Value table) { return build().type(table).shape.dims[0]; }

  bool is_looked_up(Value operand) const { return look_ups_.contains(operand.node); }

  // Whether the node computes each row of its result from the rows in the same place, and from nothing else that
  // differs from row to row.
  bool is_of_rows(NodeId id) const {
    const Node& node = graph_.node(id);
    if (node.types.size() != 1) return false;
    const auto last_axis = static_cast<std::int64_t>(node.types[0].shape.rank()) - 1;
    const auto are_looked_up = [&] {
      return std::ranges::all_of(node.operands, [&](Value x) { return is_looked_up(x); });
    };
    if (is_elementwise(node.op))
      return std::ranges::all_of(node.operands,
                                 [&](Value x) { return is_looked_up(x) || is_one_row(x); });
    if (node.op == Op::softmax) return true;
    if (const auto* matmul = std::get_if<MatmulAttributes>(&node.attributes))
      return is_looked_up(node.operands[0]) && !is_looked_up(node.operands[1]) &&
             !matmul->transpose_a;
    if (const auto* slice = std::get_if<SliceAttributes>(&node.attributes))
      return slice->axis == last_axis && !slice->drop && !is_for_steps_[id];
    if (const auto* concat = std::get_if<ConcatAttributes>(&node.attributes))
      return concat->axis == last_axis && !concat->stack && are_looked_up();
    return false;
  }

  bool is_one_row(Value operand) const {
    const Shape& shape = shape_of(operand);
    return !shape.is_batched() && shape.rank() <= 1;
  }

  // Rows of a table are the first of two dimensions, whatever they were before.
  static Attributes of_table(const Node& node) {
    Attributes attributes = node.attributes;
    if (auto* slice = std::get_if<SliceAttributes>(&attributes)) slice->axis = 1;
    if (auto* concat = std::get_if<ConcatAttributes>(&attributes)) concat->axis = 1;
    return attributes;
  }

  const Graph& graph_;
  Load load_;
  Rewriter rewriter_;
  std::vector<bool> is_fixed_;         // by node
  std::vector<bool> is_for_steps_;     // by node
  std::vector<std::uint32_t> uses_;    // by node
  std::map<NodeId, LookUp> look_ups_;  // by node of the old graph
};

}  // namespace

Graph fold_gathers(const Graph& graph, const Load& load) {
  return load.batch == 0 ? graph : Folding(graph, load).run();
}

}  // namespace coil

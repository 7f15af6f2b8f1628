// fused_elementwise as instructions of kernels/expression.hpp: each node of the body is one, and lies where it is
// needed: in a result, in its part of one, or in a block of the scratch.

#include <algorithm>
#include <map>
#include <omp.h>

#include "compiler/graph/op_traits.hpp"
#include "compiler/source/internal_error.hpp"

#include "runtime/kernels/expression.hpp"
#include "runtime/onednn/lowering.hpp"

namespace coil::onednn {
namespace {

using kernels::Function;
using kernels::Place;

Function function_of(Op op) {
  switch (op) {
    case Op::add:
      return Function::add;
    case Op::sub:
      return Function::subtract;
    case Op::mul:
      return Function::multiply;
    case Op::div:
      return Function::divide;
    case Op::neg:
      return Function::negate;
    case Op::exp:
      return Function::exp;
    case Op::log:
      return Function::log;
    case Op::relu:
      return Function::relu;
    case Op::tanh:
      return Function::tanh;
    case Op::sigmoid:
      return Function::sigmoid;
    case Op::hard_sigmoid:
      return Function::hard_sigmoid;
    case Op::relu_grad:
      return Function::relu_gradient;
    case Op::tanh_grad:
      return Function::tanh_gradient;
    case Op::sigmoid_grad:
      return Function::sigmoid_gradient;
    case Op::hard_sigmoid_grad:
      return Function::hard_sigmoid_gradient;
    default:
      throw InternalError(fmt::format("{} is not computed element by element", to_string(op)));
  }
}

class Tape {
 public:
  Tape(const NodeView& view, Workshop& shop)
      : view_(view),
        shop_(shop),
        body_(*body_of(view.node().attributes)->graph),
        space_(space_of(body_)) {
    expression_.extent = view.extent(space_.shape);
    find_last_uses();
    find_homes();
  }

  kernels::Expression write() {
    for (NodeId id = 0; id < body_.size(); ++id) {
      const Node& node = body_.node(id);
      if (const auto* input = std::get_if<InputAttributes>(&node.attributes))
        places_[id] = place_of_input(node, static_cast<std::size_t>(input->position));
      else if (const auto* number = std::get_if<ConstantAttributes>(&node.attributes))
        places_[id] = place_of_number(number->value);
      else if (const auto* slice = std::get_if<SliceAttributes>(&node.attributes))
        places_[id] = place_of_part(node, *slice);
      else if (node.op == Op::gather)
        places_[id] = place_of_rows(node);
      else if (!is_home(node))
        compute(id);
      if (!is_home(node)) copy_to_homes(id);
      free_unused(id);
    }
    expression_.blocks = blocks_;
    flatten();
    return std::move(expression_);
  }

 private:
  static const Type& space_of(const Graph& body) {
    for (const Node& node : body.nodes())
      if (is_elementwise(node.op)) return node.types[0];
    throw InternalError("an expression without an op");
  }

  std::int64_t width() const { return space_.shape.last(); }

  void find_last_uses() {
    last_use_.resize(body_.size());
    for (NodeId id = 0; id < body_.size(); ++id) {
      last_use_[id] = id;
      if (is_home(body_.node(id))) continue;
      for (const Value operand : body_.node(id).operands) last_use_[operand.node] = id;
    }
  }

  // Computes nothing: what it puts side by side or rounds goes there as soon as it is computed.
  static bool is_home(const Node& node) { return node.op == Op::concat || node.op == Op::to_bf16; }

  // Where results are wanted: whole, and as parts of results that are put side by side.
  void find_homes() {
    for (std::uint32_t i = 0; i < body_.outputs.size(); ++i) {
      NodeId id = body_.outputs[i].value.node;
      const bool is_rounded = body_.node(id).op == Op::to_bf16;
      if (is_rounded) id = body_.node(id).operands[0].node;
      const Node& node = body_.node(id);
      Place home{.stride = node.types[0].shape.last()};
      if (is_rounded)
        home.rounded = view_.addresses.rounded({view_.id, i});
      else
        home.data = view_.out(i);
      if (node.op != Op::concat) {
        add_home(id, home);
        continue;
      }
      is_flat_ = false;
      for (const Value part : node.operands) {
        const std::int64_t columns = body_.type(part).shape.last();
        require(columns == width(), "{} columns of an expression of {}", columns, width());
        add_home(part.node, home);
        home = behind(home, columns);
      }
    }
  }

  static Place behind(Place place, std::int64_t columns) {
    if (place.rounded)
      place.rounded += columns;
    else
      place.data += columns;
    return place;
  }

  void add_home(NodeId id, const Place& home) {
    (home.rounded ? rounded_homes_ : homes_)[id].push_back(home);
  }

  Place place_of_input(const Node& node, std::size_t position) {
    const Type& type = node.types[0];
    if (type.element == Element::index) return {};  // read by row: place_of_rows
    if (type == space_) return {view_.in(position), width()};
    is_flat_ = false;
    if (type.shape.is_scalar()) return number_at(view_.in(position));
    const bool is_row = type.shape.rank() == 1 && !type.shape.is_batched();
    return {view_.in(position), is_row ? 0 : type.shape.last()};
  }

  Place place_of_part(const Node& node, const SliceAttributes& slice) {
    is_flat_ = false;
    Place whole = places_.at(node.operands[0].node);
    return {whole.data + slice.begin, body_.type(node.operands[0]).shape.last()};
  }

  Place place_of_rows(const Node& node) {
    is_flat_ = false;
    Place table = places_.at(node.operands[0].node);
    table.stride = width();
    const Node& index = body_.node(node.operands[1].node);
    table.rows =
        view_.index(static_cast<std::size_t>(std::get<InputAttributes>(index.attributes).position));
    return table;
  }

  Place place_of_number(double value) {
    float* number = shop_.new_reals(1);
    *number = static_cast<float>(value);
    return number_at(number);
  }

  // Numbers keep their blocks.
  Place number_at(const float* value) {
    const int block = blocks_++;
    expression_.numbers.push_back({block, value});
    return {nullptr, 0, block};
  }

  int new_block() {
    if (free_.empty()) return blocks_++;
    const int block = free_.back();
    free_.pop_back();
    return block;
  }

  // Sums of many are made in a block: where they go may be where an operand lies that is still to be added.
  void compute(NodeId id) {
    const Node& node = body_.node(id);
    const Function function = function_of(node.op);
    const auto home = homes_.find(id);
    const Place to = home != homes_.end() ? home->second.front() : Place{nullptr, 0, new_block()};
    if (home == homes_.end()) owned_[id] = to.block;
    places_[id] = to;
    Place left = places_.at(node.operands[0].node);
    std::optional<int> between;
    for (std::size_t i = 1; i + 1 < node.operands.size(); ++i) {
      if (!between) between = new_block();
      const Place sum{nullptr, 0, *between};
      expression_.instructions.push_back({function, left, places_.at(node.operands[i].node), sum});
      left = sum;
    }
    const bool is_unary = node.operands.size() == 1;
    const Place right = is_unary ? left : places_.at(node.operands.back().node);
    expression_.instructions.push_back({function, left, right, to});
    if (between) free_.push_back(*between);
  }

  // What was computed lies in the first of its homes; everything else in none yet.
  void copy_to_homes(NodeId id) {
    if (const auto rounded = rounded_homes_.find(id); rounded != rounded_homes_.end())
      for (const Place& home : rounded->second)
        expression_.instructions.push_back(
            {Function::round_to_bf16, places_.at(id), places_.at(id), home});
    const auto home = homes_.find(id);
    if (home == homes_.end()) return;
    const bool is_computed = is_elementwise(body_.node(id).op);
    for (std::size_t i = is_computed ? 1 : 0; i < home->second.size(); ++i)
      expression_.instructions.push_back(
          {Function::copy, places_.at(id), places_.at(id), home->second[i]});
  }

  // The blocks that nothing after node `id` reads: those of its operands, and its own.
  void free_unused(NodeId id) {
    const auto free = [&](NodeId of) {
      const auto owned = owned_.find(of);
      if (owned == owned_.end() || last_use_[of] != id) return;
      free_.push_back(owned->second);
      owned_.erase(owned);
    };
    for (const Value operand : body_.node(id).operands) free(operand.node);
    free(id);
  }

  // Where all values are matrices of one width without a gap, they are one row.
  void flatten() {
    if (is_flat_ && space_.shape.rank() > 1) expression_.extent = {1, expression_.extent.size()};
  }

  const NodeView& view_;
  Workshop& shop_;
  const Graph& body_;
  const Type& space_;
  kernels::Expression expression_;
  std::map<NodeId, Place> places_;                              // of the body's values
  std::map<NodeId, std::vector<Place>> homes_, rounded_homes_;  // in results
  std::map<NodeId, int> owned_;  // blocks of values that are still used
  std::vector<NodeId> last_use_;
  std::vector<int> free_;
  int blocks_ = 0;
  bool is_flat_ = true;
};

}  // namespace

Step lower_expression(const NodeView& view, Workshop& shop) {
  kernels::Expression expression = Tape(view, shop).write();
  const auto floats = kernels::scratch_size(expression, omp_get_max_threads());
  float* scratch = shop.new_reals(std::max<std::int64_t>(floats, 1));
  std::string what =
      fmt::format("{} {} instructions", text_of(expression.extent), expression.instructions.size());
  const auto look_ups =
      std::ranges::count(body_of(view.node().attributes)->graph->nodes(), Op::gather, &Node::op);
  if (look_ups > 0) what += fmt::format(", {} look-ups", look_ups);
  return kernel_step(std::move(what), "expression", [expression = std::move(expression), scratch] {
    kernels::evaluate(expression, scratch);
  });
}

}  // namespace coil::onednn

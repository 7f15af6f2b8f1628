#include "compiler/graph/evaluate.hpp"

#include <cmath>

#include "compiler/graph/op_record.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil {
namespace {

Array sized(const Type& type, std::int64_t batch) {
  return {concrete_dims(type.shape, batch),
          std::vector<double>(static_cast<std::size_t>(count(type.shape, batch)), 0.0)};
}

bool is_index(double value, std::int64_t bound) {
  return value >= 0 && value < static_cast<double>(bound) && value == std::floor(value);
}

bool has_type(const Array& array, const Type& type, std::int64_t batch) {
  return array.dims == concrete_dims(type.shape, batch) &&
         array.values.size() == static_cast<std::size_t>(count(type.shape, batch));
}

// A piece of a weight, from the whole.
std::optional<Array> fed_piece(const Node& node, const Feeds& feeds) {
  const auto* weight = std::get_if<WeightAttributes>(&node.attributes);
  if (!weight || weight->piece.of.empty()) return std::nullopt;
  const Piece& piece = weight->piece;
  const auto whole = feeds.find(piece.of);
  if (whole == feeds.end()) return std::nullopt;
  require(whole->second.dims == piece.whole.dims, "'{}' is fed another shape than {}", piece.of,
          to_string(piece.whole));
  return cut(whole->second, piece.begin, piece.size, node.types[0].shape.dims);
}

// A joint is its parts, concatenated.
std::optional<Array> fed_joint(const Node& node, const Feeds& feeds) {
  const Joint* joint = joint_of(node);
  if (!joint) return std::nullopt;
  std::vector<const Array*> parts;
  for (const Joint::Part& part : joint->parts) {
    const auto found = feeds.find(part.name);
    if (found == feeds.end()) return std::nullopt;
    parts.push_back(&found->second);
    std::vector<std::int64_t> dims = node.types[0].shape.dims;
    dims[static_cast<std::size_t>(joint->axis)] = part.size;
    require(found->second.dims == dims, "'{}' is fed another shape than its joint has room for",
            part.name);
  }
  Array whole = sized(node.types[0], 1);
  record(Op::concat).evaluate.value(ConcatAttributes{joint->axis, false}, parts, {&whole, 1});
  return whole;
}

// A sequence, from its parts: element (n, t, ..) is element (n, ..) of part t.
std::optional<Array> fed_parts(const Graph& graph, const Node& node, const Feeds& feeds,
                               std::int64_t batch) {
  Array whole = sized(node.types[0], batch);
  bool any = false;
  for (const InputPart& part : graph.parts) {
    const auto found = part.of == leaf_name(node) ? feeds.find(part.name) : feeds.end();
    if (found == feeds.end()) continue;
    any = true;
    const std::vector<double>& values = found->second.values;
    const std::size_t row = values.size() / static_cast<std::size_t>(batch);
    const std::size_t stride = whole.values.size() / static_cast<std::size_t>(batch);
    for (std::size_t i = 0; i < values.size(); ++i)
      whole.values.at(i / row * stride + static_cast<std::size_t>(part.step) * row + i % row) =
          values[i];
  }
  return any ? std::optional(std::move(whole)) : std::nullopt;
}

Array find_fed(const Graph& graph, const Node& node, const Feeds& feeds, std::int64_t batch) {
  const auto found = feeds.find(std::string(leaf_name(node)));
  if (found != feeds.end()) return found->second;
  if (auto piece = fed_piece(node, feeds)) return *piece;
  if (auto joint = fed_joint(node, feeds)) return *joint;
  auto parts = node.op == Op::input ? fed_parts(graph, node, feeds, batch) : std::nullopt;
  require(parts.has_value(), "'{}' is not fed", leaf_name(node));
  return *parts;
}

Array fed(const Graph& graph, const Node& node, const Feeds& feeds, std::int64_t batch) {
  Array array = find_fed(graph, node, feeds, batch);
  // Not `require`: the type is put into words where it is needed only.
  if (!has_type(array, node.types[0], batch))
    throw InternalError(fmt::format("'{}' is fed another shape than {}", leaf_name(node),
                                    to_string(node.types[0])));
  if (node.types[0].element == Element::index)
    for (const double index : array.values)
      require(is_index(index, std::get<InputAttributes>(node.attributes).bound),
              "'{}' is fed {}, which is no index", leaf_name(node), index);
  return array;
}

std::string output_key(const Output& output) {
  switch (output.kind) {
    case OutputKind::result:
      return output.name;
    case OutputKind::gradient:
      return "gradient:" + output.name;
    case OutputKind::update:
      return "update:" + output.name;
  }
  __builtin_unreachable();
}

std::vector<Array> run(const Node& node, const std::vector<std::vector<Array>>& computed,
                       std::int64_t batch) {
  std::vector<const Array*> operands;
  for (Value operand : node.operands) operands.push_back(&computed[operand.node][operand.result]);
  std::vector<Array> results;
  for (const Type& type : node.types) results.push_back(sized(type, batch));
  record(node.op).evaluate.value(node.attributes, operands, results);
  return results;
}

bool is_fed(Op op) { return op == Op::input || op == Op::weight || op == Op::state; }

}  // namespace

Array cut(const Array& whole, const std::vector<std::int64_t>& begin,
          const std::vector<std::int64_t>& size, std::vector<std::int64_t> dims) {
  Array part{std::move(dims), {}};
  std::size_t total = 1;
  for (const std::int64_t extent : size) total *= static_cast<std::size_t>(extent);
  for (std::size_t i = 0; i < total; ++i) {
    std::size_t rest = i, from = 0, stride = 1;
    for (std::size_t d = size.size(); d-- > 0;) {
      const auto extent = static_cast<std::size_t>(size[d]);
      from += (rest % extent + static_cast<std::size_t>(begin[d])) * stride;
      stride *= static_cast<std::size_t>(whole.dims[d]);
      rest /= extent;
    }
    part.values.push_back(whole.values.at(from));
  }
  return part;
}

std::vector<Array> evaluate_body(const Graph& body, const std::vector<const Array*>& inputs,
                                 std::int64_t batch) {
  std::vector<std::vector<Array>> computed(body.size());
  for (NodeId id = 0; id < body.size(); ++id) {
    const Node& node = body.node(id);
    require(node.op != Op::weight && node.op != Op::state, "a body has no weights of its own");
    if (const auto* input = std::get_if<InputAttributes>(&node.attributes))
      computed[id] = {*inputs.at(static_cast<std::size_t>(input->position))};
    else
      computed[id] = run(node, computed, batch);
  }
  std::vector<Array> outputs;
  for (const Output& output : body.outputs)
    outputs.push_back(computed[output.value.node][output.value.result]);
  return outputs;
}

std::map<std::string, Array> evaluate(const Graph& graph, const Feeds& feeds, std::int64_t batch) {
  require(batch >= 1, "a batch of {} has no rows", batch);
  std::vector<std::vector<Array>> computed(graph.size());
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (is_fed(node.op))
      computed[id] = {fed(graph, node, feeds, batch)};
    else
      computed[id] = run(node, computed, batch);
  }
  std::map<std::string, Array> outputs;
  for (const Output& output : graph.outputs)
    outputs[output_key(output)] = computed[output.value.node][output.value.result];
  return outputs;
}

}  // namespace coil

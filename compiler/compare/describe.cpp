#include "compiler/compare/describe.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/graph/op_record.hpp"

namespace coil::comparing {
namespace {

// How tightly text holds together: what is looser than its place wants is put in parentheses.
enum class Hold { sum, product, tight };

struct Words {
  std::string text;
  Hold hold = Hold::tight;
};

constexpr std::size_t most_terms = 4;

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  return fmt::format("{}", fmt::join(parts, between));
}

class Describer {
 public:
  explicit Describer(const View& view) : view_(view) {}

  std::string text(ItemId id, int depth, Hold place = Hold::sum) const {
    const Words words = describe(view_.item(id), depth);
    return words.hold < place ? '(' + words.text + ')' : words.text;
  }

 private:
  Words describe(const Item& item, int depth) const;
  Words leaf(const Item& item) const;
  Words operation(const Item& item, int depth) const;
  std::vector<ItemId> as_written(const Item& item) const;
  Words sum(const Item& item, int depth) const;
  Words product(const Item& item, int depth) const;
  Words matmul(const Item& item, int depth) const;
  Words slice(const Item& item, int depth) const;
  std::string arguments(const Item& item, int depth) const;

  const View& view_;
};

std::string carry_name(const Item& item) {
  const auto* input = std::get_if<InputAttributes>(&item.node->attributes);
  if (input && !input->name.text.empty()) return input->name.text;
  return fmt::format("carry {}", item.index);
}

Words Describer::leaf(const Item& item) const {
  if (const auto* constant = std::get_if<ConstantAttributes>(&item.node->attributes))
    return {fmt::format("{:g}", constant->value)};
  return {std::string(leaf_name(*item.node))};
}

std::string Describer::arguments(const Item& item, int depth) const {
  std::vector<std::string> parts;
  for (const ItemId operand : item.operands) {
    if (parts.size() == most_terms) {
      parts.emplace_back("..");
      break;
    }
    parts.push_back(text(operand, depth - 1));
  }
  return joined(parts, ", ");
}

// A bias is written last, wherever the order of the graph has it.
std::vector<ItemId> Describer::as_written(const Item& item) const {
  std::vector<ItemId> terms = item.operands;
  std::stable_partition(terms.begin(), terms.end(),
                        [&](ItemId id) { return !view_.item(id).is(Op::weight); });
  return terms;
}

Words Describer::sum(const Item& item, int depth) const {
  std::string out;
  std::size_t shown = 0;
  for (const ItemId id : as_written(item)) {
    if (shown++ == most_terms) return {out + " + ..", Hold::sum};
    const Item& term = view_.item(id);
    const bool negative = term.is(Op::neg);
    if (!out.empty()) out += negative ? " - " : " + ";
    if (out.empty() && negative) out += '-';
    out += negative ? text(term.operands[0], depth - 1, Hold::product) : text(id, depth - 1);
  }
  return {out, Hold::sum};
}

Words Describer::product(const Item& item, int depth) const {
  std::vector<std::string> parts;
  for (const ItemId operand : item.operands) {
    if (parts.size() == most_terms) {
      parts.emplace_back("..");
      break;
    }
    parts.push_back(text(operand, depth - 1, Hold::product));
  }
  return {joined(parts, " * "), Hold::product};
}

Words Describer::matmul(const Item& item, int depth) const {
  const auto& m = std::get<MatmulAttributes>(item.node->attributes);
  const auto side = [&](ItemId id, bool transposed) {
    return text(id, depth - 1, Hold::tight) + (transposed ? "^T" : "");
  };
  return {side(item.operands[0], m.transpose_a) + " @ " + side(item.operands[1], m.transpose_b),
          Hold::product};
}

Words Describer::slice(const Item& item, int depth) const {
  const auto& s = std::get<SliceAttributes>(item.node->attributes);
  const std::string of = text(item.operands[0], depth - 1, Hold::tight);
  if (s.drop) return {fmt::format("{}[{}]", of, s.begin)};
  return {fmt::format("{}[{}..{}]", of, s.begin, s.begin + s.size)};
}

Words Describer::operation(const Item& item, int depth) const {
  switch (item.op()) {
    case Op::gather:
      return {fmt::format("{}[{}]", text(item.operands[0], depth - 1, Hold::tight),
                          text(item.operands[1], depth - 1))};
    case Op::matmul:
      return matmul(item, depth);
    case Op::slice:
      return slice(item, depth);
    case Op::neg:
      return {'-' + text(item.operands[0], depth - 1, Hold::product), Hold::product};
    case Op::sub:
    case Op::div: {
      const bool sub = item.op() == Op::sub;
      return {fmt::format("{} {} {}",
                          text(item.operands[0], depth - 1, sub ? Hold::sum : Hold::product),
                          sub ? '-' : '/',
                          text(item.operands[1], depth - 1, sub ? Hold::product : Hold::tight)),
              sub ? Hold::sum : Hold::product};
    }
    default:
      return {fmt::format("{}({})", to_string(item.op()), arguments(item, depth))};
  }
}

Words Describer::describe(const Item& item, int depth) const {
  if (item.kind == Kind::carry) return {carry_name(item)};
  if (item.is_leaf()) return leaf(item);
  if (depth == 0) return {".."};
  switch (item.kind) {
    case Kind::sum:
      return sum(item, depth);
    case Kind::product:
      return product(item, depth);
    case Kind::last: {
      const Item& scan = view_.item(item.operands[0]);
      const ItemId next = scan.operands[scan.carries() + item.index];
      return {fmt::format("last({})", text(next, depth - 1))};
    }
    case Kind::yielded:
      return {fmt::format("each({})", text(item.operands[1], depth - 1))};
    case Kind::scan:
      return {fmt::format("a recurrence of {} steps",
                          std::get<ScanAttributes>(item.node->attributes).steps)};
    case Kind::op:
    case Kind::carry:
      break;
  }
  return operation(item, depth);
}

}  // namespace

std::string describe(const View& view, ItemId id, int depth) {
  return Describer(view).text(id, depth);
}

std::string describe_briefly(const View& view, ItemId id) {
  constexpr std::size_t widest = 90;
  int depth = 6;
  std::string text = describe(view, id, depth);
  while (text.size() > widest && depth > 1) text = describe(view, id, --depth);
  return text;
}

std::string call(const View& view, ItemId id) {
  const Item& item = view.item(id);
  const std::string text = describe_briefly(view, id);
  if (item.kind == Kind::carry) return "the carried value " + text;
  if (item.is(Op::input)) return "the input " + text;
  if (item.is(Op::weight)) return "the weight " + text;
  if (item.is(Op::state)) return "the state " + text;
  if (item.is(Op::constant)) return "the number " + text;
  return text;
}

}  // namespace coil::comparing

#include <algorithm>

#include "compiler/passes/simplifier.hpp"

namespace coil {
namespace {

// ---- slice

std::int64_t dim(const Type& type, std::int64_t axis) {
  return type.shape.dims[static_cast<std::size_t>(axis)];
}

// Pattern: x[.., a : b, ..][.., c : d, ..] -> x[.., a + c : a + d, ..] along one dimension
Rewrite slice_of_slice(const Site& site, const SliceAttributes& outer) {
  const auto* inner = std::get_if<SliceAttributes>(&site.node(0).attributes);
  if (!inner || inner->drop || inner->axis != outer.axis) return std::nullopt;
  return site.to.add(
      Op::slice, {site.node(0).operands[0]},
      SliceAttributes{outer.axis, inner->begin + outer.begin, outer.size, outer.drop});
}

// Pattern: stack(x0, x1, ..)[t] -> xt
Rewrite element_of_stack(const Site& site, const SliceAttributes& s) {
  const auto* c = std::get_if<ConcatAttributes>(&site.node(0).attributes);
  if (!c || !c->stack || c->axis != s.axis || !s.drop) return std::nullopt;
  return site.node(0).operands[static_cast<std::size_t>(s.begin)];
}

// Pattern: stack(x0, x1, .., xn)[a : b] -> stack(xa, .., xb-1)
Rewrite slice_of_stack(const Site& site, const SliceAttributes& s) {
  const auto* c = std::get_if<ConcatAttributes>(&site.node(0).attributes);
  if (!c || !c->stack || c->axis != s.axis || s.drop) return std::nullopt;
  const ConcatAttributes stack = *c;
  const auto begin = site.node(0).operands.begin() + s.begin;
  return site.to.add(Op::concat, std::vector<Value>(begin, begin + s.size), stack);
}

// Pattern: concat(x, y)[.., a : b, ..] -> concat of what lies in [a, b) of each
Rewrite slice_of_concat(const Site& site, const SliceAttributes& s) {
  const auto* c = std::get_if<ConcatAttributes>(&site.node(0).attributes);
  if (!c || c->stack || c->axis != s.axis) return std::nullopt;
  const ConcatAttributes attributes = *c;
  const std::vector<Value> operands = site.node(0).operands;
  std::vector<Value> parts;
  std::int64_t at = 0;
  for (const Value operand : operands) {
    const std::int64_t size = dim(site.to.type(operand), s.axis);
    const std::int64_t begin = std::max(s.begin, at);
    const std::int64_t end = std::min(s.begin + s.size, at + size);
    if (begin < end)
      parts.push_back(site.to.add(Op::slice, {operand},
                                  SliceAttributes{s.axis, begin - at, end - begin, s.drop}));
    at += size;
  }
  if (parts.size() == 1) return parts[0];
  return site.to.add(Op::concat, parts, attributes);
}

// Pattern: the last element that a scan yields of a carried value -> what it leaves of it
Rewrite last_of_scan(const Site& site, const SliceAttributes& s) {
  const auto* scan = std::get_if<ScanAttributes>(&site.node(0).attributes);
  if (!scan || !s.drop || s.axis != 1) return std::nullopt;
  if (s.begin != (scan->reverse ? 0 : scan->steps - 1)) return std::nullopt;
  const std::vector<Output>& outputs = scan->body.graph->outputs;
  const Value yielded = outputs[site.operands[0].result].value;
  for (std::uint32_t c = 0; c < static_cast<std::size_t>(scan->carries); ++c)
    if (outputs[c].value == yielded) return Value{site.operands[0].node, c};
  return std::nullopt;
}

Rewrite rewrite_slice(const Site& site) {
  const auto& s = std::get<SliceAttributes>(site.attributes);
  // Pattern: x[0 : all] -> x
  if (!s.drop && s.size == dim(site.operand_type(0), s.axis)) return site.operands[0];
  if (const auto number = site.number(0)) return site.to.constant(*number, site.type.shape);
  if (Rewrite inner = slice_of_slice(site, s)) return inner;
  if (Rewrite element = element_of_stack(site, s)) return element;
  if (Rewrite stack = slice_of_stack(site, s)) return stack;
  if (Rewrite last = last_of_scan(site, s)) return last;
  return slice_of_concat(site, s);
}

// ---- concat

// A value that is part of another one.
struct Part {
  Value of;
  SliceAttributes slice;
};

// What a scan leaves of a carried value is the last element of what it yields of it, if it does.
std::optional<Part> last_yielded(const Site& site, Value value) {
  const auto* scan = std::get_if<ScanAttributes>(&site.to.node(value).attributes);
  if (!scan || value.result >= static_cast<std::size_t>(scan->carries)) return std::nullopt;
  const std::vector<Output>& outputs = scan->body.graph->outputs;
  for (auto y = static_cast<std::uint32_t>(scan->carries); y < outputs.size(); ++y)
    if (outputs[y].value == outputs[value.result].value)
      return Part{{value.node, y}, {1, scan->reverse ? 0 : scan->steps - 1, 1, true}};
  return std::nullopt;
}

std::optional<Part> as_part(const Site& site, Value value) {
  const Node& node = site.to.node(value);
  if (const auto* slice = std::get_if<SliceAttributes>(&node.attributes))
    return Part{node.operands[0], *slice};
  return last_yielded(site, value);
}

// The parts in a row from operand `begin` on, each the next one of the same value; at least one operand.
std::size_t end_of_row(const Site& site, std::size_t begin, const ConcatAttributes& c) {
  const auto fits = [&](const std::optional<Part>& part) {
    return part && part->slice.axis == c.axis && part->slice.drop == c.stack;
  };
  std::size_t end = begin + 1;
  for (auto before = as_part(site, site.operands[begin]);
       fits(before) && end < site.operands.size(); ++end) {
    const auto next = as_part(site, site.operands[end]);
    if (!fits(next) || next->of != before->of ||
        before->slice.begin + before->slice.size != next->slice.begin)
      break;
    before = next;
  }
  return end;
}

// Pattern: concat(x[a : b], x[b : c], ..) -> concat(x[a : c], ..), and so for the elements of a stack
// where all of them are a row.
Rewrite join_slices(const Site& site, const ConcatAttributes& c) {
  if (c.stack && end_of_row(site, 0, c) < site.operands.size()) return std::nullopt;
  std::vector<Value> joined;
  for (std::size_t i = 0, end = 0; i < site.operands.size(); i = end) {
    end = end_of_row(site, i, c);
    if (end == i + 1) {
      joined.push_back(site.operands[i]);
      continue;
    }
    const Part first = *as_part(site, site.operands[i]);
    const Part last = *as_part(site, site.operands[end - 1]);
    const std::int64_t size = last.slice.begin + last.slice.size - first.slice.begin;
    joined.push_back(site.to.add(Op::slice, {first.of},
                                 SliceAttributes{c.axis, first.slice.begin, size, false}));
  }
  if (joined.size() == site.operands.size()) return std::nullopt;
  return joined.size() == 1 ? joined[0] : site.to.add(Op::concat, joined, c);
}

Rewrite rewrite_concat(const Site& site) {
  const ConcatAttributes c = std::get<ConcatAttributes>(site.attributes);
  // Pattern: concat(x) -> x
  if (!c.stack && site.operands.size() == 1) return site.operands[0];
  if (const auto number = site.number(0)) {
    bool all = true;
    for (std::size_t i = 1; i < site.operands.size(); ++i) all = all && site.is_number(i, *number);
    if (all) return site.to.constant(*number, site.type.shape);
  }
  return join_slices(site, c);
}

}  // namespace

Rewrite rewrite_parts(const Site& site) {
  if (site.op == Op::slice) return rewrite_slice(site);
  if (site.op == Op::concat) return rewrite_concat(site);
  if (site.op != Op::broadcast_to && site.op != Op::sum_to) return std::nullopt;
  // Pattern: x as it is -> x
  if (Rewrite same = site.operand_instead(0)) return same;
  if (site.op == Op::broadcast_to && site.number(0))
    return site.to.constant(*site.number(0), site.type.shape);
  return std::nullopt;
}

}  // namespace coil

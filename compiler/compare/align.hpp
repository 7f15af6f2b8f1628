#pragma once

// Finding, in an expression of one graph, the counterpart of one of another graph that is not written
// the same.

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "compiler/compare/view.hpp"

namespace coil::comparing {

struct Pair {
  ItemId a = 0;
  ItemId b = 0;
  bool operator==(const Pair&) const = default;
};

struct Aligned {
  std::vector<Pair> pairs;
  std::vector<ItemId> only_a;
  std::vector<ItemId> only_b;
};

// Pairs the operands of two sums or products: equal ones first, in their order; then, of the rest, those
// that have most in common.
Aligned align(const View& a, std::span<const ItemId> of_a, const View& b,
              std::span<const ItemId> of_b);

// What `whole` is computed from that is written like `part`; or is at least more like it than `whole` is.
// Nothing where there is none, or where `part` is a weight or a number, which prove nothing.
std::optional<ItemId> find_equal_inside(const View& view, ItemId whole, const View& other,
                                        ItemId part);
std::optional<ItemId> find_alike_inside(const View& view, ItemId whole, const View& other,
                                        ItemId part);

}  // namespace coil::comparing

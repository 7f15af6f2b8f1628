#include "compiler/passes/hoist_needs.hpp"

#include <algorithm>
#include <numeric>

namespace coil {
namespace {

void join(std::vector<bool>& to, const std::vector<bool>& from) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = to[i] || from[i];
}

}  // namespace

BodyNeeds::BodyNeeds(const Graph& body, const ScanAttributes& scan)
    : body_(body), scan_(scan), carries_(static_cast<std::size_t>(scan.carries)) {
  find_reach();
  find_knots();
  find_inside();
}

std::optional<std::int64_t> BodyNeeds::position(NodeId id) const {
  const auto* input = std::get_if<InputAttributes>(&body_.node(id).attributes);
  return input ? std::optional(input->position) : std::nullopt;
}

std::optional<std::size_t> BodyNeeds::sequence(NodeId id) const {
  const auto at = position(id);
  if (!at || *at >= scan_.sequences) return std::nullopt;
  return static_cast<std::size_t>(*at);
}

bool BodyNeeds::is_carried(std::int64_t position) const {
  return position >= scan_.sequences && position < scan_.sequences + scan_.carries;
}

bool BodyNeeds::is_kept(std::size_t carry) const {
  return position(body_.outputs[carry].value.node) ==
         scan_.sequences + static_cast<std::int64_t>(carry);
}

std::optional<std::size_t> BodyNeeds::carry(NodeId id) const {
  const auto at = position(id);
  if (!at || !is_carried(*at)) return std::nullopt;
  const auto c = static_cast<std::size_t>(*at - scan_.sequences);
  return is_kept(c) ? std::nullopt : std::optional(c);
}

std::optional<std::size_t> BodyNeeds::capture(NodeId id) const {
  const auto at = position(id);
  if (!at || *at < scan_.sequences || carry(id)) return std::nullopt;
  return static_cast<std::size_t>(*at);
}

bool BodyNeeds::has_rotation() const {
  for (std::size_t c = 0; c < carries_; ++c) {
    std::optional<std::size_t> from = carry(body_.outputs[c].value.node);
    for (std::size_t i = 0; from && i < carries_; ++i) {
      if (*from == c) return true;
      from = carry(body_.outputs[*from].value.node);
    }
  }
  return false;
}

void BodyNeeds::find_reach() {
  needs_.assign(body_.size(), Set(carries_, false));
  needed_by_ = needs_;
  varies_.assign(body_.size(), false);
  for (NodeId id = 0; id < body_.size(); ++id) {
    if (const auto c = carry(id)) needs_[id][*c] = true;
    varies_[id] = sequence(id) || carry(id);
    for (const Value operand : body_.node(id).operands) {
      join(needs_[id], needs_[operand.node]);
      varies_[id] = varies_[id] || varies_[operand.node];
    }
  }
  for (std::size_t c = 0; c < carries_; ++c) needed_by_[body_.outputs[c].value.node][c] = true;
  for (NodeId id = static_cast<NodeId>(body_.size()); id-- > 0;)
    for (const Value operand : body_.node(id).operands)
      join(needed_by_[operand.node], needed_by_[id]);
}

void BodyNeeds::find_knots() {
  for (std::size_t c = 0; c < carries_; ++c)
    closure_.push_back(needs_[body_.outputs[c].value.node]);
  for (std::size_t via = 0; via < carries_; ++via)
    for (std::size_t c = 0; c < carries_; ++c)
      if (closure_[c][via]) join(closure_[c], closure_[via]);
  // What needs fewer others comes first: a knot needs all that the knots it needs do, and more.
  std::vector<std::size_t> order(carries_);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto needs = [&](std::size_t c) {
    Set all = closure_[c];
    all[c] = true;
    return std::count(all.begin(), all.end(), true);
  };
  std::ranges::stable_sort(order, {}, needs);
  knot_.assign(carries_, carries_);
  for (const std::size_t c : order) {
    if (knot_[c] != carries_) continue;
    for (std::size_t d = 0; d < carries_; ++d)
      if (d == c || (closure_[c][d] && closure_[d][c])) knot_[d] = knots_;
    recurrent_.push_back(closure_[c][c]);
    ++knots_;
  }
}

void BodyNeeds::find_inside() {
  inside_.assign(body_.size(), std::nullopt);
  for (NodeId id = 0; id < body_.size(); ++id) {
    if (position(id)) continue;
    for (std::size_t c = 0; c < carries_; ++c)
      for (std::size_t d = 0; d < carries_; ++d)
        if (needs_[id][c] && needed_by_[id][d] && knot_[c] == knot_[d] && recurrent_[knot_[c]])
          inside_[id] = knot_[c];
  }
}

}  // namespace coil

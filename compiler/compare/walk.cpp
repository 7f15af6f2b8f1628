#include "compiler/compare/walk.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "compiler/compare/describe.hpp"
#include "compiler/compare/words.hpp"

namespace coil::comparing {

std::vector<Difference> Walk::run() {
  outputs();
  return std::move(found_);
}

void Walk::outputs() {
  const auto& of_a = a_.graph().outputs;
  const auto& of_b = b_.graph().outputs;
  const auto leaves_a = output_leaves(a_.graph()), leaves_b = output_leaves(b_.graph());
  for (std::size_t i = 0; i < std::min(of_a.size(), of_b.size()) && found_.size() < limit_; ++i) {
    follow({a_.of(of_a[i].value), b_.of(of_b[i].value)});
    if (of_a[i].kind != of_b[i].kind)
      report_kinds(of_a[i], of_b[i]);
    else if (leaves_a[i] && leaves_b[i])  // what an output updates is part of the computation
      follow({a_.of({*leaves_a[i], 0}), b_.of({*leaves_b[i], 0})});
  }
  if (of_a.size() == of_b.size() || found_.size() >= limit_) return;
  found_.push_back({fmt::format("A has {}, B has {}", plural(of_a.size(), "output"),
                                plural(of_b.size(), "output")),
                    {},
                    {}});
}

void Walk::report_kinds(const Output& a, const Output& b) {
  const auto said = [](const Output& output) {
    switch (output.kind) {
      case OutputKind::result:
        return "hands over the output " + output.name;
      case OutputKind::update:
        return "keeps a value for the next call in " + output.name;
      case OutputKind::gradient:
        return "has the gradient of " + output.name;
    }
    __builtin_unreachable();
  };
  const ItemId of_a = a_.of(a.value), of_b = b_.of(b.value);
  found_.push_back({fmt::format("A {}, where B {}", said(a), said(b)), side(a_, of_a, of_a),
                    side(b_, of_b, of_b)});
}

// Depth first, without recursion: a graph may be a chain of any length.
void Walk::follow(Pair root) {
  std::vector<Frame> stack{{root, root, {}}};
  while (!stack.empty() && found_.size() < limit_) {
    Frame& top = stack.back();
    if (top.finding || !seen_.insert({top.pair.a, top.pair.b}).second) {
      leave(top);
      stack.pop_back();
      continue;
    }
    top.finding = inspect(top);
    const Pair user = top.pair;
    const std::vector<Pair> inside = top.finding->inside;
    for (auto pair = inside.rbegin(); pair != inside.rend(); ++pair)
      stack.push_back({*pair, user, {}});
  }
}

void Walk::leave(Frame& frame) {
  if (!frame.finding) return;
  if (std::string message = differing_last(frame.pair); !message.empty())
    frame.finding->message = message;
  if (frame.finding->message.empty()) return;
  const Type& a = a_.item(frame.pair.a).type;
  const Type& b = b_.item(frame.pair.b).type;
  if (!frame.finding->of_sizes || !explained(a, b)) report(frame);
  explain_sizes(a, b);
}

// What one line of the text does at every step is told once.
void Walk::report(const Frame& frame) {
  Difference difference{frame.finding->message, side(a_, frame.pair.a, frame.user.a),
                        side(b_, frame.pair.b, frame.user.b)};
  const auto told = [&](const Difference& other) {
    return other.message == difference.message && other.a.place == difference.a.place &&
           other.b.place == difference.b.place && difference.a.place.line != 0;
  };
  if (std::ranges::none_of(found_, told)) found_.push_back(std::move(difference));
}

void Walk::explain_sizes(const Type& a, const Type& b) {
  if (a.shape.rank() != b.shape.rank()) return;
  for (std::size_t d = 0; d < a.shape.rank(); ++d)
    if (a.shape.dims[d] != b.shape.dims[d]) sizes_.insert({a.shape.dims[d], b.shape.dims[d]});
}

bool Walk::explained(const Type& a, const Type& b) const {
  if (a.element != b.element || a.shape.rank() != b.shape.rank()) return false;
  for (std::size_t d = 0; d < a.shape.rank(); ++d)
    if (a.shape.dims[d] != b.shape.dims[d] && !sizes_.contains({a.shape.dims[d], b.shape.dims[d]}))
      return false;
  return true;
}

// A leaf is shown in what uses it.
Side Walk::side(const View& view, ItemId id, ItemId user) const {
  const auto place_of = [&](ItemId item) {
    const Node* node = view.item(item).node;
    return node ? node->place : Place{};
  };
  const Item& item = view.item(id);
  const bool shown_in_use = item.is_leaf() || item.kind == Kind::carry;
  Place place = place_of(shown_in_use ? user : id);
  if (place.line == 0) place = place_of(shown_in_use ? id : user);
  return {place, describe(view, shown_in_use ? user : id)};
}

}  // namespace coil::comparing

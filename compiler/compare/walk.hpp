#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "compiler/compare/align.hpp"
#include "compiler/compare/compare.hpp"

namespace coil::comparing {

// One walk over two graphs in step: each pair of items is looked at once, operands before users.
class Walk {
 public:
  Walk(const View& a, const View& b, std::size_t limit) : a_(a), b_(b), limit_(limit) {}

  std::vector<Difference> run();
  // Whether one side had a recurrence where the other had none.
  bool met_one_sided_recurrence() const { return one_sided_; }

 private:
  // What there is to say of a pair, once what it is computed from was walked.
  struct Finding {
    std::vector<Pair> inside;
    std::string message;    // empty: nothing differs here
    bool of_sizes = false;  // the message is of sizes only, which an earlier difference may explain
  };
  struct Frame {
    Pair pair;
    Pair user;
    std::optional<Finding> finding;  // from the first visit on
  };

  void outputs();
  void report_kinds(const Output& a, const Output& b);
  void follow(Pair root);
  void leave(Frame& frame);
  void report(const Frame& frame);

  Finding inspect(const Frame& frame);
  Finding other_ops(const Pair& pair);
  using FindInside = std::optional<ItemId> (*)(const View&, ItemId, const View&, ItemId);
  std::optional<Finding> wrapped(const Pair& pair, FindInside find) const;
  Finding terms(const Pair& pair);
  Finding operation(const Frame& frame);
  Finding leaf(const Frame& frame);
  Finding input(const Pair& pair);
  Finding scan(const Pair& pair);
  Finding carried(const Pair& pair);
  Finding last(const Pair& pair);
  Finding yielded(const Pair& pair);

  const std::vector<std::size_t>& bind_carries(const Pair& scans);
  bool correspond(const Item& a, const Item& b) const;
  std::string differing_last(const Pair& pair) const;
  // The message where a leaf is used as if it were two, or two as if they were one.
  std::string bind(const Pair& leaves);
  std::string differing_types(const Pair& pair);
  void explain_sizes(const Type& a, const Type& b);
  bool explained(const Type& a, const Type& b) const;
  Side side(const View& view, ItemId id, ItemId user) const;

  const View& a_;
  const View& b_;
  std::size_t limit_;
  std::set<std::pair<ItemId, ItemId>> seen_;
  std::map<ItemId, ItemId> to_b_, to_a_;                   // leaves and carries that correspond
  std::set<std::pair<std::int64_t, std::int64_t>> sizes_;  // that an earlier difference explains
  // By the scopes of two scans: which carry of the second is the counterpart of each of the first.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::size_t>> carries_;
  bool one_sided_ = false;
  std::vector<Difference> found_;
};

}  // namespace coil::comparing

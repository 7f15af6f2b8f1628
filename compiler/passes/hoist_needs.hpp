#pragma once

// Which values of a scan's body need which carried values.

#include <optional>
#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil {

class BodyNeeds {
 public:
  BodyNeeds(const Graph& body, const ScanAttributes& scan);

  // Carried values that need each other form a knot. Knots are numbered so that one needs only those
  // before it.
  std::size_t knots() const { return knots_; }
  std::size_t knot_of(std::size_t carry) const { return knot_[carry]; }
  // Whether the knot's carried values need themselves, and so a scan.
  bool is_recurrent(std::size_t knot) const { return recurrent_[knot]; }

  // Whether a node differs from step to step.
  bool varies(NodeId id) const { return varies_[id]; }
  // The knot whose scan has to compute the node: it needs the knot, and the knot needs it.
  std::optional<std::size_t> inside(NodeId id) const { return inside_[id]; }

  // Whether carried values only change places: each step's update of one is another one as it was.
  bool has_rotation() const;

  // What a node is when it is an input of the body. A carried value that every step leaves as it was is a
  // capture.
  std::optional<std::size_t> sequence(NodeId id) const;
  std::optional<std::size_t> carry(NodeId id) const;
  std::optional<std::size_t> capture(NodeId id) const;

 private:
  using Set = std::vector<bool>;  // by carry
  void find_reach();
  void find_knots();
  void find_inside();
  std::optional<std::int64_t> position(NodeId id) const;
  bool is_carried(std::int64_t position) const;
  bool is_kept(std::size_t carry) const;

  const Graph& body_;
  const ScanAttributes& scan_;
  std::size_t carries_;
  std::vector<Set> needs_;      // by node: the carried values that reach it
  std::vector<Set> needed_by_;  // by node: the carried values whose update it reaches
  std::vector<bool> varies_;
  std::vector<Set> closure_;  // by carry: the carried values that its update needs, at any distance
  std::vector<std::size_t> knot_;
  std::vector<bool> recurrent_;
  std::size_t knots_ = 0;
  std::vector<std::optional<std::size_t>> inside_;
};

}  // namespace coil

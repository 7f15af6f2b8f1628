#pragma once

// Walking two graphs side by side: what anti-unification and matching share.

#include "compiler/graph/hash.hpp"
#include "compiler/passes/roll_step.hpp"

namespace coil::rolling {

// For each node a number that alike nodes share: op, attributes but for where an element stands, type, and
// which weights and constants it uses directly. A quick no.
class Signatures {
 public:
  explicit Signatures(const Graph& graph) : graph_(graph) {}
  std::uint64_t of(Value value);
  // As `of`, with the operands' signatures some levels down (of commutative ops in any order).
  std::uint64_t deep(Value value) { return deep(value, levels - 1); }
  // One level down.
  std::uint64_t near(Value value) { return deep(value, 1); }

 private:
  static constexpr std::size_t levels = 4;
  std::uint64_t deep(Value value, std::size_t level);
  std::uint64_t shallow(NodeId id) const;

  const Graph& graph_;
  std::vector<std::uint64_t> known_[levels];  // 0: not yet
};

class Relation {
 public:
  Relation(const Graph& graph, Signatures& signatures) : graph_(graph), signatures_(signatures) {}
  virtual ~Relation() = default;

  // Whether b can stand where a stands; what is then known is kept, and forgotten again where not.
  bool relate(Value a, Value b);

  const ValueMap& related() const { return related_; }
  const std::optional<Mismatch>& mismatch() const { return mismatch_; }

 protected:
  enum class Verdict : std::uint8_t { yes, no, look_below };
  // What is to say of a pair before its operands are looked at. A `yes` may `bind`.
  virtual Verdict judge(Value a, Value b) = 0;
  virtual void unbind(Value, Value) {}

  void bind(Value a, Value b);
  void blame(Value a, Value b);

  const Graph& graph_;
  Signatures& signatures_;
  std::size_t budget_ = 20'000;  // pairs looked at
  std::size_t depth_ = 0;

 private:
  bool are_parts_apart(Value a, Value b) const;
  bool relate_operands(const Node& a, const Node& b);
  bool relate_groups(Op op, std::vector<Value> a, std::vector<Value> b);
  bool relate_first(Op op, const std::vector<Value>& a, const std::vector<Value>& b);
  bool expand_one(Op op, const std::vector<Value>& a, const std::vector<Value>& b);
  void roll_back(std::size_t mark);

  ValueMap related_;
  std::vector<Value> trail_;
  std::optional<Mismatch> mismatch_;
};

}  // namespace coil::rolling

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/graph/graph.hpp"
#include "compiler/source/source_file.hpp"

namespace coil::semantics {

// What a mistaken expression means. Whatever uses it is poison too, and nothing more is said.
struct Poison {
  bool operator==(const Poison&) const = default;
};

// A name that stands for itself, such as an activation's.
struct Word {
  std::string text;
  bool operator==(const Word&) const = default;
};

// One value a step, all of one type: a row while elaborating, and no node of the graph. `whole` is the
// value [batch, steps, ..] that an element is cut from when it is asked for; without it, `elements` has
// them all.
struct Sequence {
  Type element;
  std::int64_t steps = 0;
  std::optional<Value> whole;
  std::int64_t begin = 0;  // the step of `whole` that is the first here
  std::vector<Value> elements;
};
using SequencePtr = std::shared_ptr<const Sequence>;

// What `y[t] = h` fills, element by element and in any order. A sequence once it is complete.
struct Collection {
  struct Element {
    Value value;
    SourceRange where;  // what gave it
  };
  std::string name;
  SourceRange where;  // of its first element
  Type type;
  std::vector<std::optional<Element>> elements;
  std::size_t given = 0;
  SequencePtr complete;  // made when first asked for, gone with the next element
};
using CollectionPtr = std::shared_ptr<Collection>;

struct Meaning;
// What `split` gives, for as many names on the left.
using Parts = std::shared_ptr<const std::vector<Meaning>>;

// Where a value got its shape, for the notes below a message about shapes.
enum class OriginKind : std::uint8_t {
  expression,
  variable,
  input,
  parameter,
  layer,
  weight,
  state
};
struct Origin {
  OriginKind kind = OriginKind::expression;
  std::string name;
  SourceRange where;
};

// What an expression stands for. Numbers are known while elaborating and serve as sizes; a Value is a
// node of the graph, and a Sequence a row of them.
struct Meaning {
  std::variant<Poison, std::int64_t, double, Word, Value, SequencePtr, CollectionPtr, Parts> what;
  SourceRange where;  // the expression
  Origin origin;

  bool is_poison() const { return std::holds_alternative<Poison>(what); }
  bool is_number() const {
    return std::holds_alternative<std::int64_t>(what) || std::holds_alternative<double>(what);
  }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&what); }
  const Word* word() const { return std::get_if<Word>(&what); }
  const Value* value() const { return std::get_if<Value>(&what); }
  const Sequence* sequence() const {
    const auto* found = std::get_if<SequencePtr>(&what);
    return found ? found->get() : nullptr;
  }
  Collection* collection() const {
    const auto* found = std::get_if<CollectionPtr>(&what);
    return found ? found->get() : nullptr;
  }
  const std::vector<Meaning>* parts() const {
    const auto* found = std::get_if<Parts>(&what);
    return found ? found->get() : nullptr;
  }
};

inline Meaning poison(SourceRange where) { return {Poison{}, where, {}}; }

// A meaning that comes from nowhere but its own expression.
template <typename What>
Meaning meaning(What what, SourceRange where) {
  return {std::move(what), where, {OriginKind::expression, "", where}};
}

}  // namespace coil::semantics

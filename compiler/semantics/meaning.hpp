#pragma once

#include <cstdint>
#include <string>
#include <variant>

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

// Where a value got its shape, for the notes below a message about shapes.
enum class OriginKind : std::uint8_t { expression, variable, input, parameter, layer };
struct Origin {
  OriginKind kind = OriginKind::expression;
  std::string name;
  SourceRange where;
};

// What an expression stands for. Numbers are known while elaborating and serve as sizes; a Value is a
// node of the graph.
struct Meaning {
  std::variant<Poison, std::int64_t, double, Word, Value> what;
  SourceRange where;  // the expression
  Origin origin;

  bool is_poison() const { return std::holds_alternative<Poison>(what); }
  bool is_number() const {
    return std::holds_alternative<std::int64_t>(what) || std::holds_alternative<double>(what);
  }
  const Word* word() const { return std::get_if<Word>(&what); }
  const Value* value() const { return std::get_if<Value>(&what); }
};

inline Meaning poison(SourceRange where) { return {Poison{}, where, {}}; }

// A meaning that comes from nowhere but its own expression.
template <typename What>
Meaning meaning(What what, SourceRange where) {
  return {what, where, {OriginKind::expression, "", where}};
}

}  // namespace coil::semantics

#pragma once

// What a .model file says, as written: names are not looked up, sizes not computed, loops not run.
// Every node keeps the range of text it came from. Later constructs (for, state, weight, cell, import)
// are further alternatives of Statement and Declaration.

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/source/source_file.hpp"

namespace coil::ast {

struct Expression;
// Expressions are trees of unbounded width but bounded depth (see depth_guard.hpp).
using ExpressionPtr = std::unique_ptr<Expression>;

struct Identifier {
  std::string name;
  SourceRange where;
};

// 57, 0.5, 1e-3. An integer literal past int64 is kept as text and refused by the elaborator.
struct IntegerLiteral {
  std::string digits;
};
struct RealLiteral {
  double value = 0;
};

struct NameReference {
  std::string name;
};

enum class UnaryOperator { negate };
struct Unary {
  UnaryOperator op;
  ExpressionPtr operand;
};

// `first + a - b`: the operators of one precedence level in a row, applied from the left. A row, not a
// tree, so that a sum of a million terms is wide and not deep.
enum class BinaryOperator { add, subtract, multiply, divide, matmul };
struct Term {
  BinaryOperator op;
  SourceRange op_where;
  ExpressionPtr operand;
};
struct Chain {
  ExpressionPtr first;
  std::vector<Term> rest;
};

// `f(a, units = 4)`: a name is empty where the argument is positional.
struct Argument {
  std::optional<Identifier> name;
  ExpressionPtr value;
};
struct Call {
  Identifier callee;
  std::vector<Argument> arguments;
};

// `value |> stage |> stage`: a stage is a name, or a call that makes a layer.
struct Stage {
  Identifier callee;
  bool has_arguments = false;  // `last` and `last()` differ only in how fmt prints them
  std::vector<Argument> arguments;
  SourceRange where;
};
struct Pipeline {
  ExpressionPtr source;
  std::vector<Stage> stages;
};

struct Expression {
  SourceRange where;
  std::variant<IntegerLiteral, RealLiteral, NameReference, Unary, Chain, Call, Pipeline> node;
};

// `vocab = 57`
struct Parameter {
  Identifier name;
  ExpressionPtr value;
};

// `index(vocab)` names the number of values an index takes; `real[width, ...]` a shape.
struct IndexType {
  ExpressionPtr size;
};
struct RealType {
  std::vector<ExpressionPtr> sizes;
};
struct ValueType {
  SourceRange where;
  std::variant<IndexType, RealType> type;
};

// `input c1, c2: index(vocab)`
struct InputStatement {
  std::vector<Identifier> names;
  ValueType type;
};

// `layer mix = dense(hidden, tanh)`
struct LayerStatement {
  Identifier name;
  SourceRange maker_where;
  Call maker;
};

// `h = mix(h)`
struct AssignStatement {
  Identifier target;
  ExpressionPtr value;
};

// `output decode(h)`
struct OutputStatement {
  ExpressionPtr value;
};

struct Statement {
  SourceRange where;
  std::variant<InputStatement, LayerStatement, AssignStatement, OutputStatement> node;
};

struct Model {
  Identifier name;
  std::vector<Parameter> parameters;
  std::vector<Statement> statements;
  SourceRange where;
};

using Declaration = std::variant<Model>;

struct File {
  std::vector<Declaration> declarations;
};

}  // namespace coil::ast

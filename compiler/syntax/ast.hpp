#pragma once

// What a .model file says, as written: names are not looked up, sizes not computed, loops not run.
// Every node keeps the range of text it came from.

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

// `c[t]`, `V[0:width, :]`: one subscript a dimension, the batch not among them; of a sequence the first
// counts its steps. A single index takes that dimension away, a range `a:b` (from a, before b; either may
// be left out) keeps it.
struct Subscript {
  SourceRange where;
  bool is_range = false;
  ExpressionPtr begin;  // the index, or where the range begins; null where it was left out
  ExpressionPtr end;    // of a range
};
struct Indexed {
  ExpressionPtr base;
  std::vector<Subscript> subscripts;
};

struct Expression {
  SourceRange where;
  std::variant<IntegerLiteral, RealLiteral, NameReference, Unary, Chain, Call, Pipeline, Indexed>
      node;
};

// `vocab = 57`. A cell's parameter may have no default: the value is null then.
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

// `input c1, c2: index(vocab)`, `input c[steps]: index(vocab)`: steps is null but for a sequence.
struct InputName {
  Identifier name;
  ExpressionPtr steps;
};
struct InputStatement {
  std::vector<InputName> names;
  ValueType type;
};

// `layer mix = dense(hidden, tanh)`
struct LayerStatement {
  Identifier name;
  SourceRange maker_where;
  Call maker;
};

// `weight W: real[factors, 4 * hidden] = glorot_uniform`, `... = uniform(0.05)`
struct WeightStatement {
  Identifier name;
  ValueType type;
  SourceRange initializer_where;
  Identifier initializer;
  std::vector<Argument> arguments;  // of the initializer
};

// `state h: real[hidden]`
struct StateStatement {
  std::vector<Identifier> names;
  ValueType type;
};

// `h = mix(h)`, `i, f, g, o = split(x, 4)`, `y[t] = h`: index is null but for a collected sequence.
struct Target {
  Identifier name;
  ExpressionPtr index;
};
struct AssignStatement {
  std::vector<Target> targets;
  ExpressionPtr value;
};

// `output decode(h)`
struct OutputStatement {
  ExpressionPtr value;
};

// `yield h`, in a cell's step
struct YieldStatement {
  ExpressionPtr value;
};

struct Statement;

// Which statements a block may hold is in the table of keywords.cpp; in a file without errors no other
// stands there. `if` takes the rules of what surrounds it; the body of a loop is a loop's.

// `for t in 0..steps { ... }`
struct ForStatement {
  Identifier variable;
  ExpressionPtr begin;
  ExpressionPtr end;
  std::vector<Statement> body;
};

// `if reset_after { ... } else { ... }`, `if kind == fast { ... }`: decided while elaborating, by a
// parameter that is a name. Without `value` the parameter is compared with the name `true`. `else if` is an
// `if` alone in `otherwise`.
struct IfStatement {
  Identifier parameter;
  std::optional<Identifier> value;
  std::vector<Statement> then;
  std::vector<Statement> otherwise;
};

struct Statement {
  SourceRange where;
  std::variant<InputStatement, LayerStatement, WeightStatement, StateStatement, AssignStatement,
               OutputStatement, YieldStatement, ForStatement, IfStatement>
      node;
};

struct Model {
  Identifier name;
  std::vector<Parameter> parameters;
  std::vector<Statement> statements;
  SourceRange where;
};

// `step(x) { ... yield h }`: what a cell does with one element of a sequence.
struct Step {
  std::vector<Identifier> parameters;
  std::vector<Statement> body;
  SourceRange where;
};

// `cell MinGRU(units) { layer ... weight ... state ... step(x) { ... } }`
struct Cell {
  Identifier name;
  std::vector<Parameter> parameters;
  std::vector<Statement> statements;
  std::optional<Step> step;  // a file without errors has it
  SourceRange where;
};

// `import MinGRU, Other from "cells/mingru.model"`
struct Import {
  std::vector<Identifier> names;
  std::string path;
  SourceRange path_where;
  SourceRange where;
};

using Declaration = std::variant<Model, Cell, Import>;

struct File {
  std::vector<Declaration> declarations;
};

}  // namespace coil::ast

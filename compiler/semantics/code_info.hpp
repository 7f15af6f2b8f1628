#pragma once

// What a model's or a cell's text mentions, found by reading it once before anything is elaborated.

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "compiler/source/source_file.hpp"
#include "compiler/syntax/ast.hpp"

namespace coil::semantics {

// Where a name is defined first, to tell one that does not exist from one that is defined further down.
struct NamePlace {
  SourceRange where;
  bool in_loop = false;
};
using NamesOfCode = std::unordered_map<std::string, NamePlace>;

struct CodeInfo {
  NamesOfCode names;
  std::unordered_set<std::string> read;    // in an expression
  std::unordered_set<std::string> called;  // `name(...)` and `|> name`
  // By parameter, the names that an `if` compares it with.
  std::unordered_map<std::string, std::vector<std::string>> compared;
  std::unordered_map<std::string, std::string> makers;  // by layer, the kind it is made of
};

bool is_truth(const std::string& word);  // `true`, `false`

// The names in an expression, but of what it calls.
std::unordered_set<std::string> names_read(const ast::Expression& expression);

CodeInfo inspect(const ast::Model& model);
CodeInfo inspect(const ast::Cell& cell);

// The names that the parameter may be set to, where its default is `fallback` (empty: it has none).
std::vector<std::string> choices_of(const CodeInfo& info, const std::string& parameter,
                                    const std::string& fallback);

}  // namespace coil::semantics

#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/semantics/meaning.hpp"
#include "compiler/source/diagnostic.hpp"
#include "compiler/syntax/ast.hpp"

namespace coil::semantics {

struct Layer;

enum class BindingKind : std::uint8_t { parameter, input, variable, layer };

// What a name of the model stands for. A person's name goes before a function or layer kind of the
// same name, so that a new built-in never breaks a model.
struct Binding {
  BindingKind kind = BindingKind::variable;
  SourceRange where;  // the name, where it was defined
  Meaning meaning;    // but of a layer, which has none
  Layer* layer = nullptr;
  bool used = false;
};

// "an input", "a layer", ...
std::string_view describe(BindingKind kind);

// The names of one model.
class Scope {
 public:
  Binding* find(const std::string& name);
  Binding& define(const std::string& name, Binding binding);
  std::vector<std::string> names() const;  // sorted

 private:
  std::unordered_map<std::string, Binding> bindings_;
};

// Every name that a model defines anywhere, with its first place: to tell a name that does not exist
// from one that is defined further down, and to name layers that the person did not.
using NamesOfModel = std::unordered_map<std::string, SourceRange>;
NamesOfModel names_of(const ast::Model& model);

}  // namespace coil::semantics

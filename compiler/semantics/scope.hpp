#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/semantics/meaning.hpp"

namespace coil::semantics {

struct Layer;
struct StateSlot;

enum class BindingKind : std::uint8_t { parameter, input, variable, layer, weight, state, counter };

// What a name stands for. A person's name goes before a function or layer kind of the same name, so that
// a new built-in never breaks a model.
struct Binding {
  BindingKind kind = BindingKind::variable;
  SourceRange where;  // the name, where it was defined
  Meaning meaning;    // but of a layer, which has none
  Layer* layer = nullptr;
  StateSlot* state = nullptr;
  bool used = false;
};

// "an input", "a layer", ...
std::string_view describe(BindingKind kind);

// The names of one model or cell. Blocks nest: what is first defined in one ends with it, and what was
// defined before may be given anew in it. No name hides another.
class Scope {
 public:
  Binding* find(const std::string& name);
  // The block a name belongs to, 0 for the outermost.
  std::size_t block_of(const std::string& name) const;
  std::size_t innermost() const { return blocks_.size(); }

  // In the block where the name is defined already, else in the innermost, or in the one told.
  Binding& define(const std::string& name, Binding binding);
  Binding& define_in(std::size_t block, const std::string& name, Binding binding);

  void open() { blocks_.emplace_back(); }
  void close();

  std::vector<std::string> names() const;  // sorted

 private:
  struct Entry {
    Binding binding;
    std::size_t block = 0;
  };
  std::unordered_map<std::string, Entry> entries_;
  std::vector<std::vector<std::string>> blocks_;  // the names of each but the outermost
};

}  // namespace coil::semantics

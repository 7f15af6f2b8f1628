#include "compiler/semantics/scope.hpp"

#include <algorithm>

#include "compiler/source/internal_error.hpp"

namespace coil::semantics {

std::string_view describe(BindingKind kind) {
  switch (kind) {
    case BindingKind::parameter:
      return "a parameter";
    case BindingKind::input:
      return "an input";
    case BindingKind::variable:
      return "a value";
    case BindingKind::layer:
      return "a layer";
    case BindingKind::weight:
      return "a weight";
    case BindingKind::state:
      return "a state";
    case BindingKind::counter:
      return "a loop's counter";
  }
  throw InternalError("unknown kind of binding");
}

Binding* Scope::find(const std::string& name) {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second.binding;
}

std::size_t Scope::block_of(const std::string& name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? 0 : found->second.block;
}

Binding& Scope::define(const std::string& name, Binding binding) {
  return define_in(innermost(), name, std::move(binding));
}

Binding& Scope::define_in(std::size_t block, const std::string& name, Binding binding) {
  const auto [entry, is_new] = entries_.try_emplace(name);
  if (is_new) {
    entry->second.block = block;
    if (block > 0) blocks_[block - 1].push_back(name);
  }
  return entry->second.binding = std::move(binding);
}

void Scope::close() {
  for (const std::string& name : blocks_.back()) entries_.erase(name);
  blocks_.pop_back();
}

std::vector<std::string> Scope::names() const {
  std::vector<std::string> names;
  names.reserve(entries_.size());
  for (const auto& [name, entry] : entries_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace coil::semantics

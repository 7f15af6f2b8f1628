#pragma once

// The memory that outlives calls: weights and states, by name, at addresses that never change.

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "compiler/graph/graph.hpp"

#include "runtime/onednn/aligned_buffer.hpp"

namespace coil {

class Store {
 public:
  // Makes room for every weight and state of the graph that is not here yet, zeroed. A name that is here
  // with another shape is an InternalError. `batch` is that of states that have one.
  void add_leaves_of(const Graph& graph, std::int64_t batch = 1);

  bool has(const std::string& name) const { return entries_.contains(name); }
  // Elements of one leaf; an unknown name is an InternalError.
  std::span<float> values(const std::string& name);
  std::span<const float> values(const std::string& name) const;
  const Shape& shape(const std::string& name) const;

  // Counts changes made by others than the programs: tells them to pack their weights again.
  void touch() { ++version_; }
  std::uint64_t version() const { return version_; }

 private:
  struct Entry {
    Shape shape;
    std::size_t count = 0;
    AlignedBuffer buffer;
  };
  const Entry& entry(const std::string& name) const;

  std::map<std::string, Entry> entries_;
  std::uint64_t version_ = 0;
};

}  // namespace coil

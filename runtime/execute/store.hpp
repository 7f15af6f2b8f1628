#pragma once

// The memory that outlives calls: weights and an optimizer's states, by name, at addresses that never change.
// (States with a batch, a recurrence's memory, belong to the program of that batch.)
//
// Weights have two faces. Programs work on leaves, in `values`; files and people see stored weights. Where a
// leaf is a piece of a stored weight, the whole is kept beside it, where it has elements that no piece covers.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "compiler/graph/graph.hpp"

#include "runtime/onednn/aligned_buffer.hpp"

namespace coil {

class Store {
 public:
  // Makes room for every weight and every state without a batch that is not here yet, zeroed. A name that is
  // here with another shape is an InternalError.
  void add_leaves_of(const Graph& graph);

  bool has(const std::string& name) const { return entries_.contains(name); }
  // Elements of one leaf; an unknown name is an InternalError.
  std::span<float> values(const std::string& name);
  std::span<const float> values(const std::string& name) const;
  const Shape& shape(const std::string& name) const;

  // A stored weight as it is now, put together from its pieces where it has any; and the other way, which
  // counts as a touch. An unknown name or another number of elements is an InternalError.
  std::vector<float> stored(const std::string& name) const;
  void set_stored(const std::string& name, std::span<const float> values);

  // Counts changes made by others than the programs: tells them to pack their weights again.
  void touch() { ++version_; }
  std::uint64_t version() const { return version_; }

 private:
  struct Entry {
    Shape shape;
    std::span<float> values;  // in one of buffers_
  };
  struct Whole {
    Shape shape;
    std::map<std::string, Piece> pieces = {};  // by leaf; they lie apart
    std::size_t covered = 0;                   // elements that pieces have
    // All elements as they were given; none where the pieces have them all, or nothing was given.
    std::vector<float> given = {};

    std::size_t elements() const { return static_cast<std::size_t>(count(shape, 1)); }
  };
  void make_room(const std::map<std::string, Shape>& leaves);
  const Entry& entry(const std::string& name) const;
  void add_piece(const std::string& leaf, const Piece& piece);

  std::vector<AlignedBuffer> buffers_;  // one for what came together: large, and so in large pages
  std::map<std::string, Entry> entries_;
  std::map<std::string, Whole> wholes_;  // of stored weights that have pieces
  std::uint64_t version_ = 0;
};

}  // namespace coil

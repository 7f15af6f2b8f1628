#pragma once

// The memory that outlives calls: weights and an optimizer's states, by name, at addresses that never change.
// (States with a batch, a recurrence's memory, belong to the program of that batch.)
//
// Weights have two faces. Programs work on leaves, in `values`; files and people see stored weights. Where a
// leaf is a piece of a stored weight, the whole is kept beside it, where it has elements that no piece covers.
//
// A joint of leaves has memory of its own. Its parts are either in it or at home: asking for the joint takes them in,
// and asking for one of them brings them home.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/graph/graph.hpp"

#include "runtime/onednn/aligned_buffer.hpp"

namespace coil {

class Store {
 public:
  // Makes room for every weight and every state without a batch that is not here yet, parts of joints among them,
  // zeroed. A name that is here with another shape is an InternalError.
  void add_leaves_of(const Graph& graph);

  bool has(const std::string& name) const { return entries_.contains(name); }
  // Elements of one leaf, to read and to write until a joint that it is part of is asked for, or a part of it if it is
  // a joint. An unknown name is an InternalError.
  std::span<float> values(const std::string& name);
  // The same as they are now, copied; for a leaf that is no joint.
  std::vector<float> copy_of(const std::string& name) const;
  const Shape& shape(const std::string& name) const;

  // A stored weight as it is now, put together from its pieces where it has any; and the other way, which
  // counts as a touch. An unknown name or another number of elements is an InternalError.
  std::vector<float> stored(const std::string& name) const;
  void set_stored(const std::string& name, std::span<const float> values);

  // A weight of which that is so, by its stored name. Each number is looked at once, and nothing is allocated where
  // there is no such weight.
  std::optional<std::string> weight_that(bool (*is)(std::span<const float>)) const;

  // Counts changes made by others than the programs: tells them to pack their weights again.
  void touch() { ++version_; }
  std::uint64_t version() const { return version_; }
  // Changes whenever parts go into a joint or home: tells programs to ask for their leaves again.
  std::uint64_t arrangement() const { return arrangement_; }

 private:
  struct Entry {
    Shape shape;
    bool is_weight = false;
    std::map<std::string, Piece> parts = {};  // of a joint: the box of each part in it
    std::string in = {};                      // the joint that it is in; empty: at home
    std::span<float> values = {};             // in one of buffers_

    bool is_away() const { return !in.empty(); }
    bool is_joint() const { return !parts.empty(); }
  };
  struct Whole {
    Shape shape;
    std::map<std::string, Piece> pieces = {};  // by leaf; they lie apart
    std::size_t covered = 0;                   // elements that pieces have
    // All elements as they were given; none where the pieces have them all, or nothing was given.
    std::vector<float> given = {};

    std::size_t elements() const { return static_cast<std::size_t>(count(shape, 1)); }
  };
  using Entries = std::map<std::string, Entry>;
  void add_leaf(const std::string& name, Entry leaf, Entries& added) const;
  void make_room(const Entries& leaves);
  const Entry& entry(const std::string& name) const;
  Entry& entry(const std::string& name);
  void add_piece(const std::string& leaf, const Piece& piece);
  bool has_its_parts(const std::string& name, const Entry& joint) const;
  void take_in(const std::string& name);
  void bring_home(const std::string& name);
  void put_in(const std::string& part);
  const std::string& stored_name_of(const std::string& leaf) const;

  std::vector<AlignedBuffer> buffers_;  // one for what came together: large, and so in large pages
  Entries entries_;
  std::map<std::string, Whole> wholes_;  // of stored weights that have pieces
  std::uint64_t version_ = 0;
  std::uint64_t arrangement_ = 0;
};

}  // namespace coil

#pragma once

// What a run leaves behind for the next one to go on from: the memories of a model's recurrences, and of a text
// the characters and the place in the random numbers. On disk it is a safetensors file, checksummed as .coil files
// are:
//   state/NAME [rows, ..]  each state of the model
//   text [rows, n]         the last characters of each row as numbers of the vocabulary, where there is a text
//   metadata               coil.state: whose state it is and where it stands, as JSON; coil.vocabulary

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/artifact/tensor.hpp"
#include "runtime/execute/program.hpp"
#include "runtime/model/model.hpp"

namespace coil {

// Whose state it is. The hash is of the canonical graph: neither names nor weights count, since memories do not
// depend on them.
struct Identity {
  std::string model;  // its name, for messages
  std::string hash;
  std::string characters;  // of the vocabulary; empty where there is none
};
Identity identity_of(const Model& model);

struct LiveState {
  Identity identity;
  std::int64_t rows = 1;
  std::vector<Tensor> memories;  // named as the model's states; [rows, ..]

  // Of a text; empty after a run on arrays.
  std::vector<std::vector<std::int32_t>> text;  // a row each, all of one length
  bool last_is_unread = false;  // whether the memories do not know the last character yet
  std::uint64_t seed = 0;       // of row 0; that of row r is r more
  std::uint64_t drawn = 0;      // random numbers of each row so far
};

// The states of a program's graph as they are, and the other way. The memories must have been checked.
std::vector<Tensor> memories_of(Program& program);
void set_memories(const std::vector<Tensor>& memories, Program& program);

// A state of one row as that of several, each where the one stands.
LiveState repeated(LiveState state, std::int64_t rows);

// Atomically. RunError (io).
void save_state(const std::string& path, const LiveState& state);

// RunError: io, or bad_artifact where it is no state or not whole.
LiveState load_state(const std::string& path);

// Whether the file begins as save_state() writes it.
bool looks_like_state(const std::string& path);

// RunError (bad_artifact) naming both sides where the state is not of this model: another graph, another
// vocabulary, memories of other names or sizes; or where it is of another number of rows. `what` says whose the rows
// are: "--n-samples".
void check_state(const LiveState& state, const std::string& path, const Identity& identity,
                 const Graph& graph, std::int64_t rows, const std::string& what);

}  // namespace coil

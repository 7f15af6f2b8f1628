#pragma once

#include <memory>

#include "runtime/execute/executable.hpp"
#include "runtime/generate/live_state.hpp"
#include "runtime/generate/sampler.hpp"
#include "runtime/model/model.hpp"

namespace coil {

struct GenerateOptions {
  SamplerOptions sampling;
  std::uint64_t seed = 1;  // row r draws from the stream of seed + r
  Execution execution = 1;
  std::int64_t rows = 1;  // texts written side by side from one prompt
  // A model with states reads its window anew for each character, into states that have seen most of it before:
  // what the Keras tutorial does. Without states nothing changes.
  bool overlapping = false;
};

struct Candidate {
  char32_t character = 0;
  double probability = 0;
};

// Predicts characters as the model means them:
//   a model with states     reads each character once, one after the other, however many its text reads a call;
//                           what it read before is in its states
//   a model without         reads a window of the last characters for each, its recurrences from zeros: this is
//                           what the text says, and all that training has shown it
// Rows have a program of their own batch size, so that in the last bit of a probability a row may differ from the
// same text written alone; a row among several does not depend on what the others are, nor on the threads.
class Generator {
 public:
  // RunError (bad_artifact or usage) where the model has no weights or vocabulary, does not predict
  // characters, has states and cannot read one character a call, or an option makes no sense.
  Generator(Model& model, const GenerateOptions& options);

  // How many characters a call reads.
  std::size_t window() const { return face_.window.size(); }
  std::int64_t rows() const { return options_.rows; }

  // Sets the text so far, from zeroed states and from the first random number. Lower-cased first where the model
  // was trained so. A prompt shorter than the window is filled with spaces on the left; returns how many.
  // RunError (bad_text) for a character outside the vocabulary, unless `unknown` says otherwise.
  std::size_t prompt(const std::string& text, UnknownPolicy unknown = {});

  // Adds to the text so far, in every row.
  void append(const std::string& text, UnknownPolicy unknown = {});

  // Where another generator stood: its text, its states, its place in the random numbers (of the seed that the
  // options say). The state must have been checked against the model and the rows. RunError (bad_artifact) where
  // its text is shorter than the window. `path` is the state's.
  void restore(const LiveState& state, const std::string& path);

  // Draws from other seeds from now on: row r from seed + r.
  void reseed(std::uint64_t seed) { options_.seed = seed; }

  // To go on from here elsewhere. Reads what is unread but for the last character, which is not to have been read
  // yet: taken before candidates(). The identity is left to the caller.
  LiveState state();

  // Reads some of a long text ahead; whether there is more of it. Not needed, but lets the caller stop in between.
  bool read_ahead();

  // Whether nothing is unread but the last character.
  bool is_read() const { return unread_ <= 1; }

  // What may come next in the first row, the likeliest first.
  std::vector<Candidate> candidates();

  // Chooses the next character of each row, and goes on from there. RunError (bad_artifact) where the model predicts
  // what is no number.
  std::span<const std::int32_t> choose();
  // The same with one row.
  char32_t next();

 private:
  bool is_live() const { return face_.has_states && !options_.overlapping; }
  void settle();
  void read_last();
  void read_whole(std::int64_t batch);
  void trim();
  std::span<const float> prediction(std::size_t row);

  Model& model_;
  GenerateOptions options_;
  Graph graph_;  // the model's, or one step of it
  TextFace face_;
  Executable executable_;
  TextFace whole_face_;                // of the model's graph
  std::unique_ptr<Executable> whole_;  // the model's graph, to read a long text in larger pieces

  std::vector<std::vector<std::int32_t>> text_;  // the last characters of each row
  std::size_t unread_ = 0;                       // at their end
  // Whether all rows are still one: their states are then those of the program of batch 1.
  bool are_one_ = true;
  std::vector<std::int32_t> chosen_;
  std::uint64_t drawn_ = 0;
};

}  // namespace coil

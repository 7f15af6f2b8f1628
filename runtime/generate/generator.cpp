#include "runtime/generate/generator.hpp"

#include <algorithm>
#include <cmath>

#include "compiler/passes/retime.hpp"
#include "compiler/source/internal_error.hpp"
#include "compiler/source/run_error.hpp"

#include "runtime/artifact/quote.hpp"
#include "runtime/text/random.hpp"

namespace coil {
namespace {

// A text this many calls long is worth a program that reads all steps of the model's text a call; and a call of more
// steps than these is not worth its program.
constexpr std::size_t least_whole_calls = 4;
constexpr std::size_t most_whole_steps = 512;
// How much read_ahead() reads before it asks.
constexpr std::size_t ahead_characters = 256;

void check_options(const GenerateOptions& options) {
  check_sampler(options.sampling);
  if (options.rows < 1) fail(ExitCode::usage, "{} rows are no text", options.rows);
}

// What is run. Throws where that cannot generate.
Graph generating_graph(const Model& model, const GenerateOptions& options) {
  check_options(options);
  require_trained(model);
  std::string why;
  const auto face = text_face(model.graph, &why);
  if (!face)
    fail(ExitCode::bad_artifact, "model {} does not write text: {}", model.graph.name, why);
  if (!face->has_states || options.overlapping) return model.graph;
  auto single = one_step(model.graph, &why);
  if (!single)
    fail(ExitCode::bad_artifact,
         "model {} has a memory, and cannot read one character after the other: {}",
         model.graph.name, why);
  return std::move(*single);
}

void feed(Program& program, const TextFace& face, std::size_t row,
          std::span<const std::int32_t> characters) {
  for (std::size_t i = 0; i < characters.size(); ++i) {
    const TextFace::Place& place = face.window[i];
    program.index_input(place.leaf)[row * place.stride + place.offset] = characters[i];
  }
}

// Row 0 of `from` in every row of `to`.
void spread_states(Program& from, Program& to) {
  for (const NodeId id : leaves(from.plan().graph, Op::state)) {
    const std::string_view name = leaf_name(from.plan().graph.node(id));
    const auto one = from.state(name), all = to.state(name);
    for (std::size_t at = 0; at < all.size(); at += one.size())
      std::ranges::copy(one, all.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

}  // namespace

Generator::Generator(Model& model, const GenerateOptions& options)
    : model_(model),
      options_(options),
      graph_(generating_graph(model, options)),
      face_(*text_face(graph_)),
      executable_(graph_, Entry::predict, model.store, options.execution, options.rows),
      whole_face_(*text_face(model.graph)),
      text_(static_cast<std::size_t>(options.rows)) {
  prompt("");
}

std::size_t Generator::prompt(const std::string& text, UnknownPolicy unknown) {
  for (auto& row : text_) row.clear();
  unread_ = 0;
  drawn_ = 0;
  are_one_ = true;
  append(text, unknown);
  const std::size_t missing = window() - std::min(text_[0].size(), window());
  const std::int32_t space = model_.vocabulary->index_of(U' ').value_or(0);
  for (auto& row : text_) row.insert(row.begin(), missing, space);
  unread_ += missing;
  for (const std::int64_t batch : {std::int64_t{1}, options_.rows})
    executable_.at(batch).reset_states();
  return missing;
}

void Generator::append(const std::string& text, UnknownPolicy unknown) {
  if (text.empty()) return;
  const std::string letters = corpus_from_bytes(text, "the prompt", model_.letters);
  const auto characters = model_.vocabulary->encode(letters, "the prompt", unknown);
  for (auto& row : text_) row.insert(row.end(), characters.begin(), characters.end());
  unread_ += characters.size();
}

void Generator::restore(const LiveState& state, const std::string& path) {
  const std::size_t length = state.text.empty() ? 0 : state.text[0].size();
  const std::size_t needed = is_live() ? 0 : window();
  if (length < needed)
    fail(ExitCode::bad_artifact,
         "{}: the state has the last {} characters of its text, and the model reads {} a call",
         show_path(path), length, needed);
  text_ = state.text;
  text_.resize(static_cast<std::size_t>(options_.rows));
  unread_ = state.last_is_unread ? 1 : 0;
  drawn_ = state.drawn;
  are_one_ = options_.rows == 1;
  set_memories(state.memories, executable_.at(options_.rows));
}

LiveState Generator::state() {
  settle();
  require(unread_ == 1, "a state is taken while its last character is unread");
  LiveState state;
  state.rows = options_.rows;
  state.memories = memories_of(executable_.at(options_.rows));
  state.text = text_;
  state.last_is_unread = true;
  state.seed = options_.seed;
  state.drawn = drawn_;
  return state;
}

// One call of the model's graph, with the states of the one-step program before and after it.
void Generator::read_whole(std::int64_t batch) {
  if (!whole_)
    whole_ = std::make_unique<Executable>(model_.graph, Entry::predict, model_.store,
                                          options_.execution, batch);
  Program &whole = whole_->at(batch), &single = executable_.at(batch);
  const std::size_t steps = whole_face_.window.size();
  for (std::size_t row = 0; row < static_cast<std::size_t>(batch); ++row)
    feed(whole, whole_face_, row, std::span(text_[row]).last(unread_).first(steps));
  set_memories(memories_of(single), whole);
  whole.run();
  set_memories(memories_of(whole), single);
  unread_ -= steps;
}

bool Generator::read_ahead() {
  if (!is_live()) unread_ = std::min<std::size_t>(unread_, 1);
  const std::int64_t batch = are_one_ ? 1 : options_.rows;
  const std::size_t steps = whole_face_.window.size();
  const bool pays = steps > 1 && steps <= most_whole_steps && unread_ > steps * least_whole_calls;
  std::size_t room = ahead_characters;
  while (unread_ > 1 && room > 0) {
    if ((pays || whole_) && steps > 1 && unread_ > steps) {
      read_whole(batch);
      room -= std::min(room, steps);
      continue;
    }
    Program& program = executable_.at(batch);
    for (std::size_t row = 0; row < static_cast<std::size_t>(batch); ++row)
      feed(program, face_, row, std::span(text_[row]).last(unread_).first(1));
    program.run();
    --unread_;
    --room;
  }
  if (unread_ <= 1) trim();
  return unread_ > 1;
}

// Only the end of a text is looked at again.
void Generator::trim() {
  const std::size_t kept = std::max({window(), whole_face_.window.size(), std::size_t{64},
                                     static_cast<std::size_t>(options_.sampling.repeat_last_n)});
  for (auto& row : text_)
    if (row.size() > 2 * kept)
      row.erase(row.begin(), row.end() - static_cast<std::ptrdiff_t>(kept));
}

// All read but the last character, and each row's states its own.
void Generator::settle() {
  while (read_ahead()) {
  }
  if (are_one_ && options_.rows > 1)
    spread_states(executable_.at(1), executable_.at(options_.rows));
  are_one_ = options_.rows == 1;
}

void Generator::read_last() {
  settle();
  if (text_[0].empty())
    fail(ExitCode::usage, "the state that was read has no text to go on from; give it a prompt");
  if (unread_ == 0 && face_.has_states) return;  // read: once more would be once too often
  Program& program = executable_.at(options_.rows);
  for (std::size_t row = 0; row < text_.size(); ++row)
    feed(program, face_, row, std::span(text_[row]).last(window()));
  program.run();
  unread_ = 0;
}

std::span<const float> Generator::prediction(std::size_t row) {
  const auto all = executable_.at(options_.rows).output(face_.output);
  const std::size_t end = (row + 1) * face_.predictions * face_.classes;
  const auto probabilities = all.first(end).last(face_.classes);
  // A model may have more outputs than the vocabulary has characters.
  const auto known = probabilities.first(std::min(probabilities.size(), model_.vocabulary->size()));
  for (const float p : known)
    if (!std::isfinite(p))
      fail(ExitCode::bad_artifact, "model {} predicts {}: its weights are broken",
           model_.graph.name, p);
  if (*std::ranges::max_element(known) == 0)
    fail(ExitCode::bad_artifact, "model {} gives no character of its vocabulary any chance",
         model_.graph.name);
  return known;
}

std::vector<Candidate> Generator::candidates() {
  read_last();
  const auto probabilities = prediction(0);
  std::vector<Candidate> all;
  for (std::size_t i = 0; i < probabilities.size(); ++i)
    all.push_back({model_.vocabulary->at(i), probabilities[i]});
  std::ranges::stable_sort(all, std::ranges::greater{}, &Candidate::probability);
  return all;
}

std::span<const std::int32_t> Generator::choose() {
  read_last();
  chosen_.clear();
  for (std::size_t row = 0; row < text_.size(); ++row) {
    const auto weights = filtered(prediction(row), text_[row], options_.sampling);
    const Random random(options_.seed + row, RandomStream::sample);
    chosen_.push_back(static_cast<std::int32_t>(draw(weights, random.uniform01(drawn_))));
    text_[row].push_back(chosen_.back());
  }
  ++drawn_;
  unread_ = 1;
  trim();
  return chosen_;
}

char32_t Generator::next() {
  require(options_.rows == 1, "one character at a time is that of one row");
  return model_.vocabulary->at(static_cast<std::size_t>(choose()[0]));
}

}  // namespace coil

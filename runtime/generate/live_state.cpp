#include "runtime/generate/live_state.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/ranges.h>
#include <fstream>
#include <nlohmann/json.hpp>

#include "compiler/graph/hash.hpp"
#include "compiler/source/internal_error.hpp"
#include "compiler/source/run_error.hpp"

#include "runtime/artifact/artifact.hpp"
#include "runtime/artifact/quote.hpp"
#include "runtime/model/metadata.hpp"

namespace coil {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* state_key = "coil.state";
constexpr const char* text_name = "text";
constexpr std::string_view memory_prefix = "state/";

std::string to_json(const LiveState& state) {
  Json json;
  json["model"] = state.identity.model;
  json["graph"] = state.identity.hash;
  json["rows"] = state.rows;
  json["last_is_unread"] = state.last_is_unread;
  json["seed"] = state.seed;
  json["drawn"] = state.drawn;
  return json.dump();
}

// The file may claim anything: what is missing or of another kind is refused, not guessed.
class Fields {
 public:
  Fields(const std::string& text, const std::string& path) : path_(path) {
    constexpr std::size_t largest = std::size_t{64} << 10;
    if (text.size() <= largest) json_ = Json::parse(text, nullptr, false);
    if (!json_.is_object())
      fail(ExitCode::bad_artifact, "{}: its {} is no JSON object", show_path(path), state_key);
  }
  std::string text(const char* name) const { return at(name, &Json::is_string).get<std::string>(); }
  bool flag(const char* name) const { return at(name, &Json::is_boolean).get<bool>(); }
  std::uint64_t whole(const char* name) const {
    return at(name, &Json::is_number_unsigned).get<std::uint64_t>();
  }

 private:
  const Json& at(const char* name, bool (Json::*is_right)() const noexcept) const {
    const auto found = json_.find(name);
    if (found == json_.end() || !((*found).*is_right)())
      fail(ExitCode::bad_artifact, "{}: '{}' of {} is missing or of the wrong kind",
           show_path(path_), name, state_key);
    return *found;
  }

  Json json_;
  const std::string& path_;
};

// Numbers of the vocabulary, in the floats of a tensor.
Tensor text_tensor(const LiveState& state) {
  Tensor tensor{text_name, {state.rows, std::ssize(state.text[0])}, {}};
  for (const auto& row : state.text)
    for (const std::int32_t index : row) tensor.values.push_back(static_cast<float>(index));
  return tensor;
}

std::size_t count_characters(const std::string& characters) {
  return static_cast<std::size_t>(
      std::ranges::count_if(characters, [](char c) { return (c & 0xC0) != 0x80; }));
}

void read_text(const Tensor& tensor, const std::string& path, LiveState& state) {
  if (tensor.shape.size() != 2 || tensor.shape[0] != state.rows)
    fail(ExitCode::bad_artifact, "{}: its text is {}, and it has {} rows", show_path(path),
         show_shape(tensor.shape), state.rows);
  const auto bound = static_cast<float>(count_characters(state.identity.characters));
  for (const float value : tensor.values)
    if (!(value >= 0 && value < bound && value == std::floor(value)))
      fail(ExitCode::bad_artifact, "{}: its text has {}, which is no number of its vocabulary",
           show_path(path), value);
  const auto length = static_cast<std::size_t>(tensor.shape[1]);
  for (std::size_t row = 0; row < static_cast<std::size_t>(state.rows); ++row) {
    const auto from = std::span(tensor.values).subspan(row * length, length);
    state.text.emplace_back(from.begin(), from.end());
  }
}

void read_tensors(std::vector<Tensor>& tensors, const std::string& path, LiveState& state) {
  for (Tensor& tensor : tensors) {
    if (tensor.name == text_name) {
      read_text(tensor, path, state);
    } else if (tensor.name.starts_with(memory_prefix)) {
      tensor.name.erase(0, memory_prefix.size());
      state.memories.push_back(std::move(tensor));
    } else {
      fail(ExitCode::bad_artifact, "{}: a state has no tensor {}", show_path(path),
           quote(tensor.name));
    }
  }
  const bool has_text = !state.text.empty() && !state.text[0].empty();
  if (state.last_is_unread != has_text)
    fail(ExitCode::bad_artifact, "{}: it has {} text, and says that its last character is {}read",
         show_path(path), has_text ? "a" : "no", state.last_is_unread ? "un" : "");
}

std::string shown(const Identity& identity) {
  return fmt::format("{} (graph {})", identity.model, identity.hash);
}

void check_memory(const std::vector<Tensor>& memories, const std::string& path, const Node& leaf,
                  std::int64_t rows) {
  const std::string name(leaf_name(leaf));
  const auto wanted = concrete_dims(leaf.types[0].shape, rows);
  const auto found = std::ranges::find(memories, name, &Tensor::name);
  if (found == memories.end())
    fail(ExitCode::bad_artifact, "{}: it lacks the model's state '{}' {}", show_path(path), name,
         show_shape(wanted));
  if (found->shape != wanted)
    fail(ExitCode::bad_artifact, "{}: its state '{}' is {}, and the model's is {}", show_path(path),
         name, show_shape(found->shape), show_shape(wanted));
  const auto is_broken = [](float x) { return !std::isfinite(x); };
  if (std::ranges::any_of(found->values, is_broken))
    fail(ExitCode::bad_artifact, "{}: its state '{}' is not finite", show_path(path), name);
}

}  // namespace

Identity identity_of(const Model& model) {
  return {model.graph.name, to_string(hash_of(model.graph)),
          model.vocabulary ? model.vocabulary->characters() : ""};
}

std::vector<Tensor> memories_of(Program& program) {
  std::vector<Tensor> memories;
  const Graph& graph = program.plan().graph;
  for (const NodeId id : leaves(graph, Op::state)) {
    const Node& leaf = graph.node(id);
    const auto values = program.state(leaf_name(leaf));
    memories.push_back({std::string(leaf_name(leaf)),
                        concrete_dims(leaf.types[0].shape, program.batch()),
                        {values.begin(), values.end()}});
  }
  return memories;
}

void set_memories(const std::vector<Tensor>& memories, Program& program) {
  for (const Tensor& memory : memories)
    std::ranges::copy(memory.values, program.state(memory.name).begin());
}

LiveState repeated(LiveState state, std::int64_t rows) {
  require(state.rows == 1, "a state of {} rows is that of one", state.rows);
  state.rows = rows;
  if (!state.text.empty()) state.text.resize(static_cast<std::size_t>(rows), state.text[0]);
  for (Tensor& memory : state.memories) {
    memory.shape[0] = rows;
    const std::vector<float> row = memory.values;
    for (std::int64_t r = 1; r < rows; ++r)
      memory.values.insert(memory.values.end(), row.begin(), row.end());
  }
  return state;
}

void save_state(const std::string& path, const LiveState& state) {
  Artifact artifact;
  artifact.metadata[state_key] = to_json(state);
  if (!state.identity.characters.empty())
    artifact.metadata[vocabulary_key] = state.identity.characters;
  for (const Tensor& memory : state.memories)
    artifact.tensors.push_back(
        {std::string(memory_prefix) + memory.name, memory.shape, memory.values});
  if (!state.text.empty()) artifact.tensors.push_back(text_tensor(state));
  save_artifact(path, artifact);
}

LiveState load_state(const std::string& path) {
  Artifact artifact = load_artifact(path);
  const auto json = artifact.metadata.find(state_key);
  if (json == artifact.metadata.end())
    fail(ExitCode::bad_artifact, "{}: it is no state, as --state-out writes it{}", show_path(path),
         artifact.metadata.contains(graph_key) ? ", but a model" : "");
  const Fields fields(json->second, path);
  LiveState state;
  state.identity = {fields.text("model"), fields.text("graph"), artifact.metadata[vocabulary_key]};
  constexpr std::uint64_t most_rows = 1'000'000;
  const std::uint64_t rows = fields.whole("rows");
  if (rows < 1 || rows > most_rows)
    fail(ExitCode::bad_artifact, "{}: it says that it has {} rows", show_path(path), rows);
  state.rows = static_cast<std::int64_t>(rows);
  state.last_is_unread = fields.flag("last_is_unread");
  state.seed = fields.whole("seed");
  state.drawn = fields.whole("drawn");
  read_tensors(artifact.tensors, path, state);
  return state;
}

bool looks_like_state(const std::string& path) {
  std::array<char, 512> bytes{};
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), bytes.size());
  const std::string_view start(bytes.data(), static_cast<std::size_t>(file.gcount()));
  return start.find("\"coil.format\"") != std::string_view::npos &&
         start.find("\"coil.state\":") != std::string_view::npos;
}

void check_state(const LiveState& state, const std::string& path, const Identity& identity,
                 const Graph& graph, std::int64_t rows, const std::string& what) {
  if (state.identity.hash != identity.hash)
    fail(ExitCode::bad_artifact, "{}: the state is of model {}, and this one is {}",
         show_path(path), shown(state.identity), shown(identity));
  if (state.identity.characters != identity.characters)
    fail(ExitCode::bad_artifact,
         "{}: the state is of a model {} with {} characters, and this one has other ones, {}",
         show_path(path), state.identity.model, count_characters(state.identity.characters),
         count_characters(identity.characters));
  if (state.rows != rows)
    fail(ExitCode::bad_artifact, "{}: the state is of {} {}, and {} is {}", show_path(path),
         state.rows, state.rows == 1 ? "row" : "rows", what, rows);
  const auto states = leaves(graph, Op::state);
  for (const NodeId id : states) check_memory(state.memories, path, graph.node(id), rows);
  if (state.memories.size() != states.size())
    fail(ExitCode::bad_artifact, "{}: it has {} states, and the model has {}", show_path(path),
         state.memories.size(), states.size());
}

}  // namespace coil

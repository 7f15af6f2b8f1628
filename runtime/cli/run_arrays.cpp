#include "runtime/cli/run_arrays.hpp"

#include <algorithm>
#include <fmt/ranges.h>
#include <map>

#include "compiler/graph/faces.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/suggest.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/artifact/npy.hpp"
#include "runtime/artifact/quote.hpp"
#include "runtime/cli/output_file.hpp"
#include "runtime/execute/executable.hpp"

namespace coil::cli {
namespace {

using Files = std::map<std::string, std::string>;  // a file's path by the name of what it holds

// What `option` says, against the names there are.
Files files_by_name(const std::string& option, const std::vector<std::string>& words,
                    const std::vector<std::string>& names) {
  Files files;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    const bool bare = equals == std::string::npos && names.size() == 1;
    const std::string name = bare ? names[0] : word.substr(0, equals);
    if (!bare && equals == std::string::npos)
      fail(ExitCode::usage, "{} {}: expected NAME=FILE.npy, with one of {}", option,
           printable(word), fmt::join(names, ", "));
    if (std::ranges::find(names, name) == names.end())
      fail(ExitCode::usage, "{}: the model has no '{}'; it has {}{}", option, printable(name),
           fmt::join(names, ", "), did_you_mean(name, names));
    const std::string path = bare ? word : word.substr(equals + 1);
    if (!files.emplace(name, path).second)
      fail(ExitCode::usage, "{}: '{}' is given twice", option, name);
  }
  return files;
}

// An array that was read for an input, and what the input takes.
struct Feed {
  FedInput input;
  const Node& leaf;
  std::string path;
  NpyArray array;
};

void check_shape(const Feed& feed) {
  const std::vector<std::int64_t>& wanted = feed.input.type.shape.dims;
  const std::vector<std::int64_t>& given = feed.array.shape;
  bool fits = given.size() == wanted.size();
  for (std::size_t i = 0; fits && i < wanted.size(); ++i)
    fits = wanted[i] == batch_dim ? given[i] > 0 : given[i] == wanted[i];
  if (!fits)
    fail(ExitCode::bad_artifact, "{}: the array is {}, and input '{}' takes {}",
         show_path(feed.path), show_shape(given), feed.input.name,
         to_string(feed.input.type.shape));
}

// "[3, 1]" for the element at `at`.
std::string position(const std::vector<std::int64_t>& shape, std::size_t at) {
  std::vector<std::int64_t> place(shape.size());
  auto left = static_cast<std::int64_t>(at);
  for (std::size_t i = shape.size(); i-- > 0; left /= shape[i]) place[i] = left % shape[i];
  return show_shape(place);
}

// Rows to where the leaf has them: one behind the other, or each at its step of a sequence.
template <typename From, typename To>
void copy_rows(const Feed& feed, const std::vector<From>& from, std::span<To> to) {
  const std::size_t rows = feed.input.type.shape.is_batched()
                               ? static_cast<std::size_t>(feed.array.shape[0])
                               : std::size_t{1};
  const std::size_t row = from.size() / rows, stride = to.size() / rows;
  const std::size_t start = row * static_cast<std::size_t>(feed.input.step.value_or(0));
  for (std::size_t n = 0; n < rows; ++n)
    for (std::size_t i = 0; i < row; ++i)
      to[n * stride + start + i] = static_cast<To>(from[n * row + i]);
}

void copy_indices(const Feed& feed, Program& program) {
  const auto* values = std::get_if<std::vector<std::int32_t>>(&feed.array.values);
  if (!values)
    fail(ExitCode::bad_artifact,
         "{}: the array holds reals, and input '{}' takes indices: save it as integers",
         show_path(feed.path), feed.input.name);
  const std::int64_t bound = std::get<InputAttributes>(feed.leaf.attributes).bound;
  const auto outside = [bound](std::int32_t index) { return index < 0 || index >= bound; };
  const auto bad = std::ranges::find_if(*values, outside);
  if (bad != values->end())
    fail(ExitCode::bad_artifact, "{}: the index {} at {} is not from 0 to {}, as input '{}' takes",
         show_path(feed.path), *bad,
         position(feed.array.shape, static_cast<std::size_t>(bad - values->begin())), bound - 1,
         feed.input.name);
  copy_rows(feed, *values, program.index_input(leaf_name(feed.leaf)));
}

void copy_reals(const Feed& feed, Program& program) {
  const auto to = program.real_input(leaf_name(feed.leaf));
  std::visit([&](const auto& values) { copy_rows(feed, values, to); }, feed.array.values);
}

std::vector<Feed> read_feeds(const Graph& graph, const std::vector<std::string>& words) {
  const std::vector<FedInput> inputs = fed_inputs(graph);
  std::vector<std::string> names;
  for (const FedInput& input : inputs) names.push_back(input.name);
  const Files files = files_by_name("--input", words, names);
  std::vector<Feed> feeds;
  for (const FedInput& input : inputs) {
    const auto file = files.find(input.name);
    if (file == files.end())
      fail(ExitCode::usage, "--input: '{}' is missing; the model takes {}", input.name,
           fmt::join(names, ", "));
    feeds.push_back({input, graph.node(input.leaf), file->second, read_npy(file->second)});
    check_shape(feeds.back());
  }
  return feeds;
}

std::int64_t batch_of(const std::vector<Feed>& feeds) {
  const Feed* first = nullptr;
  for (const Feed& feed : feeds) {
    if (!feed.input.type.shape.is_batched()) continue;
    if (!first) first = &feed;
    if (feed.array.shape[0] != first->array.shape[0])
      fail(ExitCode::bad_artifact, "{} has {} rows and {} has {}: the batch must be the same",
           show_path(first->path), first->array.shape[0], show_path(feed.path),
           feed.array.shape[0]);
  }
  return first ? first->array.shape[0] : 1;
}

Files output_files(const Graph& graph, const std::vector<std::string>& words) {
  std::vector<std::string> names;
  for (const Output& output : graph.outputs)
    if (output.kind == OutputKind::result) names.push_back(output.name);
  if (words.empty()) fail(ExitCode::usage, "--output FILE.npy is missing: where the result goes");
  const Files files = files_by_name("--output", words, names);
  for (const auto& [name, path] : files) require_writable("--output", path);
  return files;
}

void write_output(const Graph& graph, const Program& program, const std::string& name,
                  const std::string& path) {
  const auto output = std::ranges::find(graph.outputs, name, &Output::name);
  const auto values = program.output(name);
  const Shape& shape = graph.type(output->value).shape;
  write_npy(path, {concrete_dims(shape, program.batch()),
                   std::vector<float>(values.begin(), values.end())});
}

void require_states(const Graph& graph, const StateFiles& files) {
  if (!leaves(graph, Op::state).empty()) return;
  for (const auto& [option, path] :
       {std::pair("--state-in", &files.in), {"--state-out", &files.out}})
    if (!path->empty())
      fail(ExitCode::usage, "{}: model {} has no states, so that nothing goes from run to run",
           option, graph.name);
}

void set_state(const Graph& graph, const ArrayRun& run, Program& program) {
  const auto state = read_state(run.states);
  if (!state) return;
  check_state(*state, run.states.in, run.identity, graph, program.batch(),
              "the batch of the arrays");
  if (state->last_is_unread)
    fail(ExitCode::bad_artifact,
         "{}: the state is of a text whose last character waits to be read; `coil generate` and "
         "`coil run --text` go on from it",
         show_path(run.states.in));
  set_memories(state->memories, program);
}

void save_state_of(const ArrayRun& run, Program& program) {
  if (run.states.out.empty()) return;
  LiveState state;
  state.identity = run.identity;
  state.rows = program.batch();
  state.memories = memories_of(program);
  save_state(run.states.out, state);
}

}  // namespace

void run_arrays(Model& model, const ArrayRun& run) {
  const Files files = output_files(model.graph, run.outputs);
  require_states(model.graph, run.states);
  const std::vector<Feed> feeds = read_feeds(model.graph, run.inputs);
  const std::int64_t batch = batch_of(feeds);
  Executable executable(model.graph, Entry::predict, model.store, run.execution, batch);
  Program& program = executable.at(batch);
  set_state(model.graph, run, program);
  for (const Feed& feed : feeds)
    if (feed.input.type.element == Element::index)
      copy_indices(feed, program);
    else
      copy_reals(feed, program);
  program.run();
  for (const auto& [name, path] : files) write_output(model.graph, program, name, path);
  save_state_of(run, program);
}

}  // namespace coil::cli

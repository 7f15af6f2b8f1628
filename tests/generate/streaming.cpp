// One step after the other is what one call of many steps is: to the last bit as the interpreter means it, and
// closely in f32.

#include <catch2/catch.hpp>
#include <functional>

#include "compiler/compile/compile.hpp"
#include "compiler/passes/retime.hpp"
#include "compiler/source/load.hpp"

#include "tests/equivalence/random_cell.hpp"
#include "tests/execute/run_graph.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/feeds.hpp"

namespace coil::test {
namespace {

using Run = std::function<Outputs(const Feeds&)>;

Graph canonical_of(const SourceFile& file, const std::vector<Definition>& definitions = {},
                   const std::string& model = "") {
  Diagnostics diagnostics(file);
  Runner runner;
  auto compiled = compile(file, {model, definitions}, diagnostics, runner);
  INFO(file.text() << "\n" << diagnostics.render());
  REQUIRE(compiled);
  return std::move(compiled->canonical);
}

Graph file_of_repository(const std::string& path, const std::vector<Definition>& definitions,
                         const std::string& model) {
  return canonical_of(load_source(std::string(COIL_REPOSITORY) + "/" + path), definitions, model);
}

std::int64_t length_of(const Array& sequence) { return sequence.dims[1]; }

// Elements [begin, begin + size) of a sequence of each row.
Array part_of(const Array& sequence, std::int64_t begin, std::int64_t size) {
  std::vector<std::int64_t> starts(sequence.dims.size(), 0), sizes = sequence.dims;
  starts[1] = begin;
  sizes[1] = size;
  return cut(sequence, starts, sizes, sizes);
}

// What the calls gave after each other: every result's last step of each call, and the states in the end.
struct Streamed {
  std::vector<double> last;    // of the results after each `every` steps
  std::vector<double> states;  // in the order of their names
};

// Feeds sequences `steps` elements a call. Only what comes after each `every` steps is kept.
Streamed stream(const Graph& graph, const Run& run, Feeds feeds,
                const std::map<std::string, Array>& sequences, std::int64_t steps,
                std::int64_t every) {
  Streamed streamed;
  const std::int64_t length = length_of(sequences.begin()->second);
  for (std::int64_t at = 0; at < length; at += steps) {
    for (const auto& [name, whole] : sequences) feeds[name] = part_of(whole, at, steps);
    const Outputs outputs = run(feeds);
    for (const Output& output : graph.outputs) {
      if (output.kind == OutputKind::update) {
        feeds[output.name] = outputs.at("update:" + output.name);
        continue;
      }
      if ((at + steps) % every != 0) continue;
      const Array& array = outputs.at(output.name);
      const bool in_steps = graph.type(output.value).shape.rank() == 3;
      const Array last = in_steps ? part_of(array, length_of(array) - 1, 1) : array;
      streamed.last.insert(streamed.last.end(), last.values.begin(), last.values.end());
    }
  }
  for (const NodeId id : leaves(graph, Op::state)) {
    const Array& state = feeds.at(std::string(leaf_name(graph.node(id))));
    streamed.states.insert(streamed.states.end(), state.values.begin(), state.values.end());
  }
  return streamed;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double largest = 1e-30, apart = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(a[i]));
    apart = std::max(apart, std::abs(a[i] - b[i]));
  }
  return apart / largest;
}

Run interpreter(const Graph& graph, std::int64_t batch) {
  return [&graph, batch](const Feeds& feeds) { return evaluate(graph, feeds, batch); };
}

Run compiled(const Graph& entry, std::int64_t batch) {
  return [&entry, batch](const Feeds& feeds) { return run_graph(entry, feeds, batch, 1); };
}

// Of a recurrence that was not rolled nothing is known to be a sequence.
bool reads_alike(const Graph& whole, const Graph& single) {
  const auto type = [](const Graph& graph) {
    return graph.node(leaves(graph, Op::input).at(0)).types[0];
  };
  return type(whole) == type(single);
}

constexpr std::int64_t batch = 2, calls = 3;

// Both ways of reading `calls` times the steps of the model.
void check_streams(const Graph& whole, const Graph& single, std::uint64_t seed) {
  Feeds feeds = rounded_to_float(random_feeds(whole, batch, seed));
  std::map<std::string, Array> sequences;
  std::int64_t steps = 0;
  for (const NodeId id : leaves(whole, Op::input)) {
    Type type = whole.node(id).types[0];
    steps = type.shape.dims[1];
    type.shape.dims[1] *= calls;
    Rng rng(seed);
    Array all = filled(type, batch, 0);
    for (double& x : all.values)
      x = type.element == Element::real
              ? static_cast<float>(rng.uniform(-1.5, 1.5))
              : static_cast<double>(
                    rng.between(0, std::get<InputAttributes>(whole.node(id).attributes).bound - 1));
    sequences[std::string(leaf_name(whole.node(id)))] = std::move(all);
  }
  REQUIRE(steps > 1);
  const Streamed meant = stream(whole, interpreter(whole, batch), feeds, sequences, steps, steps);
  const Streamed one = stream(single, interpreter(single, batch), feeds, sequences, 1, steps);
  REQUIRE(meant.last.size() > 0);
  REQUIRE(meant.states.size() > 0);
  CHECK(meant.last == one.last);
  CHECK(meant.states == one.states);
  for (const LoweringRow& row : lowerings()) {
    INFO(row.name);
    Runner runner;
    runner.batch = batch;
    runner.lowering = row.lowering;
    const Graph whole_entry = runner.derive(whole, Entry::predict);
    const Graph single_entry = runner.derive(single, Entry::predict);
    const Streamed long_calls =
        stream(whole, compiled(whole_entry, batch), feeds, sequences, steps, steps);
    const Streamed steps_apart =
        stream(single, compiled(single_entry, batch), feeds, sequences, 1, steps);
    CHECK(distance(long_calls.last, steps_apart.last) <= 1e-5);
    CHECK(distance(long_calls.states, steps_apart.states) <= 1e-5);
    CHECK(distance(meant.last, steps_apart.last) <= 1e-5);
  }
}

}  // namespace

TEST_CASE("the stateful models streamed one character at a time are themselves") {
  const std::vector<Definition> small = {{"hidden", "9"}, {"factors", "5"}, {"vocab", "13"}};
  const std::pair<const char*, const char*> models[] = {
      {"models/char_stateful_rnn.model", ""},
      {"models/char_stateful_lstm.model", ""},
      {"examples/hand_lstm.model", "HandLSTM"},
      {"examples/hand_lstm.model", "HandCellLSTM"}};
  for (const auto& [path, name] : models) {
    INFO(path << " " << name);
    const Graph whole = file_of_repository(path, small, name);
    std::string why;
    const auto single = one_step(whole, &why);
    INFO(why);
    REQUIRE(single);
    for (std::uint64_t seed = 1; seed <= 3; ++seed) check_streams(whole, *single, seed);
  }
}

TEST_CASE("random recurrences with states streamed one step at a time are themselves") {
  int stateful = 0, streamed = 0;
  for (std::uint64_t seed = 0; seed < cases(400); ++seed) {
    Rng rng(seed);
    const RandomCell cell = random_cell(rng);
    if (cell.start != Start::states || !cell.is_recurrence) continue;
    ++stateful;
    const Graph whole = canonical_of(SourceFile("m.model", as_loop(cell)));
    std::string why;
    const auto single = one_step(whole, &why);
    INFO("seed " << seed << "\n" << as_loop(cell) << why);
    // Where one state goes into the first value of another memory, a step is not all that a call does.
    if (!single)
      CHECK((why.find("it puts a sequence together") != std::string::npos ||
             why.find("is more than the memory") != std::string::npos ||
             why.find("starts from what is computed of a state") != std::string::npos));
    if (!single || reads_alike(whole, *single)) continue;
    ++streamed;
    check_streams(whole, *single, seed);
  }
  INFO(streamed << " of " << stateful);
  CHECK(stateful > static_cast<int>(cases(50)));
  CHECK(streamed >= of_cases(0.7, 0.5) * stateful);
}

}  // namespace coil::test

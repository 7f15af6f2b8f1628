// The fastest lowering is found by measuring, once, and what was measured is kept on disk.

#include "runtime/execute/choose_lowering.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

#include "compiler/passes/runner.hpp"

#include "runtime/execute/executable.hpp"
#include "runtime/execute/lowering_cache.hpp"

#include "tests/execute/run_graph.hpp"
#include "tests/support/known_cells.hpp"
#include "tests/support/random_graph.hpp"
#include "tests/support/random_scan.hpp"

namespace coil::test {
namespace {

namespace fs = std::filesystem;

// Keeps what is measured in a folder of its own, or nowhere.
class CacheFolder {
 public:
  explicit CacheFolder(bool is_kept = true) {
    fs::remove_all(path_);
    ::setenv("COIL_CACHE", is_kept ? path_.c_str() : "", 1);
  }
  ~CacheFolder() {
    ::unsetenv("COIL_CACHE");
    fs::remove_all(path_);
  }
  CacheFolder(const CacheFolder&) = delete;
  CacheFolder& operator=(const CacheFolder&) = delete;

  std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    if (!fs::exists(path_)) return all;
    for (const auto& entry : fs::directory_iterator(path_)) all.push_back(entry.path());
    return all;
  }

 private:
  fs::path path_ = fs::temp_directory_path() / ("coil-cache-" + std::to_string(::getpid()));
};

std::string contents_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void put(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

Graph recurrence() {
  Rng rng(4);
  return random_trainable_recurrence(rng);
}

// One that oneDNN has as a primitive.
// One whose primitive keeps to f32, whatever the precision.
Graph native_cell_in_f32() {
  for (std::uint64_t seed = 1;; ++seed) {
    Rng rng(seed);
    Graph graph = random_known_cells(rng).graph;
    const Graph entry = derived(graph, Entry::predict, 3, Lowering::native);
    for (const NodeId id : leaves(entry, Op::recurrent))
      if (std::get<RecurrentAttributes>(entry.node(id).attributes).cell == RecurrentCell::gru)
        return graph;
  }
}

std::vector<LoweringTime> some_times() {
  std::vector<LoweringTime> times;
  for (const LoweringRow& row : lowerings())
    times.push_back({{row.lowering}, 0.1 + 1.0 / 3 * static_cast<double>(times.size() + 1)});
  return times;
}

}  // namespace

TEST_CASE("the fastest is chosen, and hoisted with rows together where none is clearly faster") {
  const Way unrolled{Lowering::unrolled}, hoisted{Lowering::hoisted},
      by_rows{Lowering::hoisted, Rows::apart};
  CHECK(choice_of({{unrolled, 2}, {hoisted, 1}}).way == hoisted);
  CHECK(choice_of({{unrolled, 1}, {hoisted, 2}}).way == unrolled);
  CHECK(choice_of({{unrolled, 0.99}, {hoisted, 1}}).way == hoisted);
  CHECK(choice_of({{unrolled, 2}, {hoisted, 1}, {by_rows, 0.98}}).way == hoisted);
  CHECK(choice_of({{unrolled, 2}, {hoisted, 1}, {by_rows, 0.9}}).way == by_rows);
}

TEST_CASE("ways have names") {
  for (const LoweringRow& row : lowerings())
    for (const Rows rows : all_rows) {
      const Way way{row.lowering, rows};
      CHECK(find_way(to_string(way)) == way);
    }
  CHECK(to_string(Way{Lowering::native, Rows::apart}) == "native by rows");
  for (const char* none : {"", " by rows", "hoisted by", "hoisted  by rows", "by rows"})
    CHECK_FALSE(find_way(none));
}

// Every lowering with rows together and apart, where each thread gets rows enough and no row meets another.
TEST_CASE("rows apart are candidates of what predicts a batch") {
  Rng rng(4);
  const Graph graph = random_trainable_recurrence(rng);
  CHECK(candidates(graph, Entry::predict, 64, 2).size() == 2 * lowerings().size());
  CHECK(candidates(graph, Entry::predict, 64, 1).size() == lowerings().size());
  CHECK(candidates(graph, Entry::predict, 8, 2).size() == lowerings().size());
  CHECK(candidates(graph, Entry::train_step, 64, 2).size() == lowerings().size());
  CHECK(candidates(graph, Entry::loss, 64, 2).size() == lowerings().size());
  CHECK(candidates(char3_graph(), Entry::predict, 64, 2) ==
        std::vector<Way>{{Lowering::hoisted}, {Lowering::hoisted, Rows::apart}});
  CHECK(candidates(char3_graph(), Entry::predict, 1, 2) == std::vector<Way>{{}});
  Execution told(2, std::nullopt);
  told.rows = Rows::apart;
  for (const Way way : candidates(graph, Entry::predict, 64, told)) CHECK(way.rows == Rows::apart);
  told.observed = std::make_shared<Observed>();
  for (const Way way : candidates(graph, Entry::predict, 64, told))
    CHECK(way.rows == Rows::together);
}

TEST_CASE("a choice is told in a line") {
  CHECK(to_string(choice_of({{{Lowering::unrolled}, 0.0041}, {{Lowering::hoisted}, 0.0026}})) ==
        "unrolled 4.1 ms, hoisted 2.6 ms: hoisted");
  CHECK(to_string(choice_of({{{Lowering::unrolled}, 4.25e-5}, {{Lowering::hoisted}, 1.5}})) ==
        "unrolled 42.5 us, hoisted 1.5 s: unrolled");
  CHECK(to_string(choice_of({{{}, 0.0026}, {{Lowering::hoisted, Rows::apart}, 0.002}})) ==
        "hoisted 2.6 ms, hoisted by rows 2 ms: hoisted by rows");
  CHECK(to_string(LoweringChoice{}) == "one way only");
}

TEST_CASE("every lowering is measured, once") {
  const CacheFolder cache;
  const Graph graph = recurrence();
  const LoweringChoice first = choose_lowering(graph, Entry::train_step, 3, 1);
  REQUIRE(first.times.size() == lowerings().size());
  for (std::size_t i = 0; i < first.times.size(); ++i) {
    CHECK(first.times[i].way == Way{lowerings()[i].lowering});
    CHECK(first.times[i].seconds > 0);
  }
  REQUIRE(cache.files().size() == 1);
  // Two measurements are never the same to the last bit: this was read.
  CHECK(choose_lowering(graph, Entry::train_step, 3, 1).times == first.times);
  choose_lowering(graph, Entry::train_step, 4, 1);
  choose_lowering(graph, Entry::predict, 3, 1);
  CHECK(cache.files().size() == 3);
  // What is fastest in one precision need not be in another.
  const Execution rounded(1, std::nullopt, Precision::bf16);
  const LoweringChoice in_bf16 = choose_lowering(graph, Entry::predict, 3, rounded);
  CHECK(cache.files().size() == 4);
  CHECK(choose_lowering(graph, Entry::predict, 3, rounded).times == in_bf16.times);
}

// A GRU by oneDNN's primitive is computed in f32 and fails what this requires, however fast it is.
TEST_CASE("what cannot satisfy a requirement is not chosen") {
  const CacheFolder cache;
  const Graph graph = native_cell_in_f32();
  Execution execution(1, std::nullopt, Precision::bf16);
  choose_lowering(graph, Entry::predict, 3, execution);
  const fs::path file = cache.files().at(0);
  const std::string key = contents_of(file).substr(0, contents_of(file).find('\n') + 1);
  put(file, key + "unrolled 3\nhoisted 2\nnative 1\n");
  const auto choose = [&] {
    return choose_lowering(graph, Entry::predict, 3, execution).way.lowering;
  };
  CHECK(choose() == Lowering::native);
  execution.require = Requirement::avx2;
  CHECK(choose() == Lowering::hoisted);
  put(file, key + "unrolled 1.5\nhoisted 2\nnative 1\n");
  CHECK(choose() == (multiplies(Precision::bf16) ? Lowering::unrolled : Lowering::hoisted));
  execution.precision = Precision::f32;
  CHECK_NOTHROW(choose());
}

TEST_CASE("without a folder nothing is kept, and without a recurrence nothing measured") {
  const CacheFolder cache(false);
  const LoweringChoice first = choose_lowering(recurrence(), Entry::predict, 3, 1);
  CHECK(first.times != choose_lowering(recurrence(), Entry::predict, 3, 1).times);
  CHECK(cache.files().empty());
  CHECK(choose_lowering(char3_graph(), Entry::train_step, 3, 1).times.empty());
}

TEST_CASE("one step of a recurrence is measured where it is learnt from") {
  const CacheFolder cache;
  Sketch sketch;
  const Value x = sketch.input({{batch_dim, 4}}, "x"), h = sketch.state({{batch_dim, 3}}, "h");
  const Value both = sketch.add(
      Op::add, {sketch.add(Op::matmul, {x, sketch.weight({{4, 3}}, "W")}, MatmulAttributes{}),
                sketch.add(Op::matmul, {h, sketch.weight({{3, 3}}, "U")}, MatmulAttributes{})});
  const Value next = sketch.add(Op::tanh, {both});
  Graph graph = sketch.finish(sketch.add(Op::softmax, {next}));
  graph.outputs.push_back({"h", next, OutputKind::update});
  const Graph canonical = Runner().canonicalise(std::move(graph));
  CHECK(choose_lowering(canonical, Entry::predict, 3, 1).times.empty());
  CHECK(choose_lowering(canonical, Entry::train_step, 3, 1).times.size() == lowerings().size());
}

TEST_CASE("what is kept is read back, and a damaged file is none") {
  const CacheFolder cache;
  const auto times = some_times();
  std::vector<Way> ways;
  for (const LoweringTime& time : times) ways.push_back(time.way);
  CHECK_FALSE(LoweringCache::find("key", ways));
  LoweringCache::keep("key", times);
  CHECK(LoweringCache::find("key", ways) == times);
  CHECK_FALSE(LoweringCache::find("another", ways));
  const fs::path file = cache.files().at(0);
  const std::string whole = contents_of(file);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    put(file, whole.substr(0, size));
    CHECK_FALSE(LoweringCache::find("key", ways));
  }
  for (const char* line :
       {"unrolled -1\n", "unrolled nan\n", "unrolled 1 2\n", "nobody 1\n", "1\n"}) {
    INFO(line);
    put(file, whole.substr(0, whole.find('\n') + 1) + line);
    CHECK_FALSE(LoweringCache::find("key", ways));
  }
  put(file, whole + "hoisted 1\n");
  CHECK_FALSE(LoweringCache::find("key", ways));
  put(file, whole);
  CHECK(LoweringCache::find("key", ways) == times);
  CHECK_FALSE(LoweringCache::find("key", {ways[0], ways[1]}));
  CHECK_FALSE(LoweringCache::find("key", {ways[0], ways[1], {Lowering::native, Rows::apart}}));
  put(file, "x" + whole);
  CHECK_FALSE(LoweringCache::find("key", ways));
}

TEST_CASE("an executable that is left the choice runs what was chosen, at every batch size") {
  const CacheFolder cache;
  const Graph graph = recurrence();
  Store store;
  Executable open(graph, Entry::predict, store, Execution(1, std::nullopt), 3);
  REQUIRE(open.choice());
  CHECK(open.way_for(3) == open.choice()->way);
  CHECK(open.way_for(1) == open.choice()->way);
  open.at(1).run();
  CHECK(cache.files().size() == 1);  // another batch size is not measured
  Executable told(graph, Entry::predict, store, Execution(1, Lowering::unrolled), 3);
  CHECK(told.way_for(3) == Way{Lowering::unrolled});
  CHECK_FALSE(told.choice());
}

}  // namespace coil::test

// Each pass from text to text: golden/PASS/NAME.in.yaml, through that pass alone, gives NAME.out.yaml.
//   does_...      what the pass is for
//   does_not_...  what it leaves as it is: for passes that rewrite, in and out are the same graph
//   stops_...     where it does a part and leaves the rest
// Passes that weigh costs do so for a batch of 64.
// Ranges are known of what is multiplied by leaves W and W[0:3], 127, U and W[3:6], 254, and Z, 0.
// COIL_UPDATE=1 in the environment writes the .out.yaml files anew: read them before keeping them.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "compiler/graph/text.hpp"
#include "compiler/passes/runner.hpp"

namespace coil::test {
namespace {

namespace fs = std::filesystem;

const std::set<std::string_view> rewriting = {
    "share_common",   "canonicalise",   "eliminate_dead",
    "order_by_use",   "fuse_post_ops",  "unroll",
    "record_scans",   "roll",           "flatten_sums",
    "push_slices",    "hoist",          "cut_weights",
    "pack_inputs",    "sort_operands",  "pair_operands",
    "remove_dropout", "attach_dropout", "fold_gathers",
    "merge_products", "join_parts",     "fuse_elementwise",
    "push_steps",     "sink_steps",     "round_products",
    "fuse_rounding",  "use_native",     "quantize_products",
    "sum_by_steps",   "join_weights"};

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Golden {
  std::string pass, name;
  fs::path in, out;
};

std::vector<Golden> all_golden() {
  std::vector<Golden> found;
  for (const auto& entry : fs::recursive_directory_iterator(COIL_GOLDEN)) {
    const std::string file = entry.path().filename();
    if (!file.ends_with(".in.yaml")) continue;
    const std::string name = file.substr(0, file.size() - 8);
    const fs::path folder = entry.path().parent_path();
    found.push_back({folder.filename(), name, entry.path(), folder / (name + ".out.yaml")});
  }
  std::ranges::sort(found, {}, [](const Golden& golden) { return golden.in; });
  return found;
}

// Without the form a row establishes, which may need the passes before it.
Graph run(const std::string& pass, const Graph& graph) {
  const PassRow* found = find_pass(pass);
  REQUIRE(found != nullptr);
  PassRow row = *found;
  row.establishes = nullptr;
  Runner runner;
  runner.batch = 64;
  runner.ranges = std::make_shared<coil::Ranges>(coil::Ranges{
      {"W", 127.0f}, {"W[0:3]", 127.0f}, {"U", 254.0f}, {"W[3:6]", 254.0f}, {"Z", 0.0f}});
  return runner.run_one(row, graph);
}

}  // namespace

TEST_CASE("each pass turns its golden inputs into its golden outputs") {
  const bool update = std::getenv("COIL_UPDATE") != nullptr;
  for (const Golden& golden : all_golden()) {
    INFO(golden.pass << "/" << golden.name);
    const Graph graph = graph_from_text(read(golden.in), golden.in.filename());
    const std::string text = to_text(run(golden.pass, graph));
    if (update) std::ofstream(golden.out, std::ios::binary) << text;
    CHECK(text == read(golden.out));
    if (!rewriting.contains(golden.pass)) continue;
    CHECK((text == to_text(graph)) == golden.name.starts_with("does_not_"));
  }
}

TEST_CASE("every pass of the pipeline has golden files of both kinds, and no output stands alone") {
  std::set<std::string> kinds, names;
  for (const Golden& golden : all_golden()) {
    kinds.insert(golden.pass + (golden.name.starts_with("does_not_") ? " does not" : " does"));
    names.insert(golden.in.parent_path() / golden.name);
  }
  for (const PassRow& row : pipeline()) {
    INFO(row.name);
    CHECK(kinds.contains(std::string(row.name) + " does"));
    CHECK(kinds.contains(std::string(row.name) + " does not"));
  }
  for (const auto& entry : fs::recursive_directory_iterator(COIL_GOLDEN)) {
    const std::string path = entry.path();
    if (path.ends_with(".out.yaml")) CHECK(names.contains(path.substr(0, path.size() - 9)));
  }
}

}  // namespace coil::test

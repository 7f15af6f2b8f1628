#pragma once

// Texts compiled for tests.

#include <optional>
#include <string>
#include <vector>

#include "compiler/compile/compile.hpp"
#include "compiler/graph/hash.hpp"

namespace coil::test {

struct FromText {
  Graph flat, canonical;
  std::vector<Remark> remarks;  // of roll
  Hash hash{};
  double milliseconds = 0;  // of all passes

  std::string name() const { return to_string(hash); }
};

// Fails the test, with the messages and the text, where the text has mistakes.
FromText compiled(const std::string& text, const std::vector<Definition>& definitions = {},
                  const std::string& model = "");

// A file of the repository.
FromText compiled_file(const std::string& path, const std::string& model = "",
                       const std::vector<Definition>& definitions = {});

// The trip counts of all scans, in the order of the graph.
std::vector<std::int64_t> trip_counts(const Graph& graph);

// "14:9: not rolled: ..." for what was missed, one a line.
std::string missed(const FromText& text);

// The largest distance between what the two graphs of a text compute from random feeds.
double gap(const FromText& text, std::uint64_t seed);

}  // namespace coil::test

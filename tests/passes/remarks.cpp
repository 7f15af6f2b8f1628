#include "compiler/passes/remarks.hpp"

#include <catch2/catch.hpp>

#include "compiler/passes/runner.hpp"

#include "tests/support/random_graph.hpp"

namespace coil::test {
namespace {

std::vector<std::string> messages(const Remarks& remarks, std::string_view pass) {
  std::vector<std::string> found;
  for (const Remark& remark : remarks.of(pass)) found.push_back(remark.message);
  return found;
}

using Messages = std::vector<std::string>;

Graph telling(const Graph& graph, Remarks& remarks) {
  remarks.missed({7, 3}, "not told apart");
  remarks.done({}, "1 thing done");
  return graph;
}
Graph silent(const Graph& graph) { return graph; }

PassRow row_of(std::string_view name, Pass run) {
  return {name, run, Stage::canonical, nullptr, "a test"};
}

}  // namespace

TEST_CASE("remarks come by place, each once, those that are nowhere last") {
  Remarks remarks;
  remarks.begin("roll");
  remarks.done({}, "nowhere");
  remarks.missed({9, 2}, "late");
  remarks.missed({2, 9}, "right");
  remarks.missed({2, 1}, "left");
  remarks.missed({2, 1}, "left");
  remarks.missed({2, 1}, "and another");
  CHECK(messages(remarks, "roll") == Messages{"and another", "left", "right", "late", "nowhere"});
  CHECK(remarks.of("roll").back().kind == Remark::Kind::done);
  CHECK(remarks.of("roll").front().kind == Remark::Kind::missed);
  CHECK(remarks.of("unroll").empty());
}

TEST_CASE("a flood of remarks is cut, for each pass by itself, and told of") {
  Remarks remarks(3);
  for (const char* pass : {"one", "two"}) {
    remarks.begin(pass);
    for (std::uint32_t line = 1; line <= (pass[0] == 'o' ? 4 : 3); ++line)
      remarks.missed({line, 1}, "again");
    remarks.missed({2, 1}, "again");
  }
  CHECK(remarks.of("one").size() == 3);
  CHECK(remarks.full("one"));
  CHECK(remarks.of("two").size() == 3);
  CHECK_FALSE(remarks.full("two"));  // the fourth was known already
  CHECK_FALSE(remarks.full("three"));
}

TEST_CASE("the runner keeps what passes tell, under their names") {
  Runner runner;
  const Graph graph = char3_graph();
  runner.run_one(row_of("first", telling), graph);
  runner.run_one(row_of("second", silent), graph);
  runner.run_one(row_of("third", telling), graph);
  const std::vector<Remark> wanted = {
      {"first", {7, 3}, "not told apart", Remark::Kind::missed},
      {"first", {}, "1 thing done", Remark::Kind::done},
  };
  CHECK(runner.remarks().of("first") == wanted);
  CHECK(runner.remarks().of("second").empty());
  CHECK(messages(runner.remarks(), "third") == Messages{"not told apart", "1 thing done"});
}

}  // namespace coil::test

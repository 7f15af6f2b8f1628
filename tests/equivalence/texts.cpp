#include "tests/equivalence/texts.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "compiler/source/load.hpp"

#include "tests/support/feeds.hpp"

namespace coil::test {
namespace {

FromText compiled(const SourceFile& file, const CompileOptions& options) {
  Diagnostics diagnostics(file);
  Runner runner;
  auto result = compile(file, options, diagnostics, runner);
  INFO(file.text());
  INFO(diagnostics.render());
  REQUIRE(result);
  FromText made{std::move(result->flat), std::move(result->canonical), runner.remarks().of("roll")};
  made.hash = hash_of(made.canonical);
  for (const PassTiming& timing : runner.timings()) made.milliseconds += timing.milliseconds;
  return made;
}

}  // namespace

FromText compiled(const std::string& text, const std::vector<Definition>& definitions,
                  const std::string& model) {
  return compiled(SourceFile("m.model", text), {model, definitions});
}

FromText compiled_file(const std::string& path, const std::string& model,
                       const std::vector<Definition>& definitions) {
  return compiled(load_source(std::string(COIL_REPOSITORY) + "/" + path), {model, definitions});
}

std::vector<std::int64_t> trip_counts(const Graph& graph) {
  std::vector<std::int64_t> counts;
  for (const Node& node : graph.nodes())
    if (const auto* scan = std::get_if<ScanAttributes>(&node.attributes))
      counts.push_back(scan->steps);
  return counts;
}

std::string missed(const FromText& text) {
  std::string all;
  for (const Remark& remark : text.remarks)
    if (remark.kind == Remark::Kind::missed)
      all += fmt::format("{}:{}: {}\n", remark.place.line, remark.place.column, remark.message);
  return all;
}

double gap(const FromText& text, std::uint64_t seed) {
  constexpr std::int64_t batch = 2;
  const Feeds feeds = random_feeds(text.flat, batch, seed);
  return distance(evaluate(text.flat, feeds, batch), evaluate(text.canonical, feeds, batch));
}

}  // namespace coil::test

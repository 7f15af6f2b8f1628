// The gradients of every model and example in the repository, made small, against central differences: states
// carried in, tied weights and custom cells among them.

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <regex>

#include "compiler/compile/compile.hpp"
#include "compiler/passes/unroll.hpp"
#include "compiler/source/load.hpp"

#include "tests/passes/gradient_check.hpp"

namespace coil::test::model_gradients_test {
namespace {

namespace fs = std::filesystem;

struct Model {
  fs::path file;
  std::string name, parameters;
};

std::vector<Model> all_models() {
  std::vector<Model> found;
  const std::regex head(R"((?:^|\n)model (\w+)\(([^)]*)\))");
  for (const char* folder : {"models", "examples"})
    for (const auto& entry : fs::directory_iterator(fs::path(COIL_REPOSITORY) / folder)) {
      if (entry.path().extension() != ".model") continue;
      const SourceFile file = load_source(entry.path());
      const std::string text(file.text());
      for (std::sregex_iterator at(text.begin(), text.end(), head), end; at != end; ++at)
        found.push_back({entry.path(), (*at)[1], (*at)[2]});
    }
  std::ranges::sort(found, {}, &Model::name);
  return found;
}

Graph small(const Model& model) {
  CompileOptions options{model.name, {}};
  for (const auto& [name, value] :
       {std::pair("vocab", "4"), {"steps", "3"}, {"factors", "2"}, {"hidden", "3"}})
    if (model.parameters.find(std::string(name) + " =") != std::string::npos)
      options.definitions.push_back({name, value});
  const SourceFile file = load_source(model.file);
  Diagnostics diagnostics(file);
  Runner runner;
  const auto compiled = compile(file, options, diagnostics, runner);
  REQUIRE(compiled);
  return compiled->canonical;
}

Graph run(const char* pass, const Graph& graph) {
  PassRow row = *find_pass(pass);
  row.establishes = nullptr;
  return Runner().run_one(row, graph);
}

}  // namespace

TEST_CASE("every model and example has the gradients of central differences") {
  const auto models = all_models();
  CHECK(models.size() > 10);
  for (const Model& model : models) {
    Graph canonical = small(model);
    std::erase_if(canonical.outputs, [](const Output& o) { return o.kind == OutputKind::update; });
    const Graph loss = with_loss(canonical);
    const Graph graph = run("eliminate_dead", run("differentiate", run("record_scans", loss)));
    for (const std::int64_t batch : {1, 3}) {
      const Feeds feeds = feeds_of_loss(loss, batch, 5, {});
      for (const Graph& form : {graph, unroll(graph)}) {
        const GradientReport report = check_gradients(loss, form, feeds, batch);
        INFO(model.name << ", weight " << report.where << ", batch " << batch);
        CHECK(report.error < 1e-6);
        CHECK(report.smallest_top > 1e-6);
      }
    }
  }
}

}  // namespace coil::test::model_gradients_test

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "compiler/source/load.hpp"
#include "compiler/syntax/parse.hpp"

#include "tests/semantics/support.hpp"

using namespace coil;
using namespace coil::testing;

namespace {

namespace fs = std::filesystem;

// A folder of model files that goes away with the test.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / fmt::format("coil_imports_{}", ::getpid())) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }

  Outcome elaborate_file(const std::string& name) const {
    const SourceFile file = load_source((path_ / name).string());
    Diagnostics diagnostics(file);
    const ast::File parsed = parse(file, diagnostics);
    REQUIRE(!diagnostics.has_errors());
    Outcome outcome;
    outcome.graph = elaborate(parsed, "", {}, diagnostics);
    outcome.messages = diagnostics.render();
    return outcome;
  }

 private:
  fs::path path_;
};

std::string cell(const std::string& name, const std::string& value) {
  return "cell " + name + "(n) {\n  step(x) {\n    yield " + value + "\n  }\n}\n";
}

std::string model(const std::string& name) {
  return "model M() {\n  input x: real[2]\n  output x |> " + name + "(2)\n}\n";
}

}  // namespace

TEST_CASE("Cells are imported from a file beside, below, and through another") {
  const Folder folder;
  folder.write("m.model", "import Outer from \"cells/outer.model\"\n" + model("Outer"));
  folder.write("cells/outer.model",
               "import Inner, Common from \"deeper/inner.model\"\nimport Common from "
               "\"../common.model\"\n"
               "cell Outer(n) {\n  layer i = Inner(n)\n  layer c = Common(n)\n"
               "  step(x) {\n    yield c(i(x))\n  }\n}\n");
  folder.write("cells/deeper/inner.model",
               "import Common from \"../../common.model\"\n" + cell("Inner", "exp(x)"));
  folder.write("common.model", cell("Common", "tanh(x)"));
  const Outcome outcome = folder.elaborate_file("m.model");
  INFO(outcome.messages);
  REQUIRE(outcome.graph);
  REQUIRE(outcome.graph->size() == 3);
  CHECK(outcome.graph->nodes()[1].op == Op::exp);
  CHECK(outcome.graph->nodes()[2].op == Op::tanh);
  CHECK(outcome.graph->nodes()[1].place == Place{4, 15});
}

TEST_CASE("An imported cell sees the cells of its own file") {
  const Folder folder;
  folder.write("a.model", cell("Help", "exp(x)") +
                              "cell A(n) {\n  step(x) {\n    yield x |> Help(n)\n  }\n}\n");
  folder.write("m.model", "import A from \"a.model\"\n" + cell("Help", "tanh(x)") + model("A"));
  const Outcome outcome = folder.elaborate_file("m.model");
  INFO(outcome.messages);
  REQUIRE(outcome.graph);
  CHECK(outcome.graph->nodes()[1].op == Op::exp);
}

TEST_CASE("What is not imported is not there") {
  const Folder folder;
  folder.write("a.model", cell("A", "exp(x)") + cell("Hidden", "x"));
  folder.write("m.model", "import A from \"a.model\"\n" + model("Hidden"));
  CHECK(!folder.elaborate_file("m.model").graph);
}

TEST_CASE("A long chain of imports is refused") {
  const Folder folder;
  for (int i = 0; i < 40; ++i) {
    folder.write(fmt::format("c{}.model", i), fmt::format("import A from \"c{}.model\"\n", i + 1));
  }
  folder.write("c40.model", cell("A", "x"));
  folder.write("m.model", "import A from \"c0.model\"\n" + model("A"));
  const Outcome outcome = folder.elaborate_file("m.model");
  CHECK(!outcome.graph);
  CHECK(outcome.messages.find("imports are more than 32 deep") != std::string::npos);
}

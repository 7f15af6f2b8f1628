#include <catch2/catch.hpp>

#include "tests/semantics/support.hpp"

using namespace coil;
using namespace coil::testing;

namespace coil::test::models_test {
namespace {

std::string model(const std::string& name) {
  return "model " + name + "() {\n  input x: real[4]\n  output x\n}\n";
}

}  // namespace

TEST_CASE("A model is chosen by name where there are several") {
  const std::string text = model("First") + model("Second");
  const Outcome outcome = elaborate_text(text, {}, "Second");
  REQUIRE(outcome.graph);
  CHECK(outcome.graph->name == "Second");
  CHECK(usage_error(text, {}) == "m.model has 2 models, First, Second; say which one is meant");
  CHECK(usage_error(text, {}, "Secnod") ==
        "m.model has no model 'Secnod' (it has First, Second); did you mean 'Second'?");
  CHECK(usage_error(model("First"), {}, "Other") == "m.model has no model 'Other' (it has First)");
}

TEST_CASE("Mistakes of the models that are not chosen do not matter") {
  const std::string text = model("First") + "model Broken() {\n  output y\n}\n";
  CHECK(elaborate_text(text, {}, "First").graph);
  CHECK(!elaborate_text(text, {}, "Broken").graph);
}

TEST_CASE("Two models cannot share a name") {
  CHECK(headlines(messages_of(model("M") + model("N") + model("M"))) ==
        "9:7: error: model 'M' is defined twice\n1:7: note: first defined here\n");
}

TEST_CASE("A model has inputs and outputs") {
  CHECK(headlines_of("  input x: real[4]\n  y = x") ==
        "1:7: error: model 'M' has no output; add a line such as 'output h'\n");
  CHECK(headlines_of("  output zeros(4)") ==
        "1:7: error: model 'M' has no input; add a line such as 'input x: real[8]'\n");
  CHECK(headlines_of("") ==
        "1:7: error: model 'M' has no input; add a line such as 'input x: real[8]'\n"
        "1:7: error: model 'M' has no output; add a line such as 'output h'\n");
}

TEST_CASE("A mistaken input or output is there all the same") {
  CHECK(headlines_of("  input x: real[0]\n  output x") ==
        "2:17: error: a size must be an integer from 1 to 2147483647, and this is the number 0\n");
}

}  // namespace coil::test::models_test

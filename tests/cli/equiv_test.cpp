// `coilc equiv`; its output to the letter is in tests/golden/equiv.

#include <catch2/catch.hpp>

#include "tests/cli/process.hpp"

namespace coil::test {
namespace {

struct Models : Folder {
  Models() { write("tiny.model", tiny_model); }

  Result equiv(Words words) const {
    words.insert(words.begin(), {"coilc", "equiv"});
    return run(words);
  }
};

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

bool says(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE_METHOD(Models, "a text, its graph and its artifact are identical, renamed or not") {
  write("renamed.model", replaced(tiny_model, "mix", "fold"));
  write("flat.yaml", run({"coilc", "tiny.model", "--emit=graph"}).out);
  REQUIRE(run({"coilc", "tiny.model", "-o", "tiny.coil"}).code == 0);
  for (const char* other : {"tiny.model", "renamed.model", "flat.yaml", "tiny.coil"}) {
    const Result result = equiv({"tiny.model", other});
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    CHECK(says(result.out, "\nidentical\n"));
  }
}

TEST_CASE_METHOD(Models, "parameters belong to one side each") {
  const Result different = equiv({"tiny.model", "tiny.model", "-D", "A.hidden=5"});
  CHECK(different.code == 1);
  CHECK(says(different.out, "is real[4, 5] in A, real[4, 8] in B"));
  CHECK(equiv({"tiny.model", "tiny.model", "-D", "A.hidden=5", "-D", "B.hidden=5"}).code == 0);
  const Result whose = equiv({"tiny.model", "tiny.model", "-D", "hidden=5"});
  CHECK(whose.code == 2);
  CHECK(says(whose.err, "-D A.hidden=5 or -D B.hidden=5"));
}

TEST_CASE_METHOD(Models, "one of several models is named behind a colon, or by an option") {
  write("two.model", tiny_model + replaced(tiny_model, "Tiny", "Other"));
  CHECK(equiv({"two.model:Tiny", "two.model:Other"}).code == 0);
  const Words options = {"two.model", "tiny.model", "--model-a", "Other"};
  CHECK(equiv(options).code == 0);
  CHECK(equiv({"two.model", "two.model", "--model-a=Tiny", "--model-b=Other"}).code == 0);
  CHECK(equiv({"two.model:Tiny", "tiny.model", "--model-a=Tiny"}).code == 2);
  const Result unknown = equiv({"two.model:Tin", "tiny.model"});
  CHECK(unknown.code == 2);
  CHECK(says(unknown.err, "did you mean 'Tiny'?"));
  write("a:b", "model AB() {\n  input x: real[4]\n  output x\n}\n");
  CHECK(equiv({"a:b", "a:b"}).code == 0);
}

TEST_CASE_METHOD(Models, "mistakes in both texts are told, and nothing else") {
  write("a.model", "model A() {\n  input x: real[4]\n  output y\n}\n");
  write("b.model", "model B() {\n  input x: real[4]\n  output z\n}\n");
  const Result result = equiv({"a.model", "b.model"});
  CHECK(result.code == 1);
  CHECK(result.out.empty());
  CHECK(says(result.err, "a.model:3:10: error"));
  CHECK(says(result.err, "b.model:3:10: error"));
  const Result second = equiv({"tiny.model", "b.model"});
  CHECK(second.code == 1);
  CHECK(second.out.empty());
}

TEST_CASE_METHOD(Models, "what no text is at hand for is told by line and column") {
  write("a.yaml", run({"coilc", "tiny.model", "--emit=graph"}).out);
  const Result result = equiv({"a.yaml", "tiny.model", "-D", "B.hidden=5"});
  CHECK(result.code == 1);
  CHECK(says(result.out, "a.yaml (at "));
  CHECK(says(result.out, "tiny.model:"));
}

TEST_CASE_METHOD(Models, "wrong command lines") {
  CHECK(equiv({}).code == 2);
  CHECK(equiv({"tiny.model"}).code == 2);
  CHECK(equiv({"tiny.model", "tiny.model", "tiny.model"}).code == 2);
  CHECK(equiv({"tiny.model", "nowhere.model"}).code == 5);
  write("entry.yaml", run({"coilc", "tiny.model", "--emit=train_step"}).out);
  CHECK(equiv({"tiny.model", "entry.yaml"}).code == 2);
}

}  // namespace coil::test

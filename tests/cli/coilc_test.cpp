#include <catch2/catch.hpp>

#include "runtime/artifact/artifact.hpp"
#include "runtime/model/model.hpp"

#include "tests/cli/process.hpp"

namespace coil::test {
namespace {

// stdout of a run that must succeed and say nothing on stderr.
std::string out_of(const Folder& folder, const Words& words) {
  const Result result = folder.run(words);
  INFO(result.err);
  REQUIRE(result.code == 0);
  CHECK(result.err.empty());
  return result.out;
}

std::string stage(const Folder& folder, const std::string& file, const std::string& name) {
  return out_of(folder, {"coilc", file, "--emit=" + name});
}

struct Compiled : Folder {
  Compiled() { write("tiny.model", tiny_model); }
};

}  // namespace

TEST_CASE_METHOD(Compiled, "without options a summary of one line") {
  const std::string hash = stage(*this, "tiny.model", "hash");
  CHECK(hash.size() == 33);
  CHECK(hash.find_first_not_of("0123456789abcdef\n") == std::string::npos);
  // 12 x 4, 4 x 8 + 8, 8 x 12 + 12
  CHECK(out_of(*this, {"coilc", "tiny.model"}) ==
        "tiny.model: model Tiny, 196 parameters, hash " + hash);
}

TEST_CASE_METHOD(Compiled,
                 "mistakes in the text: exit 1, a diagnostic with caret, nothing written") {
  write("bad.model", "model M() {\n  input x: real[4]\n  output x |> desne(4)\n}\n");
  const Result result = run({"coilc", "bad.model", "-o", "bad.coil"});
  CHECK(result.code == 1);
  CHECK(result.out.empty());
  CHECK(result.err.find("bad.model:3:") == 0);
  CHECK(result.err.find("^~~~~") != std::string::npos);
  CHECK(result.err.find("did you mean 'dense'?") != std::string::npos);
  CHECK_FALSE(has("bad.coil"));
}

TEST_CASE_METHOD(Compiled, "warnings are shown and stop nothing") {
  write("w.model", "model W() {\n  input x: real[4]\n  layer idle = dense(3)\n  output x\n}\n");
  const Result result = run({"coilc", "w.model", "-o", "w.coil"});
  CHECK(result.code == 0);
  CHECK(result.err.find("warning") != std::string::npos);
  CHECK(has("w.coil"));
}

TEST_CASE_METHOD(Compiled, "every stage of a text prints, and tells of what it is") {
  CHECK(stage(*this, "tiny.model", "ast").find("Tiny") != std::string::npos);
  CHECK(stage(*this, "tiny.model", "graph").find("op: gather") != std::string::npos);
  CHECK(stage(*this, "tiny.model", "canonical").find("name: mix.kernel") != std::string::npos);
  CHECK(stage(*this, "tiny.model", "predict").find("op: fused_matmul") != std::string::npos);
  CHECK(stage(*this, "tiny.model", "gradients").find("kind: gradient") != std::string::npos);
  CHECK(stage(*this, "tiny.model", "train_step").find("op: adam") != std::string::npos);
  CHECK(stage(*this, "tiny.model", "plan").find("plan of Tiny at batch 1") == 0);
  const Words primitives = {"coilc", "tiny.model", "--emit=primitives", "--batch=7"};
  // Of a batch of seven each row's is looked up in what is computed once for all twelve characters.
  CHECK(out_of(*this, primitives).find("[12x4] @ [4x8] + bias, tanh") != std::string::npos);
  CHECK(out_of(*this, primitives).find("[7x8] 1 instructions, 2 look-ups") != std::string::npos);
  const Words train = {"coilc", "tiny.model", "--emit=plan", "--entry=train_step"};
  CHECK(out_of(*this, train).find("adam(") != std::string::npos);
}

TEST_CASE_METHOD(Compiled, "a graph in text form goes on where the text would") {
  write("flat.yaml", stage(*this, "tiny.model", "graph"));
  write("canonical.yaml", stage(*this, "tiny.model", "canonical"));
  for (const char* name : {"hash", "canonical", "train_step", "plan"}) {
    const std::string wanted = stage(*this, "tiny.model", name);
    CHECK(stage(*this, "flat.yaml", name) == wanted);
    CHECK(stage(*this, "canonical.yaml", name) == wanted);
  }
  write("tiny.coil", "");
  REQUIRE(run({"coilc", "tiny.model", "-o", "tiny.coil"}).code == 0);
  CHECK(stage(*this, "tiny.coil", "canonical") == stage(*this, "tiny.model", "canonical"));
}

TEST_CASE_METHOD(Compiled, "--after stops behind a pass, --only runs one, and both agree") {
  write("flat.yaml", stage(*this, "tiny.model", "graph"));
  const std::string shared = out_of(*this, {"coilc", "tiny.model", "--after=share_common"});
  CHECK(out_of(*this, {"coilc", "flat.yaml", "--only=share_common"}) == shared);
  CHECK(out_of(*this, {"coilc", "tiny.model", "--only=share_common"}) == shared);
  CHECK(out_of(*this, {"coilc", "tiny.model", "--after=order_by_use"}) ==
        stage(*this, "tiny.model", "canonical"));
  // The entry that the pass belongs to is found.
  CHECK(out_of(*this, {"coilc", "tiny.model", "--after=attach_adam"}).find("op: adam") !=
        std::string::npos);
  const Words hash = {"coilc", "tiny.model", "--after=order_by_use", "--emit=hash"};
  CHECK(out_of(*this, hash) == stage(*this, "tiny.model", "hash"));
}

TEST_CASE_METHOD(Compiled, "a graph's text says which cell a scan is, and is read back") {
  write("loop.model",
        "model Loop() {\n  input x[5]: real[4]\n  layer mix = dense(4, tanh)\n  h = zeros(4)\n"
        "  for t in 0..5 {\n    h = mix(h + x[t])\n  }\n  output h |> dense(2, softmax)\n}\n");
  const std::string text = stage(*this, "loop.model", "canonical");
  CHECK(text.find("\n  # scan ") != std::string::npos);
  write("loop.yaml", text);
  CHECK(stage(*this, "loop.yaml", "graph") == text);
  CHECK(stage(*this, "loop.yaml", "hash") == stage(*this, "loop.model", "hash"));
}

TEST_CASE_METHOD(Compiled, "--explain runs the pass, and says where it has nothing to tell") {
  for (const char* pass : {"canonicalise", "attach_adam", "fuse_post_ops"})
    CHECK(out_of(*this, {"coilc", "tiny.model", std::string("--explain=") + pass}) ==
          std::string("tiny.model: ") + pass + " has nothing to explain\n");
  REQUIRE(run({"coilc", "tiny.model", "--explain=canonicalise", "-o", "tiny.coil"}).code == 0);
  CHECK(has("tiny.coil"));
  for (const Words& extra : std::vector<Words>{{"--emit=hash"}, {"--after=canonicalise"}}) {
    Words words = {"coilc", "tiny.model", "--explain=canonicalise"};
    words.insert(words.end(), extra.begin(), extra.end());
    const Result result = run(words);
    CHECK(result.code == 2);
    CHECK(result.err.find("--explain prints by itself") != std::string::npos);
  }
  const Result compiled = run({"coilc", "tiny.coil", "--explain=canonicalise"});
  CHECK(compiled.code == 2);
  CHECK(compiled.err.find("tiny.coil is compiled already") != std::string::npos);
  write("entry.yaml", stage(*this, "tiny.model", "predict"));
  CHECK(run({"coilc", "entry.yaml", "--explain=fuse_post_ops"}).code == 2);
}

TEST_CASE_METHOD(Compiled, "an entry in text form is planned, and is no model") {
  write("entry.yaml", stage(*this, "tiny.model", "predict"));
  CHECK(stage(*this, "entry.yaml", "plan") == stage(*this, "tiny.model", "plan"));
  CHECK(stage(*this, "entry.yaml", "graph") == stage(*this, "tiny.model", "predict"));
  const Result canonical = run({"coilc", "entry.yaml", "--emit=canonical"});
  CHECK(canonical.code == 2);
  CHECK(canonical.err.find("holds an entry") != std::string::npos);
  CHECK(run({"coilc", "entry.yaml", "-o", "x.coil"}).code == 2);
  CHECK_FALSE(has("x.coil"));
  const Result only = run({"coilc", "entry.yaml", "--only=differentiate"});
  CHECK(only.code == 2);  // not "a bug in Coil"
  CHECK(only.err.find("cannot take the graph") != std::string::npos);
}

TEST_CASE_METHOD(Compiled, "a graph text that is broken: exit 3 with the line") {
  write("bad.yaml", "coil: 1\ngraph: G\nnodes:\n  - {id: 0, op: gahter}\noutputs: []\n");
  const Result result = run({"coilc", "bad.yaml", "--emit=hash"});
  CHECK(result.code == 3);
  CHECK(result.err.find("bad.yaml:4") != std::string::npos);
}

TEST_CASE_METHOD(Compiled, "-D and -m are for texts") {
  REQUIRE(run({"coilc", "tiny.model", "-o", "tiny.coil"}).code == 0);
  const Result defined = run({"coilc", "tiny.coil", "-D", "hidden=3"});
  CHECK(defined.code == 2);
  CHECK(defined.err.find("is compiled already") != std::string::npos);
  CHECK(run({"coilc", "tiny.coil", "-m", "Tiny"}).code == 2);
  const Words three = {"coilc", "tiny.model", "-D", "hidden=3", "-D", "vocab=5", "--emit=graph"};
  CHECK(out_of(*this, three).find("real[3, 5]") != std::string::npos);
}

TEST_CASE_METHOD(Compiled, "equal input gives equal bytes, and names change no hash") {
  REQUIRE(run({"coilc", "tiny.model", "-o", "one.coil"}).code == 0);
  REQUIRE(run({"coilc", "tiny.model", "-o", "two.coil"}).code == 0);
  CHECK(read("one.coil") == read("two.coil"));
  CHECK(load_model(path("one.coil")).graph.name == "Tiny");
  std::string renamed = tiny_model;
  for (std::size_t at; (at = renamed.find("mix")) != std::string::npos;)
    renamed.replace(at, 3, "fold");
  write("renamed.model", renamed);
  CHECK(stage(*this, "renamed.model", "hash") == stage(*this, "tiny.model", "hash"));
}

TEST_CASE_METHOD(Compiled, "-o overwrites artifacts and nothing else") {
  write("notes.txt", "precious");
  const Result notes = run({"coilc", "tiny.model", "-o", "notes.txt"});
  CHECK(notes.code == 2);
  CHECK(notes.err.find("is not a .coil artifact") != std::string::npos);
  CHECK(read("notes.txt") == "precious");
  CHECK(run({"coilc", "tiny.model", "-o", "tiny.model"}).code == 2);
  CHECK(read("tiny.model") == tiny_model);
  CHECK(run({"coilc", "tiny.model", "-o", "nowhere/x.coil"}).code == 5);
  CHECK(run({"coilc", "tiny.model", "-o", "."}).code == 5);
  CHECK(run({"coilc", "tiny.model", "-o", "/dev/null"}).code == 0);
  CHECK(run({"coilc", "tiny.model", "-o", "x.coil", "--emit=ast"}).code == 2);
  write("empty.coil", "");
  REQUIRE(run({"coilc", "tiny.model", "-o", "empty.coil"}).code == 0);
  REQUIRE(run({"coilc", "tiny.model", "-o", "empty.coil"}).code == 0);
  CHECK(load_model(path("empty.coil")).graph.name == "Tiny");
}

TEST_CASE_METHOD(Compiled, "--timings go to stderr") {
  const Result result = run({"coilc", "tiny.model", "--emit=hash", "--timings"});
  CHECK(result.code == 0);
  CHECK(result.out.size() == 33);
  CHECK(result.err.find("canonicalise") != std::string::npos);
}

TEST_CASE_METHOD(Compiled, "dot: a node for each leaf and op, and Graphviz takes it") {
  const std::string dot = stage(*this, "tiny.model", "dot");
  CHECK(dot.find("digraph \"Tiny\" {") == 0);
  CHECK(dot.find("label=\"mix.kernel\\nreal[4, 8]\"") != std::string::npos);
  CHECK(dot.find("label=\"softmax\\nreal[batch, 12]\"") != std::string::npos);
  const Result drawn = shell(
      "command -v dot >/dev/null || exit 77; coilc tiny.model --emit=dot --entry=train_step |"
      " dot -Tsvg");
  if (drawn.code == 77) return;
  CHECK(drawn.code == 0);
  CHECK(drawn.err.empty());
  CHECK(drawn.out.find("<svg") != std::string::npos);
}

TEST_CASE_METHOD(Compiled, "a closed pipe ends quietly") {
  const Result result =
      shell("set -o pipefail 2>/dev/null; coilc tiny.model --emit=gradients | true");
  CHECK(result.err.empty());
  CHECK(result.out.empty());
}

TEST_CASE_METHOD(Compiled, "a cut or altered artifact: exit 3") {
  make_trained(*this);
  const std::string whole = read("tiny.coil");
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    write("cut.coil", whole.substr(0, size));
    CHECK(run({"coilc", "cut.coil", "--emit=hash"}).code == 3);
  }
  for (std::size_t at = 0; at < whole.size(); at += 211) {
    std::string altered = whole;
    altered[at] ^= 1;
    write("altered.coil", altered);
    const Result result = run({"coil", "inspect", "altered.coil"});
    CHECK(result.code == 3);
    CHECK(result.err.find("coil: error: altered.coil") == 0);
  }
}

}  // namespace coil::test

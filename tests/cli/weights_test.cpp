// export-weights, import-weights and inspect --check.

#include <algorithm>
#include <catch2/catch.hpp>

#include "runtime/artifact/artifact.hpp"
#include "runtime/artifact/safetensors.hpp"
#include "runtime/layout/exchange.hpp"

#include "tests/cli/process.hpp"

namespace coil::test::weights_test {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Trained once, and copied for each test.
struct OneModel : Corpus {
  OneModel() { REQUIRE(train({"--epochs", "2"}).code == 0); }
};

struct Trained : Corpus {
  Trained() {
    static const OneModel made;
    copy(made);
  }

  Result out(const std::string& to, const std::string& layout,
             const std::string& from = "out.coil") const {
    return run({"coil", "export-weights", from, "-o", to, "--layout=" + layout});
  }
  Result in(const std::string& from, const std::string& to, const Words& more = {}) const {
    Words words = {"coil", "import-weights", "out.coil", from, "-o", to};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  Result check(const std::string& file) const { return run({"coil", "inspect", file, "--check"}); }
  std::string written(const std::string& file) const {
    return run({"coil", "generate", file, "-p", "th", "-n", "40"}).out;
  }

  // The artifact with other tensors, and everything else, the probe too, as it was.
  template <typename Edit>
  void change_artifact(const std::string& to, const Edit& edit) const {
    Artifact artifact = load_artifact(path("out.coil"));
    edit(artifact);
    save_artifact(path(to), artifact);
  }
};

}  // namespace

TEST_CASE_METHOD(Trained, "weights go through both layouts and come back, byte for byte") {
  for (const std::string layout : {"keras", "torch"}) {
    INFO(layout);
    REQUIRE(out("w.safetensors", layout).code == 0);
    const Result imported = in("w.safetensors", "back.coil", {"--layout=" + layout});
    INFO(imported.err);
    REQUIRE(imported.code == 0);
    CHECK(contains(imported.err, "the probe agrees to 0"));
    REQUIRE(out("again.safetensors", layout, "back.coil").code == 0);
    CHECK(read("again.safetensors") == read("w.safetensors"));
    CHECK(written("back.coil") == written("out.coil"));
    CHECK(check("back.coil").code == 0);
    // The file says which layout it is; and the same import gives the same bytes.
    REQUIRE(in("w.safetensors", "once_more.coil").code == 0);
    CHECK(read("once_more.coil") == read("back.coil"));
  }
}

TEST_CASE_METHOD(Trained, "a model that was only compiled takes weights too") {
  REQUIRE(out("w.safetensors", "torch").code == 0);
  REQUIRE(run({"coil", "import-weights", "tiny.model", "w.safetensors", "-o", "new.coil"}).code ==
          0);
  CHECK(check("new.coil").code == 0);
  REQUIRE(out("again.safetensors", "torch", "new.coil").code == 0);
  CHECK(read("again.safetensors") == read("w.safetensors"));
}

TEST_CASE_METHOD(Trained, "what does not fit ends with 3 and names it, and nothing is written") {
  REQUIRE(out("w.safetensors", "keras").code == 0);
  TensorFile file = decode(read("w.safetensors"), "w");
  file.tensors[0].name += 's';
  write("bad.safetensors", encode(file));
  const Result result = in("bad.safetensors", "back.coil");
  CHECK(result.code == 3);
  CHECK(contains(result.err, "is missing"));
  CHECK(contains(result.err, "; did you mean '"));
  CHECK_FALSE(has("back.coil"));
  CHECK(in("text.txt", "back.coil").code == 3);
  CHECK(in("nothing.safetensors", "back.coil").code == 5);
  CHECK(in("w.safetensors", "back.coil", {"--layout=torch"}).code == 2);
  CHECK(
      contains(in("w.safetensors", "back.coil", {"--layout=torhc"}).err, "did you mean 'torch'?"));
  const std::string whole = read("w.safetensors");
  write("cut.safetensors", whole.substr(0, whole.size() / 2));
  CHECK(in("cut.safetensors", "back.coil").code == 3);
  CHECK_FALSE(has("back.coil"));
}

TEST_CASE_METHOD(Trained,
                 "other weights than those of the probe are told by import and by --check") {
  const auto scale = [](auto& tensors) {
    const auto found = std::ranges::find(tensors, "mix.kernel", &Tensor::name);
    for (float& value : found->values) value = -value;
  };
  REQUIRE(out("w.safetensors", "keras").code == 0);
  TensorFile file = decode(read("w.safetensors"), "w");
  scale(file.tensors);
  write("other.safetensors", encode(file));
  const Result refused = in("other.safetensors", "back.coil");
  CHECK(refused.code == 3);
  CHECK(contains(refused.err, "the model does not compute what it did"));
  CHECK_FALSE(has("back.coil"));
  const Result skipped = in("other.safetensors", "back.coil", {"--skip-probe"});
  CHECK(skipped.code == 0);
  CHECK(contains(skipped.err, "no probe was checked"));
  CHECK(check("back.coil").code == 0);  // its probe is of the weights it has

  CHECK(check("out.coil").code == 0);
  change_artifact("odd.coil", [&](Artifact& artifact) { scale(artifact.tensors); });
  CHECK(run({"coil", "inspect", "odd.coil"}).code == 0);
  const Result odd = check("odd.coil");
  CHECK(odd.code == 3);
  CHECK(contains(odd.err, "odd.coil: the model does not compute what it did"));
  CHECK(contains(odd.err, "more than 0.0001"));
}

TEST_CASE_METHOD(Trained, "--check says what it checked") {
  const Result checked = check("out.coil");
  CHECK(contains(checked.out, "weights, all finite: as they should be\n"));
  CHECK(contains(checked.out, "probe: 12 numbers, the largest difference 0"));
  REQUIRE(run({"coilc", "tiny.model", "-o", "fresh.coil"}).code == 0);
  CHECK(contains(check("fresh.coil").out, "no probe: without weights there is nothing to run"));
  change_artifact("old.coil", [](Artifact& artifact) { artifact.metadata.erase("coil.probe"); });
  const Result old = check("old.coil");
  CHECK(old.code == 0);
  CHECK(contains(old.out, "no probe: "));
  CHECK(check("tiny.model").code == 2);
}

TEST_CASE_METHOD(Trained, "imported weights cannot be mixed with moments that were another's") {
  REQUIRE(out("w.safetensors", "torch").code == 0);
  REQUIRE(in("w.safetensors", "back.coil").code == 0);
  CHECK(contains(run({"coil", "inspect", "back.coil"}).out,
                 "not trained since its weights were imported"));
  const Result resumed = train({"--resume", "--epochs", "3"}, "tiny.model", "back.coil");
  CHECK(resumed.code == 3);
  CHECK(contains(resumed.err, "without resuming, its weights can be trained on"));
  const Result anew = train({"--epochs", "1"}, "back.coil", "more.coil");
  INFO(anew.err);
  CHECK(anew.code == 0);
  CHECK(check("more.coil").code == 0);
}

TEST_CASE_METHOD(Trained, "files that are something else are not overwritten") {
  REQUIRE(out("w.safetensors", "keras").code == 0);
  CHECK(out("w.safetensors", "torch").code == 0);
  CHECK(out("text.txt", "keras").code == 2);
  CHECK(out("out.coil", "keras").code == 2);
  CHECK(out(".", "keras").code == 5);
  CHECK(in("w.safetensors", "w.safetensors").code == 2);
  CHECK(in("w.safetensors", "text.txt").code == 2);
  CHECK(in("w.safetensors", "out.coil").code == 0);  // in its place
  CHECK(check("out.coil").code == 0);
}

TEST_CASE_METHOD(Trained, "an export needs weights, and a cell that PyTorch has") {
  REQUIRE(run({"coilc", "tiny.model", "-o", "fresh.coil"}).code == 0);
  CHECK(out("w.safetensors", "keras", "fresh.coil").code == 3);
  write("before.model",
        "model Before(vocab = 12) {\n  input c[4]: index(vocab)\n  output c |> embedding(vocab, 4)"
        " |> gru(5, reset_after = false) |> last |> dense(vocab, softmax)\n}\n");
  REQUIRE(train({"--epochs", "1"}, "before.model", "before.coil").code == 0);
  const Result result = out("w.safetensors", "torch", "before.coil");
  CHECK(result.code == 2);
  CHECK(contains(result.err, "'gru'"));
  CHECK(contains(result.err, "--layout=keras"));
  CHECK_FALSE(has("w.safetensors"));
  CHECK(out("w.safetensors", "keras", "before.coil").code == 0);
}

TEST_CASE_METHOD(Trained, "a file's bytes are the same by one thread and by two") {
  REQUIRE(train({"--epochs", "2", "--threads", "2"}, "tiny.model", "two.coil").code == 0);
  CHECK(read("two.coil") == read("out.coil"));
}

TEST_CASE("networks of PyTorch run here as they do there") {
  const Folder folder;
  if (folder.shell("PATH=/usr/bin:$PATH command -v python3").code != 0) {
    WARN("skipped: there is no python3");
    return;
  }
  const std::string root = std::filesystem::canonical(COIL_ROOT).string();
  const Result result = folder.shell("PATH=/usr/bin:$PATH python3 " + root +
                                     "/examples/torch_weights.py --programs " + COIL_PROGRAMS);
  INFO(result.out << result.err);
  CHECK(result.code == 0);
  if (result.out.starts_with("skipped"))
    WARN(result.out);
  else
    CHECK(count_lines(result.out) == 3);
}

}  // namespace coil::test::weights_test

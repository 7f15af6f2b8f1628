// coil run on NumPy arrays, held against the reference interpreter.

#include <catch2/catch.hpp>

#include "compiler/graph/evaluate.hpp"

#include "runtime/artifact/npy.hpp"
#include "runtime/artifact/safetensors.hpp"
#include "runtime/model/model.hpp"

#include "tests/cli/process.hpp"

namespace coil::test {
namespace {

using Ints = std::vector<std::int32_t>;

struct Trained : Folder {
  Trained() { make_trained(*this); }

  void indices(const std::string& name, const Ints& values) const {
    write_npy(path(name), {{static_cast<std::int64_t>(values.size())}, values});
  }
  Result run_on(const std::string& a, const std::string& b, const Words& more = {}) const {
    Words words = {"coil",    "run",    "tiny.coil", "--input", "a=" + a,
                   "--input", "b=" + b, "--output",  "y.npy"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
};

// What the model means: its result in double precision.
std::vector<double> expected(Model& model, const Ints& a, const Ints& b) {
  const auto batch = static_cast<std::int64_t>(a.size());
  Feeds feeds;
  feeds["a"] = {{batch}, {a.begin(), a.end()}};
  feeds["b"] = {{batch}, {b.begin(), b.end()}};
  for (const NodeId id : leaves(model.graph, Op::weight)) {
    const std::string name(leaf_name(model.graph.node(id)));
    const auto values = model.store.copy_of(name);
    feeds[name] = {model.store.shape(name).dims, {values.begin(), values.end()}};
  }
  return evaluate(model.graph, feeds, batch).at(model.graph.outputs[0].name).values;
}

void check_against_reference(const Trained& folder, const Ints& a, const Ints& b) {
  folder.indices("a.npy", a);
  folder.indices("b.npy", b);
  const Result result = folder.run_on("a.npy", "b.npy");
  INFO(result.err);
  REQUIRE(result.code == 0);
  CHECK(result.out.empty());
  const NpyArray y = read_npy(folder.path("y.npy"));
  CHECK(y.shape == std::vector<std::int64_t>{static_cast<std::int64_t>(a.size()), 12});
  Model model = load_model(folder.path("tiny.coil"));
  const std::vector<double> wanted = expected(model, a, b);
  const auto& got = std::get<std::vector<float>>(y.values);
  REQUIRE(got.size() == wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    CHECK(got[i] == Approx(wanted[i]).epsilon(1e-5).margin(1e-7));
}

void check_error(const Result& result, int code, const std::string& message) {
  INFO(result.err);
  CHECK(result.code == code);
  CHECK(result.err.find(message) != std::string::npos);
}

}  // namespace

TEST_CASE_METHOD(Trained, "batch 1 and 5 agree with the reference interpreter") {
  check_against_reference(*this, {3}, {7});
  check_against_reference(*this, {0, 11, 3, 3, 8}, {11, 0, 3, 4, 1});
}

TEST_CASE_METHOD(Trained, "arrays that do not fit are told with file, input and place") {
  indices("two.npy", {1, 2});
  indices("three.npy", {1, 2, 3});
  indices("big.npy", {1, 12});
  indices("negative.npy", {-1, 1});
  indices("none.npy", {});
  write_npy(path("reals.npy"), {{2}, std::vector<float>{1, 2}});
  write_npy(path("square.npy"), {{2, 1}, Ints{1, 2}});
  write("cut.npy", read("two.npy").substr(0, 100));
  check_error(run_on("two.npy", "three.npy"), 3, "two.npy has 2 rows and three.npy has 3");
  check_error(run_on("two.npy", "big.npy"), 3,
              "big.npy: the index 12 at [1] is not from 0 to 11, as input 'b' takes");
  check_error(run_on("negative.npy", "two.npy"), 3, "negative.npy: the index -1 at [0]");
  check_error(run_on("two.npy", "reals.npy"), 3, "reals.npy: the array holds reals");
  check_error(run_on("two.npy", "square.npy"), 3, "square.npy: the array is [2, 1]");
  check_error(run_on("none.npy", "none.npy"), 3, "none.npy: the array is [0]");
  check_error(run_on("cut.npy", "two.npy"), 3, "cut.npy");
  check_error(run_on("missing.npy", "two.npy"), 5, "missing.npy");
  CHECK_FALSE(has("y.npy"));
}

TEST_CASE_METHOD(Trained, "names that do not fit are usage errors") {
  indices("two.npy", {1, 2});
  const auto with = [&](const Words& more) {
    Words words = {"coil", "run", "tiny.coil"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  };
  check_error(with({"--input", "a=two.npy", "--output", "y.npy"}), 2, "'b' is missing");
  check_error(with({"--input", "a=two.npy", "--input", "b=two.npy"}), 2, "--output FILE.npy");
  check_error(with({"--input", "c=two.npy", "--output", "y.npy"}), 2, "the model has no 'c'");
  check_error(with({"--input", "two.npy", "--output", "y.npy"}), 2, "expected NAME=FILE.npy");
  check_error(with({"--input", "a=two.npy", "--input", "a=two.npy", "--output", "y.npy"}), 2,
              "given twice");
  check_error(run_on("two.npy", "two.npy", {"--output", "z=w.npy"}), 2, "the model has no 'z'");
  check_error(with({"--input", "a=two.npy", "--input", "b=two.npy", "--output", "no/y.npy"}), 5,
              "no/y.npy");
  CHECK(
      with({"--input", "a=two.npy", "--input", "b=two.npy", "--output", "output=named.npy"}).code ==
      0);
  CHECK(has("named.npy"));
}

TEST_CASE_METHOD(Trained, "--weights puts a safetensors file's weights into a fresh model") {
  indices("one.npy", {4});
  REQUIRE(run_on("one.npy", "one.npy").code == 0);
  const std::string trained = read("y.npy");
  const Model model = load_model(path("tiny.coil"));
  TensorFile file;
  for (const NodeId id : leaves(model.graph, Op::weight)) {
    const std::string name(leaf_name(model.graph.node(id)));
    const auto values = model.store.copy_of(name);
    file.tensors.push_back({name, model.store.shape(name).dims, {values.begin(), values.end()}});
  }
  write("w.safetensors", encode(file));
  const Words fresh = {"coil",    "run",       "tiny.model", "--input", "a=one.npy",
                       "--input", "b=one.npy", "--output",   "y.npy"};
  check_error(run(fresh), 3, "has no weights");
  Words weighed = fresh;
  weighed.insert(weighed.end(), {"--weights", "w.safetensors"});
  REQUIRE(run(weighed).code == 0);
  CHECK(read("y.npy") == trained);
  file.tensors.pop_back();
  write("w.safetensors", encode(file));
  check_error(run(weighed), 3, "is missing");
}

TEST_CASE_METHOD(Trained, "real inputs") {
  write("real.model",
        "model Real() {\n  input x: real[2]\n  input i: index(3)\n"
        "  output (x + x) * 3 + (i |> embedding(3, 2))\n}\n");
  TensorFile file;
  file.tensors.push_back({"embedding.embeddings", {3, 2}, {1, 2, 3, 4, 5, 6}});
  write("w.safetensors", encode(file));
  write_npy(path("x.npy"), {{2, 2}, std::vector<float>{1, 2, 3, -4}});
  indices("i.npy", {0, 2});
  const Result result = run({"coil", "run", "real.model", "--weights", "w.safetensors", "--input",
                             "x=x.npy", "--input", "i=i.npy", "--output", "y.npy"});
  INFO(result.err);
  REQUIRE(result.code == 0);
  const NpyArray y = read_npy(path("y.npy"));
  CHECK(y.shape == std::vector<std::int64_t>{2, 2});
  CHECK(std::get<std::vector<float>>(y.values) == std::vector<float>{7, 14, 23, -18});
}

}  // namespace coil::test

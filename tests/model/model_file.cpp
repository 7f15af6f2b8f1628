#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "compiler/graph/builder.hpp"
#include "compiler/graph/text.hpp"

#include "runtime/artifact/artifact.hpp"
#include "runtime/artifact/atomic_file.hpp"
#include "runtime/artifact/safetensors.hpp"

#include "tests/model/small_model.hpp"

namespace coil::test {
namespace {

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A valid file of a trained model, with its parts changed by `edit` and the checksum right again.
template <typename Edit>
std::string failure_after(const Edit& edit) {
  const TemporaryFolder folder;
  save_model(folder / "m.coil", ready_model());
  Artifact artifact = load_artifact(folder / "m.coil");
  edit(artifact);
  save_artifact(folder / "m.coil", artifact);
  const std::string failure = failure_of([&] { load_model(folder / "m.coil"); });
  const std::size_t at = failure.find("m.coil");
  return at == std::string::npos ? failure : failure.substr(0, 3) + failure.substr(at);
}

}  // namespace

TEST_CASE("a model comes back from its file as it was") {
  const TemporaryFolder folder;
  Model model = ready_model();
  model.training = Training{"blocks", 512, 0.01, 18446744073709551615ULL, 3, 1176, 1.94};
  save_model(folder / "m.coil", model);
  const Model back = load_model(folder / "m.coil");
  CHECK(to_text(back.graph) == to_text(model.graph));
  CHECK(back.parameters == model.parameters);
  CHECK(back.vocabulary->characters() == model.vocabulary->characters());
  CHECK(back.has_weights);
  CHECK(back.training->seed == model.training->seed);
  CHECK(back.training->loss == model.training->loss);
  for (const NodeId id : leaves(model.graph, Op::weight)) {
    const std::string name(leaf_name(model.graph.node(id)));
    const auto a = model.store.values(name);
    const auto b = std::as_const(back.store).values(name);
    CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));
  }
  save_model(folder / "again.coil", back);
  CHECK(bytes_of(folder / "again.coil") == bytes_of(folder / "m.coil"));
}

TEST_CASE("a model that was only compiled has no weights") {
  const TemporaryFolder folder;
  save_model(folder / "m.coil", small_model());
  const Model back = load_model(folder / "m.coil");
  CHECK_FALSE(back.has_weights);
  CHECK_FALSE(back.vocabulary);
}

TEST_CASE("a file whose parts do not fit together is refused") {
  CHECK(failure_after([](Artifact&) {}) == "nothing");
  CHECK(failure_after([](Artifact& a) { a.metadata.erase("coil.graph"); }) ==
        "3: m.coil: has no coil.graph");
  CHECK(failure_after([](Artifact& a) { a.metadata["coil.letters"] = "upper"; }) ==
        "3: m.coil: coil.letters is 'upper'");
  CHECK(failure_after([](Artifact& a) { a.metadata["coil.parameters"] = "[1]"; }) ==
        "3: m.coil: coil.parameters is not an object");
  CHECK(failure_after([](Artifact& a) { a.metadata["coil.training"] = "{"; }) ==
        "3: m.coil: coil.training is not JSON");
  CHECK(failure_after([](Artifact& a) { a.metadata["coil.training"] = "{\"scheme\": 3}"; }) ==
        "3: m.coil: 'scheme' of coil.training is missing or of the wrong kind");
  CHECK(failure_after([](Artifact& a) { a.tensors.pop_back(); }).find("is missing") !=
        std::string::npos);
  CHECK(failure_after([](Artifact& a) { a.tensors[0].name = "other"; }).find("'other'") !=
        std::string::npos);
  CHECK(failure_after([](Artifact& a) {
          for (Tensor& tensor : a.tensors)
            if (tensor.shape.size() == 2) std::swap(tensor.shape[0], tensor.shape[1]);
        }).find("the model has") != std::string::npos);
}

TEST_CASE("a vocabulary past the model's indices is refused") {
  const std::string failure = failure_after(
      [](Artifact& a) { a.metadata["coil.vocabulary"] = "0123456789abcdefghijklmnopqrstuvwxyz"; });
  CHECK(failure == "3: m.coil: 36 characters, but input 'c1' counts to 30");
}

TEST_CASE("a graph that is none, or is no canonical one, is refused") {
  CHECK(failure_after([](Artifact& a) { a.metadata["coil.graph"] = "coil: 2"; }).substr(0, 1) ==
        "3");
  CHECK(failure_after([](Artifact& a) {
          a.metadata["coil.graph"] += "  - {name: x, of: 999}\n";
        }).find("does not exist") != std::string::npos);
}

TEST_CASE("weights come from a plain safetensors file by name") {
  const TemporaryFolder folder;
  Model model = ready_model();
  TensorFile file;
  for (const NodeId id : leaves(model.graph, Op::weight)) {
    const Node& weight = model.graph.node(id);
    const std::string name(leaf_name(weight));
    file.tensors.push_back({name, weight.types[0].shape.dims,
                            std::vector<float>(model.store.values(name).size(), 0.25f)});
  }
  write_atomically(folder / "w.safetensors", encode(file));
  load_weights(folder / "w.safetensors", model);
  CHECK(model.store.values("mix.bias")[0] == 0.25f);

  file.tensors.pop_back();
  file.tensors.push_back({"stranger", {1}, {0}});
  write_atomically(folder / "w.safetensors", encode(file));
  const std::string failure = failure_of([&] { load_weights(folder / "w.safetensors", model); });
  CHECK(failure.find("is missing") != std::string::npos);
  CHECK(failure.find("the model has no 'stranger'") != std::string::npos);

  // The moments of training lie beside the weights and are none.
  model.store.add_leaves_of([] {
    Graph graph;
    Builder(graph).leaf(Op::state, StateAttributes{{"stranger"}}, {Element::real, {{2}}});
    return graph;
  }());
  CHECK(failure_of([&] { load_weights(folder / "w.safetensors", model); }) == failure);
}

}  // namespace coil::test

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <iterator>

#include "compiler/graph/builder.hpp"
#include "compiler/graph/faces.hpp"
#include "compiler/graph/text.hpp"

#include "runtime/artifact/artifact.hpp"
#include "runtime/artifact/atomic_file.hpp"
#include "runtime/artifact/safetensors.hpp"
#include "runtime/recipe/read_recipe.hpp"

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

Training some_training() {
  Training training;
  training.recipe.seed = 18446744073709551615ULL;
  training.recipe.clip_norm = 0.1;
  training.recipe.phases = {{Optimizer::adam, 0.01, 0, 3}, {Optimizer::sgd, 1e-5, 0.9, 7}};
  training.epochs = 3;
  training.steps = 1176;
  training.loss = 1.94;
  training.step = 17;
  training.loss_sum = 1.0 / 3 * 1e5;  // no short decimal number
  training.optimizer = Optimizer::sgd;
  training.updates = 17;
  training.first_loss = 4.0430512428283691;
  training.characters = 600893;
  training.text_hash = std::string(32, 'a');
  training.lowering = Lowering::unrolled;
  return training;
}

}  // namespace

TEST_CASE("a model comes back from its file as it was") {
  const TemporaryFolder folder;
  Model model = ready_model();
  model.training = some_training();
  model.training_tensors = {{"training/mean/w", {2}, {0.5f, -1}},
                            {"training/state/h", {1, 1}, {3}}};
  save_model(folder / "m.coil", model);
  const Model back = load_model(folder / "m.coil");
  CHECK(to_text(back.graph) == to_text(model.graph));
  CHECK(back.parameters == model.parameters);
  CHECK(back.vocabulary->characters() == model.vocabulary->characters());
  CHECK(back.has_weights);
  CHECK(back.training_tensors == model.training_tensors);
  const Model predicting = load_model(folder / "m.coil", LoadFor::predicting);
  CHECK(predicting.training_tensors.empty());
  CHECK(predicting.training->steps == model.training->steps);
  for (const StoredWeight& weight : stored_weights(model.graph))
    CHECK(predicting.store.stored(weight.name) == model.store.stored(weight.name));
  CHECK(back.training->recipe == model.training->recipe);
  CHECK(back.training->loss == model.training->loss);
  CHECK(back.training->loss_sum == model.training->loss_sum);
  CHECK(std::isnan(back.training->validation_loss));
  CHECK(back.training->first_loss == model.training->first_loss);
  CHECK(back.training->optimizer == Optimizer::sgd);
  CHECK(back.training->text_hash == model.training->text_hash);
  CHECK(back.training->lowering == Lowering::unrolled);
  for (const NodeId id : leaves(model.graph, Op::weight)) {
    const std::string name(leaf_name(model.graph.node(id)));
    CHECK(model.store.copy_of(name) == back.store.copy_of(name));
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
  const auto training = [](const std::string& json) {
    return failure_after([&](Artifact& a) {
      a.metadata["coil.training"] = json;
      a.metadata["coil.recipe"] = print_recipe({});
    });
  };
  CHECK(training("{") == "3: m.coil: coil.training is not JSON");
  CHECK(training("{\"epochs\": \"3\"}") ==
        "3: m.coil: 'epochs' of coil.training is missing or not what it can be");
  CHECK(failure_after([](Artifact& a) { a.tensors.pop_back(); }).find("is missing") !=
        std::string::npos);
  CHECK(failure_after([](Artifact& a) {
          a.tensors[0].values[5] = std::nanf("");
        }).find("holds an infinity or a NaN") != std::string::npos);
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

// The stored face of weights that a graph uses in pieces: initial values, files, training.

#include "compiler/graph/faces.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "runtime/artifact/artifact.hpp"
#include "runtime/artifact/atomic_file.hpp"
#include "runtime/artifact/safetensors.hpp"
#include "runtime/train/trainer.hpp"

#include "tests/model/small_model.hpp"
#include "tests/model/text_models.hpp"

namespace coil::test {
namespace {

const Tensor& tensor(const Artifact& artifact, const std::string& name) {
  for (const Tensor& each : artifact.tensors)
    if (each.name == name) return each;
  throw std::logic_error("no tensor " + name);
}

// Column 8 of the kernel, which no piece covers.
std::vector<float> column_8(const std::vector<float>& kernel) {
  std::vector<float> column;
  for (std::size_t row = 0; row < 8; ++row) column.push_back(kernel[row * 9 + 8]);
  return column;
}

const auto go_on = [](const StepReport&) { return true; };

}  // namespace

TEST_CASE("a weight in pieces counts, starts and is saved as the whole") {
  const Model model = cut_model();
  CHECK(count_parameters(model.graph) == 30 * 8 + 8 * 9 + 4 * 30);
  const auto kernel = model.store.stored("kernel");
  for (const float x : kernel) CHECK((x != 0 && std::abs(x) <= 0.3f));
  CHECK(model.store.copy_of("kernel[:, 4:8]")[1] == kernel[5]);

  const TemporaryFolder folder;
  save_model(folder / "m.coil", model);
  const Artifact artifact = load_artifact(folder / "m.coil");
  CHECK(artifact.tensors.size() == 3);
  CHECK(tensor(artifact, "kernel").shape == std::vector<std::int64_t>{8, 9});
  CHECK(tensor(artifact, "kernel").values == kernel);
  CHECK(load_model(folder / "m.coil").store.stored("kernel") == kernel);
}

TEST_CASE("training changes the pieces of a weight and nothing else of it") {
  Model model = cut_model();
  const auto before = model.store.stored("kernel");
  Trainer(model, small_text(), "text", {}, 1).run_epoch(go_on);
  const auto after = model.store.stored("kernel");
  CHECK(column_8(after) == column_8(before));
  std::size_t changed = 0;
  for (std::size_t i = 0; i < before.size(); ++i) changed += before[i] != after[i] ? 1 : 0;
  CHECK(changed == 64);
}

TEST_CASE("a broken piece is told under the weight's own name") {
  Model model = cut_model();
  CHECK_FALSE(broken_weight(model));
  model.store.values("kernel[:, 4:8]")[7] = std::nanf("");
  CHECK(broken_weight(model) == "kernel");
}

TEST_CASE("whole weights from a plain file are cut") {
  const TemporaryFolder folder;
  Model model = cut_model();
  TensorFile file;
  for (const StoredWeight& weight : stored_weights(model.graph))
    file.tensors.push_back({weight.name, weight.shape.dims,
                            std::vector<float>(static_cast<std::size_t>(weight.elements()), 0.5f)});
  write_atomically(folder / "w.safetensors", encode(file));
  load_weights(folder / "w.safetensors", model);
  CHECK(model.store.copy_of("kernel[:, 0:4]")[31] == 0.5f);
  CHECK(column_8(model.store.stored("kernel")) == std::vector<float>(8, 0.5f));

  for (Tensor& each : file.tensors)
    if (each.name == "kernel") each = {"kernel[:, 0:4]", {8, 4}, std::vector<float>(32)};
  write_atomically(folder / "w.safetensors", encode(file));
  const std::string why = failure_of([&] { load_weights(folder / "w.safetensors", model); });
  CHECK(why.find("'kernel' [8, 9] is missing") != std::string::npos);
  CHECK(why.find("the model has no 'kernel[:, 0:4]'") != std::string::npos);
}

TEST_CASE("a file whose tensor is not the whole of its pieces is refused") {
  const TemporaryFolder folder;
  save_model(folder / "m.coil", cut_model());
  Artifact artifact = load_artifact(folder / "m.coil");
  for (Tensor& each : artifact.tensors)
    if (each.name == "kernel") each = {"kernel", {8, 8}, std::vector<float>(64)};
  save_artifact(folder / "m.coil", artifact);
  const std::string why = failure_of([&] { load_model(folder / "m.coil"); });
  CHECK(why.substr(0, 2) == "3:");
  CHECK(why.find("'kernel' is [8, 8], the model has [8, 9]") != std::string::npos);
}

}  // namespace coil::test

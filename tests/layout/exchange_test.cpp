// Weights go out and come back to the last bit, in both layouts; what came back is what the probe says.

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>

#include "compiler/graph/faces.hpp"

#include "tests/layout/models.hpp"

namespace coil::layout_test {
namespace {

struct Case {
  std::string path;
  std::string model = {};
  std::vector<Definition> definitions = {};
};

const std::vector<Case> cases = {
    {"models/char3.model"},
    {"models/char_loop.model"},
    {"models/char_rnn.model"},
    {"models/char_stateful_rnn.model"},
    {"models/char_stateful_lstm.model"},
    {"examples/hand_rnn.model", "HandRnn"},
    {"examples/hand_rnn.model", "HandRnnCell"},
    {"examples/hand_lstm.model", "HandLSTM"},
    {"examples/hand_lstm.model", "HandCellLSTM"},
    {"examples/hand_gru.model", "HandGRU"},
    {"examples/hand_gru.model", "HandGRUCell"},
    {"examples/mingru.model", "CharMinGRU"},
};

// Every bit of every stored weight.
bool same_weights(const Model& a, const Model& b) {
  for (const StoredWeight& weight : stored_weights(a.graph)) {
    const auto x = a.store.stored(weight.name), y = b.store.stored(weight.name);
    if (std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) != 0) return false;
  }
  return true;
}

void check_round_trip(const Model& model, Model other, Layout layout) {
  const std::string bytes = encode(export_weights(model, layout));
  draw_weights(other, 2);
  REQUIRE_FALSE(same_weights(model, other));
  const TensorFile file = decode(bytes, "w");
  CHECK(layout_of(file, "w") == layout);
  const auto difference = import_weights(file, "w", layout, ProbeUse::check, other);
  REQUIRE(difference.has_value());
  CHECK(difference->largest == 0);
  CHECK(difference->numbers > 0);
  CHECK(same_weights(model, other));
  CHECK(encode(export_weights(other, layout)) == bytes);
}

}  // namespace

TEST_CASE("weights go out and come back to the last bit") {
  for (const Case& each : cases)
    for (const Layout layout : {Layout::keras, Layout::torch}) {
      INFO(each.path << ' ' << each.model << ' ' << to_string(layout));
      const Model model = repository_model(each.path, each.model, each.definitions);
      check_round_trip(model, repository_model(each.path, each.model, each.definitions), layout);
    }
}

TEST_CASE("a bias that is minus zero stays so") {
  Model model = repository_model("models/char_rnn.model");
  model.store.set_stored("simple_rnn.bias", std::vector<float>(6, -0.0f));
  check_round_trip(model, repository_model("models/char_rnn.model"), Layout::torch);
}

TEST_CASE("two biases of PyTorch's are one bias") {
  Model model = repository_model("models/char_stateful_lstm.model");
  TensorFile file = export_weights(model, Layout::torch);
  std::vector<float>& first = tensor(file, "lstm.bias_ih_l0").values;
  std::vector<float>& second = tensor(file, "lstm.bias_hh_l0").values;
  CHECK(second == std::vector<float>(24, 0.0f));
  const std::vector<float> whole = first;
  for (std::size_t i = 0; i < first.size(); ++i) {
    first[i] = static_cast<float>(i) / 8;
    second[i] = whole[i] - first[i];
  }
  Model back = repository_model("models/char_stateful_lstm.model");
  import_weights(file, "w", Layout::torch, ProbeUse::check, back);
  const std::vector<float> sum = back.store.stored("lstm.bias");
  for (std::size_t i = 0; i < sum.size(); ++i) CHECK(sum[i] == first[i] + second[i]);

  first[3] = second[3] = std::numeric_limits<float>::max();
  CHECK(failure_of([&] {
          import_weights(file, "w", Layout::torch, ProbeUse::ignore, back);
        }).find("3: w: the two biases") == 0);
}

TEST_CASE("an import forgets how far training came, and keeps the recipe") {
  Model model = repository_model("models/char_rnn.model");
  Training training;
  training.recipe.batch = 17;
  training.epochs = 3;
  training.steps = 300;
  training.updates = 300;
  training.loss = 1.5;
  training.text_hash = std::string(32, 'a');
  model.training = training;
  model.training_tensors = {{"training/mean/dense.bias", {1}, {1}}};
  import_weights(export_weights(model, Layout::keras), "w", Layout::keras, ProbeUse::check, model);
  CHECK(model.training_tensors.empty());
  CHECK(model.training->recipe == training.recipe);
  CHECK(model.training->epochs == 0);
  CHECK(model.training->steps == 0);
  CHECK(model.training->updates == 0);
  CHECK_FALSE(std::isfinite(model.training->loss));
}

TEST_CASE("gates that come back in another order are found by what the model computes") {
  const auto swap_rows = [](Tensor& of, std::size_t a, std::size_t b, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
      std::swap(of.values[a * size + i], of.values[b * size + i]);
  };
  for (const auto& [path, name, layer] :
       {std::tuple("models/char_stateful_lstm.model", "", "lstm"),
        std::tuple("examples/hand_gru.model", "PreludeGRU", "gru")}) {
    Model model = repository_model(path, name);
    TensorFile file = export_weights(model, Layout::torch);
    for (const char* part : {".weight_ih_l0", ".weight_hh_l0", ".bias_ih_l0", ".bias_hh_l0"}) {
      Tensor& of = tensor(file, std::string(layer) + part);
      const std::size_t gates = std::string(layer) == "lstm" ? 4 : 3;
      swap_rows(of, 0, 1, of.values.size() / gates);
    }
    const std::string why =
        failure_of([&] { import_weights(file, "w", Layout::torch, ProbeUse::check, model); });
    INFO(why);
    CHECK(why.find("3: w: the model does not compute what it did") == 0);
    CHECK(why.find("gates in another order") != std::string::npos);
    CHECK_FALSE(import_weights(file, "w", Layout::torch, ProbeUse::ignore, model));
  }
}

TEST_CASE("a kernel that was transposed is found, though its shape fits") {
  Model model = repository_model("models/char_rnn.model");
  TensorFile file = export_weights(model, Layout::keras);
  Tensor& kernel = tensor(file, "simple_rnn.recurrent_kernel");
  const std::vector<float> before = kernel.values;
  for (std::size_t r = 0; r < 6; ++r)
    for (std::size_t c = 0; c < 6; ++c) kernel.values[c * 6 + r] = before[r * 6 + c];
  CHECK(failure_of([&] {
          import_weights(file, "w", Layout::keras, ProbeUse::check, model);
        }).find("a kernel transposed") != std::string::npos);
}

TEST_CASE("a probe of a model of another length is told from one that disagrees") {
  const Model model = repository_model("models/char_rnn.model");
  Model longer = repository_model("models/char_rnn.model", "", {{"steps", "9"}});
  const TensorFile file = export_weights(model, Layout::keras);
  const std::string why =
      failure_of([&] { import_weights(file, "w", Layout::keras, ProbeUse::check, longer); });
  CHECK(why.find("is of another model: 'c' of its inputs has 8 numbers, and 9 are needed") !=
        std::string::npos);
  CHECK(why.find("--skip-probe") != std::string::npos);
  import_weights(file, "w", Layout::keras, ProbeUse::ignore, longer);
  CHECK(same_weights(model, longer));
}

TEST_CASE("a file without a probe is taken as it is") {
  Model model = repository_model("models/char_rnn.model");
  TensorFile file = export_weights(model, Layout::torch);
  file.metadata.clear();
  CHECK_FALSE(layout_of(file, "w").has_value());
  CHECK_FALSE(import_weights(file, "w", Layout::torch, ProbeUse::check, model).has_value());
  file.metadata["coil.layout"] = "tf";
  CHECK(failure_of([&] { layout_of(file, "w"); }) ==
        "3: w: coil.layout is 'tf', and not keras or torch");
}

}  // namespace coil::layout_test

// Files that do not fit are refused, and every tensor that is wrong is named.

#include <catch2/catch.hpp>
#include <limits>

#include "compiler/graph/faces.hpp"

#include "tests/layout/models.hpp"

namespace coil::layout_test {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// What importing says of the file of `model` after `edit`; nothing of the model is changed by it.
template <typename Edit>
std::string failure_after(const Edit& edit, Layout layout = Layout::torch) {
  Model model = repository_model("models/char_stateful_lstm.model");
  TensorFile file = export_weights(model, layout);
  edit(file);
  draw_weights(model, 2);
  const std::vector<double> before = answer(model);
  const std::string why =
      failure_of([&] { import_weights(file, "w.st", layout, ProbeUse::check, model); });
  CHECK(answer(model) == before);
  return why;
}

}  // namespace

TEST_CASE("missing and unused tensors are named, with what was probably meant") {
  const std::string why = failure_after([](TensorFile& file) {
    tensor(file, "lstm.weight_hh_l0").name = "lstm.weight_hh_10";
    std::erase_if(file.tensors, [](const Tensor& each) { return each.name == "dense.bias"; });
    file.tensors.push_back({"optimizer_step", {1}, {1}});
  });
  CHECK(why ==
        "3: w.st: the weights do not fit model CharStatefulLSTM:\n"
        "  'lstm.weight_hh_l0' [24, 6] is missing\n"
        "  'dense.bias' [57] is missing\n"
        "  the model has no 'lstm.weight_hh_10'; did you mean 'lstm.weight_hh_l0'?\n"
        "  the model has no 'optimizer_step'");
}

TEST_CASE("shapes that differ are named, both sides") {
  const std::string why = failure_after([](TensorFile& file) {
    std::swap(tensor(file, "dense.weight").shape[0], tensor(file, "dense.weight").shape[1]);
    tensor(file, "lstm.bias_hh_l0") = {"lstm.bias_hh_l0", {12}, std::vector<float>(12)};
  });
  CHECK(contains(why, "\n  'lstm.bias_hh_l0' is [12], the model has [24]"));
  CHECK(contains(why, "\n  'dense.weight' is [6, 57], the model has [57, 6]"));
}

TEST_CASE("numbers that are not finite are refused by the names of their tensors") {
  const std::string why = failure_after(
      [](TensorFile& file) {
        tensor(file, "dense.bias").values[3] = std::numeric_limits<float>::quiet_NaN();
        tensor(file, "lstm.kernel").values[0] = -std::numeric_limits<float>::infinity();
      },
      Layout::keras);
  CHECK(contains(why, "'dense.bias' holds an infinity or a NaN"));
  CHECK(contains(why, "'lstm.kernel' holds an infinity or a NaN"));
}

TEST_CASE("the other layout is named where that is all that is wrong") {
  Model model = repository_model("models/char_stateful_lstm.model");
  const auto failure = [&](Layout of_file, Layout asked) {
    const TensorFile file = export_weights(model, of_file);
    return failure_of([&] { import_weights(file, "w", asked, ProbeUse::check, model); });
  };
  CHECK(contains(failure(Layout::torch, Layout::keras), "; they do with --layout=torch:"));
  CHECK(contains(failure(Layout::keras, Layout::torch), "; they do with --layout=keras:"));
  CHECK_FALSE(
      contains(failure_after([](TensorFile& file) { file.tensors.pop_back(); }), "they do with"));
}

TEST_CASE("a list of complaints ends") {
  const std::string why = failure_after([](TensorFile& file) {
    for (int i = 0; i < 1000; ++i) file.tensors.push_back({fmt::format("x{}", i), {1}, {1}});
  });
  CHECK(contains(why, "\n  and 936 more"));
}

TEST_CASE("a hostile probe is refused, not run") {
  Model model = repository_model("models/char_stateful_lstm.model");
  for (const std::string& json :
       {std::string("{"), std::string("[]"), std::string("{\"inputs\":{}}"),
        std::string(100'000, '['), std::string(9 << 20, ' ')}) {
    const std::string why = failure_of([&] {
      TensorFile file = export_weights(model, Layout::torch);
      file.metadata["coil.probe"] = json;
      import_weights(file, "w", Layout::torch, ProbeUse::check, model);
    });
    CHECK(why.find("3: w: coil.probe ") == 0);
  }
}

TEST_CASE("a model without weights has none to give") {
  Model model = repository_model("models/char_rnn.model");
  model.has_weights = false;
  CHECK(failure_of([&] { export_weights(model, Layout::keras); }) ==
        "3: model CharRnn has no weights; `coil train` gives it some");
}

}  // namespace coil::layout_test

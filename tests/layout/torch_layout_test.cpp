// Which tensor of PyTorch's each weight is, told from what the graph does with it.

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>

#include "compiler/graph/faces.hpp"

#include "tests/layout/models.hpp"

namespace coil::layout_test {
namespace {

using Names = std::vector<std::string>;

std::vector<float> counting(std::size_t n) {
  std::vector<float> values(n);
  std::iota(values.begin(), values.end(), 0.0f);
  return values;
}

Names torch_names(const Model& model) { return names(export_weights(model, Layout::torch)); }

// One cell of two units over three inputs.
Model one_cell(const std::string& cell, const std::string& definitions = "") {
  return model_of(definitions +
                  "\nmodel M(steps = 3) {\n  input x[steps]: real[3]\n  output x |> " + cell +
                  "\n}\n");
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("names and shapes are those of PyTorch's modules") {
  CHECK(torch_names(repository_model("models/char_stateful_lstm.model")) ==
        Names{"embedding.weight [57, 42]", "lstm.weight_ih_l0 [24, 42]",
              "lstm.weight_hh_l0 [24, 6]", "lstm.bias_ih_l0 [24]", "lstm.bias_hh_l0 [24]",
              "dense.weight [57, 6]", "dense.bias [57]"});
  CHECK(torch_names(repository_model("examples/hand_gru.model", "PreludeGRU")) ==
        Names{"embedding.weight [57, 42]", "gru.weight_ih_l0 [18, 42]", "gru.weight_hh_l0 [18, 6]",
              "gru.bias_ih_l0 [18]", "gru.bias_hh_l0 [18]", "dense.weight [57, 6]",
              "dense.bias [57]"});
  CHECK(torch_names(repository_model("models/char_rnn.model")) ==
        Names{"embedding.weight [57, 42]", "simple_rnn.weight_ih_l0 [6, 42]",
              "simple_rnn.weight_hh_l0 [6, 6]", "simple_rnn.bias_ih_l0 [6]",
              "simple_rnn.bias_hh_l0 [6]", "dense.weight [57, 6]", "dense.bias [57]"});
}

TEST_CASE("a tied cell's one kernel is that of a dense layer") {
  Model model = repository_model("models/char_loop.model");
  model.store.set_stored("mix.kernel", counting(36));
  const TensorFile file = export_weights(model, Layout::torch);
  CHECK(names(file) == Names{"embed.weight [57, 42]", "encode.weight [6, 42]", "encode.bias [6]",
                             "mix.bias [6]", "mix.weight [6, 6]", "decode.weight [57, 6]",
                             "decode.bias [57]"});
  CHECK(tensor(file, "mix.weight").values[1] == 6);
}

TEST_CASE("an LSTM's gates are in PyTorch's order, and its kernels transposed") {
  Model model = one_cell("lstm(2)");
  model.store.set_stored("lstm.kernel", counting(24));
  model.store.set_stored("lstm.bias", counting(8));
  const TensorFile file = export_weights(model, Layout::torch);
  const std::vector<float>& kernel = tensor(file, "lstm.weight_ih_l0").values;
  for (std::size_t row = 0; row < 8; ++row)
    for (std::size_t column = 0; column < 3; ++column)
      CHECK(kernel[row * 3 + column] == static_cast<float>(column * 8 + row));
  CHECK(tensor(file, "lstm.bias_ih_l0").values == counting(8));
}

TEST_CASE("a GRU's gates go from z, r, h to r, z, n, and its two biases one to one") {
  Model model = one_cell("gru(2)");
  model.store.set_stored("gru.kernel", counting(18));
  model.store.set_stored("gru.recurrent_kernel", counting(12));
  model.store.set_stored("gru.bias", counting(12));
  const TensorFile file = export_weights(model, Layout::torch);
  using Row = std::vector<float>;
  CHECK(tensor(file, "gru.bias_ih_l0").values == Row{2, 3, 0, 1, 4, 5});
  CHECK(tensor(file, "gru.bias_hh_l0").values == Row{8, 9, 6, 7, 10, 11});
  CHECK(tensor(file, "gru.weight_ih_l0").values ==
        Row{2, 8, 14, 3, 9, 15, 0, 6, 12, 1, 7, 13, 4, 10, 16, 5, 11, 17});
  CHECK(tensor(file, "gru.weight_hh_l0").values == Row{2, 8, 3, 9, 0, 6, 1, 7, 4, 10, 5, 11});
}

// A file of one spelling is a file of another's, but for the names of layers.
TEST_CASE("how a cell is spelled does not matter") {
  struct Spelling {
    const char *path, *model, *layer;
  };
  const auto same = [](const Spelling& built_in, const Spelling& by_hand) {
    const Model model = repository_model(built_in.path, built_in.model);
    Model other = repository_model(by_hand.path, by_hand.model);
    TensorFile file = export_weights(model, Layout::torch);
    const TensorFile expected = export_weights(other, Layout::torch);
    for (Tensor& each : file.tensors)
      for (const auto& [from, to] :
           {std::pair(built_in.layer, by_hand.layer), std::pair("embedding", "embed")})
        if (each.name.starts_with(std::string(from) + '.') &&
            std::ranges::find(expected.tensors, each.name, &Tensor::name) == expected.tensors.end())
          each.name.replace(0, std::string(from).size(), to);
    INFO(by_hand.model);
    file.metadata.clear();
    CHECK(failure_of([&] { import_weights(file, "w", Layout::torch, ProbeUse::ignore, other); }) ==
          "nothing");
    const auto a = answer(model), b = answer(other);
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(b[i] == Approx(a[i]).epsilon(1e-5));
  };
  const Spelling lstm{"models/char_stateful_lstm.model", "", "lstm"};
  same(lstm, {"examples/hand_lstm.model", "HandLSTM", "lstm"});
  same(lstm, {"examples/hand_lstm.model", "HandCellLSTM", "HandCell"});
  const Spelling gru{"examples/hand_gru.model", "PreludeGRU", "gru"};
  same(gru, {"examples/hand_gru.model", "HandGRU", "gru"});
  same(gru, {"examples/hand_gru.model", "HandGRUCell", "GRU"});
  const Spelling rnn{"models/char_rnn.model", "", "simple_rnn"};
  same(rnn, {"examples/hand_rnn.model", "HandRnn", "rnn"});
  same(rnn, {"examples/hand_rnn.model", "HandRnnCell", "Rnn"});
}

TEST_CASE("the layers of a cell that PyTorch has not are its modules") {
  Names found = torch_names(repository_model("examples/mingru.model", "CharMinGRU"));
  std::ranges::sort(found);
  CHECK(found == Names{"dense.bias [57]", "dense.weight [57, 6]", "embed.weight [57, 42]",
                       "mingru.n.bias [6]", "mingru.n.weight [6, 42]", "mingru.z.bias [6]",
                       "mingru.z.weight [6, 42]"});
}

TEST_CASE("a weight that plays no known part, or two, stays as it is") {
  const Model model = model_of(R"(
cell Odd(units) {
  weight kernel: real[width, units] = glorot_uniform
  weight V: real[units, units] = glorot_uniform
  state h: real[units]
  step(x) {
    h = exp(h @ V + x @ kernel) * kernel[0]
    yield h
  }
}
model M(steps = 3) {
  input x[steps]: real[3]
  output x |> Odd(2)
}
)");
  TensorFile torch = export_weights(model, Layout::torch);
  CHECK(torch.tensors == export_weights(model, Layout::keras).tensors);
  CHECK(torch.tensors.size() == 2);
}

TEST_CASE("a name that is another's is not taken") {
  const Model model = model_of(R"(
cell Odd(units) {
  weight weight_hh_l0: real[units] = ones
  state h: real[units]
  step(x) {
    h = h * weight_hh_l0 + x
    yield h
  }
}
model M(steps = 3) {
  input x[steps]: real[3]
  layer rnn = Odd(2)
  weight A: real[3, 2] = glorot_uniform
  weight B: real[2, 2] = orthogonal
  h = zeros(2)
  for t in 0..steps {
    h = tanh(x[t] @ A + h @ B)
    y[t] = h
  }
  output y |> rnn
}
)");
  Names found = torch_names(model);
  std::ranges::sort(found);
  CHECK(found ==
        Names{"rnn.weight_hh_l0 [2]", "rnn_1.weight_hh_l0 [2, 2]", "rnn_1.weight_ih_l0 [2, 3]"});
}

TEST_CASE("two cells without a name are two modules") {
  const Model model = model_of(R"(
model M(steps = 4) {
  input x[steps]: real[3]
  weight A: real[3, 2] = glorot_uniform
  weight B: real[2, 2] = orthogonal
  weight C: real[2, 2] = glorot_uniform
  weight D: real[2, 2] = orthogonal
  h = zeros(2)
  k = zeros(2)
  for t in 0..steps {
    h = tanh(x[t] @ A + h @ B)
    y[t] = h
  }
  for t in 0..steps {
    k = relu(y[t] @ C + k @ D)
  }
  output k
}
)");
  const Names found = torch_names(model);
  CHECK(found == Names{"rnn.weight_ih_l0 [2, 3]", "rnn.weight_hh_l0 [2, 2]",
                       "rnn_1.weight_ih_l0 [2, 2]", "rnn_1.weight_hh_l0 [2, 2]"});
}

TEST_CASE("what PyTorch computes otherwise is refused by the layer's name") {
  const auto why = [](const std::string& cell) {
    const Model model = one_cell(cell);
    CHECK(failure_of([&] { export_weights(model, Layout::keras); }) == "nothing");
    return failure_of([&] { export_weights(model, Layout::torch); });
  };
  const std::string before = why("gru(2, reset_after = false)");
  CHECK(before.find(
            "2: --layout=torch: 'gru' (weights gru.bias, gru.kernel, gru.recurrent_kernel)") == 0);
  CHECK(mentions(before, "its reset gate is applied before the product"));
  CHECK(mentions(why("lstm(2, recurrent_activation = hard_sigmoid)"),
                 "its gates are hard_sigmoid, and nn.LSTM's sigmoid"));
  CHECK(mentions(why("gru(2, recurrent_activation = hard_sigmoid)"),
                 "its gates are hard_sigmoid, and nn.GRU's sigmoid"));
  CHECK(mentions(why("lstm(2, activation = relu)"), "its activation is relu, and nn.LSTM's tanh"));
  CHECK(mentions(why("simple_rnn(2, activation = sigmoid)"),
                 "its activation is sigmoid, and nn.RNN's tanh or relu"));
  CHECK(why("simple_rnn(2, activation = relu)") == "nothing");
}

}  // namespace coil::layout_test

#pragma once

// How the weights of a model lie in a plain safetensors file.
//
//   keras   as the model's text has them, which are Keras's names and shapes: lstm.kernel [in, 4 * units]
//   torch   as PyTorch's modules have them:
//             nn.LSTM, nn.GRU, nn.RNN   lstm.weight_ih_l0 [4 * units, in], lstm.weight_hh_l0 [4 * units, units],
//                                       lstm.bias_ih_l0, lstm.bias_hh_l0 [4 * units]; gates i, f, g, o or r, z, n
//             nn.Linear                 dense.weight [out, in], dense.bias
//             nn.Embedding              embedding.weight
//
// Which weights are a cell's, and of which gate, is told by the graph: a cell by hand is laid out as the built-in one,
// however its weights are cut and called. The module has the name that the names of its weights begin with
// (lstm.kernel, lstm.bias: lstm), else that of its kind: lstm, gru, rnn. A matrix X.kernel that is nothing but the
// right operand of products is transposed to X.weight; a matrix X.embeddings that is only looked up in is X.weight as
// it is. Any other weight stays as it is, under its own name: those of a cell that PyTorch has not, those with two
// parts to play (the one kernel of a tied cell is that of a dense layer, and transposed), those whose name would be
// another's.

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil {

enum class Layout : std::uint8_t { keras, torch };
std::string_view to_string(Layout layout);

// A leaf of the graph as a part of a tensor.
struct LaidPart {
  std::string leaf;
  // The second of two biases where the model has one: zero going out, added to the first coming in.
  bool is_added = false;

  bool operator==(const LaidPart&) const = default;
};

struct LaidTensor {
  enum class Form : std::uint8_t {
    whole,       // the stored weight as it is
    transposed,  // the stored weight, a matrix, the other way round
    stacked,     // leaves one below the other: matrices transposed, rows as they are
  };
  std::string name;
  std::vector<std::int64_t> shape;
  Form form = Form::whole;
  std::string stored;           // whole and transposed
  std::vector<LaidPart> parts;  // stacked
};

// Every element of every stored weight is in one tensor of the result, but for added parts in no other; in the order
// of the graph. RunError (usage) naming the layer where PyTorch's module of that name computes something else than
// the model's cell.
std::vector<LaidTensor> lay_out(const Graph& graph, Layout layout);

}  // namespace coil

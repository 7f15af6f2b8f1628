#include "compiler/graph/attributes.hpp"

#include "compiler/graph/hash.hpp"

namespace coil {

Body make_body(Graph graph) {
  const Hash hash = hash_of(graph);
  return {std::make_shared<const Graph>(std::move(graph)), hash};
}

const Body* body_of(const Attributes& attributes) {
  if (const auto* scan = std::get_if<ScanAttributes>(&attributes)) return &scan->body;
  if (const auto* fused = std::get_if<FusedElementwiseAttributes>(&attributes)) return &fused->body;
  return nullptr;
}

std::string_view to_string(InitializerKind kind) {
  switch (kind) {
    case InitializerKind::zeros:
      return "zeros";
    case InitializerKind::ones:
      return "ones";
    case InitializerKind::uniform:
      return "uniform";
    case InitializerKind::glorot_uniform:
      return "glorot_uniform";
    case InitializerKind::orthogonal:
      return "orthogonal";
    case InitializerKind::lstm_bias:
      return "lstm_bias";
  }
  __builtin_unreachable();
}

std::string_view to_string(Activation activation) {
  switch (activation) {
    case Activation::none:
      return "none";
    case Activation::relu:
      return "relu";
    case Activation::tanh:
      return "tanh";
    case Activation::sigmoid:
      return "sigmoid";
    case Activation::hard_sigmoid:
      return "hard_sigmoid";
  }
  __builtin_unreachable();
}

std::string_view to_string(RecurrentCell cell) {
  switch (cell) {
    case RecurrentCell::vanilla:
      return "vanilla";
    case RecurrentCell::lstm:
      return "lstm";
    case RecurrentCell::gru:
      return "gru";
    case RecurrentCell::gru_reset_after:
      return "gru_reset_after";
  }
  __builtin_unreachable();
}

}  // namespace coil

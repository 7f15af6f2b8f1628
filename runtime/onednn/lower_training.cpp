// The optimizers and the norm that they clip by (their formulas: compiler/graph/ops/training.cpp).

#include <cmath>

#include "runtime/kernels/adam.hpp"
#include "runtime/kernels/sgd.hpp"
#include "runtime/kernels/squared_norm.hpp"
#include "runtime/onednn/lowering.hpp"

namespace coil::onednn {
namespace {

struct Move {
  float* to;
  const float* from;
  std::int64_t count;
};

// An optimizer's node: five scalars, then the parts, each with one value a weight: weights, gradients, moments.
class UpdateView {
 public:
  UpdateView(const NodeView& view, std::size_t moments)
      : view_(view), moments_(moments), weights_(view.node().types.size() / (1 + moments)) {}

  std::size_t weights() const { return weights_; }
  std::int64_t size(std::size_t w) const { return view_.size(view_.result_shape(w)); }
  float* gradient(std::size_t w) const { return view_.in(scalars + weights_ + w); }
  // The new weight (0) or moment (from 1).
  float* result(std::size_t part, std::size_t w) const {
    return view_.out(static_cast<std::uint32_t>(part * weights_ + w));
  }

  // The kernels work in place, which is where the planner puts the results; if something else still needs the
  // old values, they are copied first.
  std::vector<Move> moves() const {
    std::vector<Move> moves;
    for (std::size_t w = 0; w < weights_; ++w)
      for (std::size_t part = 0; part <= moments_; ++part) {
        const std::size_t operand = part == 0 ? 0 : part + 1;
        moves.push_back({result(part, w), view_.in(scalars + operand * weights_ + w), size(w)});
      }
    return moves;
  }

  std::string what() const {
    std::int64_t elements = 0;
    for (std::size_t w = 0; w < weights_; ++w) elements += size(w);
    return fmt::format("{} weights in {} tensors", elements, weights_);
  }

 private:
  static constexpr std::size_t scalars = 5;

  const NodeView& view_;
  std::size_t moments_;
  std::size_t weights_;
};

// Where the scalars stand, which a run reads.
struct Scalars {
  explicit Scalars(const NodeView& view)
      : rate(view.in(0)),
        second(view.in(1)),
        norm(view.in(2)),
        clip(view.in(3)),
        decay(view.in(4)) {}

  // What clipping leaves of a gradient.
  double scale() const { return *norm > *clip ? double{*clip} / double{*norm} : 1.0; }

  const float *rate, *second, *norm, *clip, *decay;
};

// Moves, and updates where the norm is finite.
template <typename Update>
Step update_step(const UpdateView& node, std::string_view kernel, const Scalars& scalars,
                 Update update, const Workshop& shop) {
  return kernel_step(node.what(), kernel,
                     [=, moves = node.moves(), broke = shop.broke_weights]() mutable {
                       for (const Move& move : moves) move_to(move.to, move.from, move.count);
                       *broke = std::isfinite(*scalars.norm) && !update();
                     });
}

}  // namespace

Step lower_global_norm(const NodeView& view) {
  std::vector<kernels::NormTensor> tensors;
  std::int64_t elements = 0;
  for (std::size_t i = 0; i < view.node().operands.size(); ++i) {
    tensors.push_back({view.in(i), view.size(view.shape(i))});
    elements += tensors.back().size;
  }
  return kernel_step(fmt::format("{} elements in {} tensors", elements, tensors.size()),
                     "squared_norm", [tensors, norm = view.out()] {
                       *norm = static_cast<float>(std::sqrt(kernels::squared_norm(tensors)));
                     });
}

Step lower_adam(const NodeView& view, const Workshop& shop) {
  const auto& attributes = std::get<AdamAttributes>(view.node().attributes);
  const UpdateView node(view, 2);
  std::vector<kernels::AdamTensor> tensors;
  for (std::size_t w = 0; w < node.weights(); ++w)
    tensors.push_back(
        {node.result(0, w), node.gradient(w), node.result(1, w), node.result(2, w), node.size(w)});
  kernels::AdamParameters parameters{
      .beta1 = attributes.beta1, .beta2 = attributes.beta2, .epsilon = attributes.epsilon};
  const Scalars scalars(view);
  const auto update = [=]() mutable {
    parameters.learning_rate = *scalars.rate;
    parameters.gradient_scale = scalars.scale();
    parameters.decay = *scalars.decay;
    return kernels::adam(parameters, std::llround(*scalars.second), tensors);
  };
  return update_step(node, "adam", scalars, update, shop);
}

Step lower_sgd(const NodeView& view, const Workshop& shop) {
  const UpdateView node(view, 1);
  std::vector<kernels::SgdTensor> tensors;
  for (std::size_t w = 0; w < node.weights(); ++w)
    tensors.push_back({node.result(0, w), node.gradient(w), node.result(1, w), node.size(w)});
  const Scalars scalars(view);
  const auto update = [=] {
    return kernels::sgd({.learning_rate = *scalars.rate,
                         .momentum = *scalars.second,
                         .gradient_scale = scalars.scale(),
                         .decay = *scalars.decay},
                        tensors);
  };
  return update_step(node, "sgd", scalars, update, shop);
}

}  // namespace coil::onednn

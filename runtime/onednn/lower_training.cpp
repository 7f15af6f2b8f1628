#include <cmath>

#include "runtime/kernels/adam.hpp"
#include "runtime/onednn/lowering.hpp"

namespace coil::onednn {
namespace {

struct Move {
  float* to;
  const float* from;
  std::int64_t count;
};

}  // namespace

// adam(rate, step, w.., g.., m.., v..) -> (w'.., m'.., v'..): the kernel works in place, which is where the
// planner puts the results; if something else still needs the old values, they are copied first.
Step lower_adam(const NodeView& view) {
  const auto& attributes = std::get<AdamAttributes>(view.node().attributes);
  const std::size_t weights = view.node().types.size() / 3;
  std::vector<kernels::AdamTensor> tensors;
  std::vector<Move> moves;
  std::int64_t elements = 0;
  for (std::size_t w = 0; w < weights; ++w) {
    const auto result = [&](std::size_t part) {
      return view.out(static_cast<std::uint32_t>(part * weights + w));
    };
    const std::int64_t size = view.size(view.result_shape(w));
    const std::size_t weight = 2 + w, gradient = weight + weights, mean = gradient + weights;
    tensors.push_back({result(0), view.in(gradient), result(1), result(2), size});
    for (const auto& [part, operand] : {std::pair(0, weight), {1, mean}, {2, mean + weights}})
      moves.push_back({result(static_cast<std::size_t>(part)), view.in(operand), size});
    elements += size;
  }
  kernels::AdamParameters parameters{0, attributes.beta1, attributes.beta2, attributes.epsilon};
  return kernel_step(fmt::format("{} weights in {} tensors", elements, weights), "adam",
                     [=, rate = view.in(0), number = view.in(1)]() mutable {
                       for (const Move& move : moves) move_to(move.to, move.from, move.count);
                       parameters.learning_rate = *rate;
                       kernels::adam(parameters, std::llround(*number), tensors);
                     });
}

}  // namespace coil::onednn

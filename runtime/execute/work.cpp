#include "runtime/execute/work.hpp"

#include <algorithm>
#include <span>

#include "compiler/graph/op_record.hpp"
#include "compiler/graph/ops/recurrent.hpp"

namespace coil {
namespace {

// Of a well-known cell over a sequence: each row of each step by both kernels; twice that for the gradient, which
// is one of rows and one of kernels.
double work_of(const Plan& plan, const Node& node) {
  const RecurrentPlaces places(std::get<RecurrentAttributes>(node.attributes).cell);
  const auto size = [&](std::size_t i) {
    return static_cast<double>(count(plan.graph.type(node.operands[i]).shape, plan.batch));
  };
  const Shape& src = plan.graph.type(node.operands[RecurrentPlaces::src]).shape;
  const double rows = size(RecurrentPlaces::src) / static_cast<double>(src.last());
  const double forwards = rows * (size(places.kernel) + size(places.recurrent_kernel));
  return node.op == Op::recurrent ? forwards : 2 * forwards;
}

// How many times as fast as in f32 a product is in int8: 18.3 us against 4.4 for [1x512] @ [512x2048] on one thread.
constexpr double int8_speed = 4;

// Multiplications of the largest product that a run computes. Threads meet before and after each, so that what counts is
// how large one is and not how many there are; and not what is computed once, of weights alone.
double largest_work_of(const Plan& plan) {
  double largest = 0;
  for (const NodeId id : std::span(plan.schedule).subspan(plan.fixed)) {
    const Node& node = plan.graph.node(id);
    if (node.op == Op::recurrent || node.op == Op::recurrent_grad)
      largest = std::max(largest, work_of(plan, node));
    if (node.op != Op::matmul && node.op != Op::fused_matmul) continue;
    const auto a = static_cast<double>(count(plan.graph.type(node.operands[0]).shape, plan.batch));
    const bool is_int8 = plan.graph.type(node.operands[0]).element == Element::int8;
    const double work = a * static_cast<double>(node.types[0].shape.last());
    largest = std::max(largest, is_int8 ? work / int8_speed : work);
  }
  return largest;
}

// Below this many multiplications, 5 to 10 us, handing a part to a second thread costs more than it saves.
constexpr double least_work_for_threads = 5e5;

}  // namespace

int useful_threads(const Plan& plan, int threads) {
  return largest_work_of(plan) < least_work_for_threads ? 1 : threads;
}

}  // namespace coil

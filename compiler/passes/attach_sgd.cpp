#include "compiler/passes/attach_sgd.hpp"

#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/attach_update.hpp"

namespace coil {
namespace {

constexpr const char* velocity_prefix = "sgd.velocity.";

}  // namespace

std::string velocity_name(const std::string& weight) { return velocity_prefix + weight; }

Graph attach_sgd(const Graph& graph) {
  return attach_update(graph, {Op::sgd, NoAttributes{}, momentum_name, {velocity_prefix}});
}

}  // namespace coil

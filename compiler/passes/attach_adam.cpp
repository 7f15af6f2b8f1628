#include "compiler/passes/attach_adam.hpp"

#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/attach_update.hpp"

namespace coil {
namespace {

constexpr const char* mean_prefix = "adam.mean.";
constexpr const char* variance_prefix = "adam.variance.";

}  // namespace

std::string mean_name(const std::string& weight) { return mean_prefix + weight; }
std::string variance_name(const std::string& weight) { return variance_prefix + weight; }

Graph attach_adam(const Graph& graph) {
  return attach_update(
      graph, {Op::adam, AdamAttributes{}, update_number_name, {mean_prefix, variance_prefix}});
}

}  // namespace coil

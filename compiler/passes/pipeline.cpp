#include "compiler/passes/pipeline.hpp"

#include "compiler/graph/forms.hpp"
#include "compiler/passes/attach_adam.hpp"
#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/canonicalise.hpp"
#include "compiler/passes/differentiate.hpp"
#include "compiler/passes/eliminate_dead.hpp"
#include "compiler/passes/fuse_post_ops.hpp"
#include "compiler/passes/order_by_use.hpp"
#include "compiler/passes/share_common.hpp"

namespace coil {
namespace {

// clang-format off
constexpr PassRow rows[] = {
    {"share_common", share_common, Stage::canonical, is_flat,
     "equal subgraphs become one node, so that every later pass sees each computation once"},
    {"canonicalise", canonicalise, Stage::canonical, is_flat,
     "one spelling of each sum and product, whatever the text said"},
    {"eliminate_dead", eliminate_dead, Stage::canonical, is_canonical,
     "what simplification and the text left unused must not reach the hash"},
    {"order_by_use", order_by_use, Stage::canonical, is_canonical,
     "one order of the nodes, so that equal graphs are equal texts; last, since passes append"},

    {"attach_loss", attach_loss, Stage::training, nullptr,
     "gives training something to minimise, before differentiation"},
    {"differentiate", differentiate, Stage::training, nullptr,
     "on the canonical graph, whose few ops all have gradient rules; fused ones have none"},
    {"attach_adam", attach_adam, Stage::optimizer, nullptr,
     "turns gradients into updates of weights and moments"},
    {"canonicalise", canonicalise, Stage::training, nullptr,
     "gradient rules multiply by one and add zeros"},
    {"eliminate_dead", eliminate_dead, Stage::training, nullptr,
     "the softmax under the loss, and parts of gradients nobody asked for"},

    {"fuse_post_ops", fuse_post_ops, Stage::every_entry, nullptr,
     "bias, sum and activation ride on the product that feeds them; after differentiation"},
    {"eliminate_dead", eliminate_dead, Stage::every_entry, nullptr,
     "the products that were fused into others"},
};
// clang-format on

}  // namespace

std::string_view to_string(Entry entry) {
  switch (entry) {
    case Entry::predict:
      return "predict";
    case Entry::gradients:
      return "gradients";
    case Entry::train_step:
      return "train_step";
  }
  __builtin_unreachable();
}

std::span<const PassRow> pipeline() { return rows; }

bool applies(Stage stage, Entry entry) {
  switch (stage) {
    case Stage::canonical:
      return false;
    case Stage::every_entry:
      return true;
    case Stage::training:
      return entry != Entry::predict;
    case Stage::optimizer:
      return entry == Entry::train_step;
  }
  __builtin_unreachable();
}

const PassRow* find_pass(std::string_view name) {
  for (const PassRow& row : rows)
    if (row.name == name) return &row;
  return nullptr;
}

}  // namespace coil

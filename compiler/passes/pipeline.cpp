#include "compiler/passes/pipeline.hpp"

#include "compiler/graph/forms.hpp"
#include "compiler/passes/attach_adam.hpp"
#include "compiler/passes/attach_dropout.hpp"
#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/attach_sgd.hpp"
#include "compiler/passes/canonicalise.hpp"
#include "compiler/passes/cut_weights.hpp"
#include "compiler/passes/differentiate.hpp"
#include "compiler/passes/eliminate_dead.hpp"
#include "compiler/passes/flatten_sums.hpp"
#include "compiler/passes/fold_gathers.hpp"
#include "compiler/passes/fuse_elementwise.hpp"
#include "compiler/passes/fuse_post_ops.hpp"
#include "compiler/passes/fuse_rounding.hpp"
#include "compiler/passes/hoist.hpp"
#include "compiler/passes/join_parts.hpp"
#include "compiler/passes/join_weights.hpp"
#include "compiler/passes/merge_products.hpp"
#include "compiler/passes/order_by_use.hpp"
#include "compiler/passes/pack_inputs.hpp"
#include "compiler/passes/pair_operands.hpp"
#include "compiler/passes/push_slices.hpp"
#include "compiler/passes/push_steps.hpp"
#include "compiler/passes/quantize_products.hpp"
#include "compiler/passes/record_scans.hpp"
#include "compiler/passes/remove_dropout.hpp"
#include "compiler/passes/roll.hpp"
#include "compiler/passes/round_products.hpp"
#include "compiler/passes/share_common.hpp"
#include "compiler/passes/sink_steps.hpp"
#include "compiler/passes/sort_operands.hpp"
#include "compiler/passes/sum_by_steps.hpp"
#include "compiler/passes/unroll.hpp"
#include "compiler/passes/use_native.hpp"

namespace coil {
namespace {

constexpr Lowerings step_by_step(Lowering::unrolled);
constexpr Lowerings by_primitive(Lowering::native);
constexpr Lowerings all_at_once(Lowering::hoisted, Lowering::native);

// clang-format off
constexpr PassRow rows[] = {
    {"share_common", share_common, Stage::canonical, is_flat,
     "equal subgraphs become one node, so that every later pass sees each computation once"},
    {"eliminate_dead", eliminate_dead, Stage::canonical, is_flat,
     "what the text computes and does not use must not count as a use"},
    {"canonicalise", canonicalise, Stage::canonical, is_flat,
     "one spelling of each node, whatever the text said; first steps lose what their zeros annul"},
    {"roll", roll, Stage::canonical, nullptr,
     "recurrences become scans while their steps still look alike; nothing before it looks across steps"},
    {"flatten_sums", flatten_sums, Stage::canonical, nullptr,
     "one spelling of each sum, in bodies too; after roll, since a sum across steps is no sum in a body"},
    {"eliminate_dead", eliminate_dead, Stage::canonical, nullptr,
     "sums that were opened, so that what only they use is used in parts"},
    {"push_slices", push_slices, Stage::canonical, nullptr,
     "a split of one product is several products; in bodies, before they are taken apart"},
    {"flatten_sums", flatten_sums, Stage::canonical, nullptr,
     "parts of a sum are sums, which meet those around them; before hoisting divides them"},
    {"hoist", hoist, Stage::canonical, nullptr,
     "bodies keep what is a recurrence, whatever the loops of the text held"},
    {"push_slices", push_slices, Stage::canonical, nullptr,
     "slices that came out of bodies go on to the weights"},
    {"flatten_sums", flatten_sums, Stage::canonical, nullptr,
     "sums that came out of bodies meet those outside"},
    {"eliminate_dead", eliminate_dead, Stage::canonical, nullptr,
     "products by whole weights that became products by parts"},
    {"cut_weights", cut_weights, Stage::canonical, nullptr,
     "weights that are used in parts are their parts; after slices have reached them"},
    {"pack_inputs", pack_inputs, Stage::canonical, nullptr,
     "inputs that scans read as a sequence are one"},
    {"eliminate_dead", eliminate_dead, Stage::canonical, is_canonical,
     "what simplification and the text left unused must not reach the hash"},
    {"sort_operands", sort_operands, Stage::canonical, is_canonical,
     "one order of all that has no order; when nothing changes any more"},
    {"order_by_use", order_by_use, Stage::canonical, is_canonical,
     "one order of the nodes, so that equal graphs are equal texts; last, since passes append"},

    {"remove_dropout", remove_dropout, Stage::using_all, nullptr,
     "leaving out is for learning: what predicts uses everything"},
    {"attach_loss", attach_loss, Stage::with_loss, nullptr,
     "gives training something to minimise, before differentiation"},
    {"attach_dropout", attach_dropout, Stage::learning, nullptr,
     "a mask is a function of numbers that a run is given; in the bodies of scans too, before they are recorded"},
    {"use_native", use_native, Stage::every_entry, nullptr,
     "cells that oneDNN has, as whole recurrences; when dropout is settled, and before anything changes what cells look "
     "like",
     by_primitive},
    {"merge_products", merge_products, Stage::every_entry, nullptr,
     "one wide product in place of several; before differentiation, so that gradients are wide too", all_at_once},
    {"eliminate_dead", eliminate_dead, Stage::updating, nullptr,
     "what scans were given apart and now are given merged, since its use there would keep it apart", all_at_once},
    {"join_weights", join_weights, Stage::updating, nullptr,
     "weights that only serve side by side are learnt as one; before differentiation, so that their gradient is one",
     all_at_once},
    {"unroll", unroll, Stage::every_entry, is_unrolled,
     "each step is differentiated by itself; after dropout, whose masks are the same for every lowering", step_by_step},
    {"sink_steps", sink_steps, Stage::every_entry, is_unrolled,
     "what a step reads is computed when it comes, as the text had it before recurrences were seen", step_by_step},
    {"fold_gathers", fold_gathers, Stage::every_entry, nullptr,
     "a table has fewer rows than a batch; before differentiation, so that gradients are summed by row first",
     all_at_once},
    {"record_scans", record_scans, Stage::learning, nullptr,
     "differentiation wants the values of every step, which only the scan itself can give"},
    {"differentiate", differentiate, Stage::learning, nullptr,
     "on the canonical graph, whose few ops all have gradient rules; fused ones have none"},
    {"attach_adam", attach_adam, Stage::adam, nullptr,
     "turns gradients into updates of weights and moments; the norm is that of all gradients"},
    {"attach_sgd", attach_sgd, Stage::sgd, nullptr,
     "the same by the other optimizer: which one is a matter of the entry"},
    {"canonicalise", canonicalise, Stage::learning, nullptr,
     "gradient rules multiply by one and add zeros"},
    {"eliminate_dead", eliminate_dead, Stage::learning, nullptr,
     "the softmax under the loss, and parts of gradients nobody asked for"},

    {"unroll", unroll, Stage::every_entry, is_unrolled,
     "what is planned runs step by step; after differentiation, which sees each recurrence once", all_at_once},
    {"canonicalise", canonicalise, Stage::every_entry, is_unrolled,
     "first steps start from zeros, and so do gradients at the last"},
    {"push_steps", push_steps, Stage::every_entry, is_unrolled,
     "rows are looked up when their step comes, so that the whole sequence need never be written"},
    {"join_parts", join_parts, Stage::every_entry, is_unrolled,
     "gradients of a value that was used in parts; after products by zeros are gone", all_at_once},
    {"eliminate_dead", eliminate_dead, Stage::every_entry, is_unrolled,
     "sequences that were only taken apart, whose users fusing would count"},
    {"sum_by_steps", sum_by_steps, Stage::every_entry, is_unrolled,
     "stacks of steps that only sums read are not written; after what joins stacks", all_at_once},
    {"fold_gathers", fold_gathers, Stage::every_entry, is_unrolled,
     "a first step that starts from zeros is a function of what was looked up, and seen only now", all_at_once},
    {"quantize_products", quantize_products, Stage::using_all, is_unrolled,
     "products by weights in whole numbers, where their ranges are known; when products are what they will be, and "
     "before their scales are fused into what reads them",
     Lowerings::all(), Precision::int8},
    {"pair_operands", pair_operands, Stage::every_entry, is_unrolled,
     "what is lowered takes two operands; before products look for what rides on them"},
    {"fuse_elementwise", fuse_elementwise, Stage::every_entry, is_unrolled,
     "what is computed element by element touches memory once; before products take what is left of it"},
    {"fuse_post_ops", fuse_post_ops, Stage::every_entry, nullptr,
     "bias, sum and activation ride on the product that feeds them; after differentiation"},
    {"eliminate_dead", eliminate_dead, Stage::every_entry, nullptr,
     "the products that were fused into others"},
    {"round_products", round_products, Stage::every_entry, is_unrolled,
     "both sides of every product, as it is lowered; last, since it is no rewrite: it changes what is computed",
     Lowerings::all(), Precision::bf16},
    {"fuse_rounding", fuse_rounding, Stage::every_entry, is_unrolled,
     "what an expression computes is rounded before it leaves the cache; after what rounds",
     Lowerings::all(), Precision::bf16},
};
// clang-format on

}  // namespace

std::string_view to_string(Entry entry) {
  switch (entry) {
    case Entry::predict:
      return "predict";
    case Entry::loss:
      return "loss";
    case Entry::gradients:
      return "gradients";
    case Entry::train_step:
      return "train_step";
    case Entry::train_step_sgd:
      return "train_step_sgd";
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
    case Stage::using_all:
      return entry == Entry::predict || entry == Entry::loss;
    case Stage::with_loss:
      return entry != Entry::predict;
    case Stage::learning:
      return entry != Entry::predict && entry != Entry::loss;
    case Stage::updating:
      return entry == Entry::train_step || entry == Entry::train_step_sgd;
    case Stage::adam:
      return entry == Entry::train_step;
    case Stage::sgd:
      return entry == Entry::train_step_sgd;
  }
  __builtin_unreachable();
}

bool applies(const PassRow& row, Entry entry, Lowering lowering, Precision precision) {
  return applies(row.stage, entry) && row.lowerings.contains(lowering) &&
         row.precision.value_or(precision) == precision;
}

const PassRow* find_pass(std::string_view name) {
  for (const PassRow& row : rows)
    if (row.name == name) return &row;
  return nullptr;
}

}  // namespace coil

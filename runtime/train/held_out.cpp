#include "runtime/train/held_out.hpp"

#include <fmt/format.h>

#include "compiler/passes/attach_loss.hpp"

#include "runtime/train/in_order.hpp"
#include "runtime/train/text_feed.hpp"

namespace coil {
HeldOut::HeldOut(Model& model, std::span<const std::int32_t> text, const TextFace& face,
                 const Recipe& recipe, Execution execution, const std::string& name)
    : face_(face),
      samples_(text, recipe.scheme,
               in_order_options(text.size(), face, recipe.scheme, recipe.batch),
               fmt::format("the end of {} that is held out for validation", name)),
      executable_(model.graph, Entry::loss, model.store, execution,
                  static_cast<std::int64_t>(samples_.batch())) {}

double HeldOut::loss() {
  double sum = 0;
  run_in_order(samples_, executable_, batch_,
               {[&](Program& program, const Batch& batch) { feed(program, face_, batch, {}); },
                [&](Program& program, std::size_t) {
                  sum += double{program.output(loss_name)[0]} * static_cast<double>(batch_.size);
                  return true;
                }});
  return sum / static_cast<double>(samples_.size());
}

}  // namespace coil

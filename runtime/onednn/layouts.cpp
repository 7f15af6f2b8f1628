#include "runtime/onednn/lowering.hpp"

namespace coil::onednn {

memory in_layout(const LaidOut& wanted, const memory::desc& from, void* data, std::string what,
                 Workshop& shop) {
  const auto& [value, to] = wanted;
  if (from == to) return {from, engine(), data};
  if (shop.stays[value.node] && shop.addresses.plan.graph.node(value.node).op == Op::weight)
    return shop.packed.get(static_cast<float*>(data), from, to);
  for (const auto& [known, lay, copy] : shop.laid_out)
    if (known == value && lay == from && copy.get_desc() == to) return copy;
  shop.buffers.emplace_back(bytes_of(to));
  const memory source(from, engine(), data), copy(to, engine(), shop.buffers.back().data());
  shop.laid_out.emplace_back(value, from, copy);
  const auto descriptor = reorder_descriptor(from, to);
  Arguments arguments = {{DNNL_ARG_FROM, source},
                         {DNNL_ARG_TO, copy},
                         {DNNL_ARG_SCRATCHPAD, shop.scratchpad(descriptor.scratchpad_desc())}};
  Step step{0, std::move(what), implementation(descriptor), {}};
  step.run = [primitive = dnnl::reorder(descriptor), arguments = std::move(arguments)] {
    primitive.execute(stream(), arguments);
  };
  shop.add_step(value, std::move(step));
  return copy;
}

}  // namespace coil::onednn

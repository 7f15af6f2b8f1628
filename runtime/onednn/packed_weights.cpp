#include "runtime/onednn/packed_weights.hpp"

namespace coil::onednn {

memory PackedWeights::get(float* data, const memory::desc& from, const memory::desc& to) {
  for (const Entry& entry : entries_)
    if (entry.data == data && entry.from == from && entry.packed.get_desc() == to)
      return entry.packed;
  AlignedBuffer buffer(bytes_of(to));
  const memory packed(to, engine(), buffer.data());
  entries_.push_back({data, from, packed, std::move(buffer)});
  pack(entries_.back());
  return packed;
}

// A reorder has the library's own scratchpad and the thread count of its creation, so that none is kept.
void PackedWeights::pack(const Entry& entry) {
  memory source(entry.from, engine(), entry.data), packed = entry.packed;
  dnnl::reorder(source, packed).execute(stream(), source, packed);
  stream().wait();
}

void PackedWeights::repack() const {
  for (const Entry& entry : entries_) pack(entry);
}

}  // namespace coil::onednn

#pragma once

#include <vector>

#include "runtime/onednn/aligned_buffer.hpp"
#include "runtime/onednn/onednn.hpp"

namespace coil::onednn {

// Weights in the layouts that primitives like best, each made once for all programs that use it. Packed
// layouts are the same at every batch size.
class PackedWeights {
 public:
  // The weight at `data`, laid out as `from`, in the layout `to`, which may be of another type. Packed at once; again
  // by repack().
  memory get(float* data, const memory::desc& from, const memory::desc& to);

  // After the weights have changed. From any thread, at any thread count: the copying is set up anew.
  void repack() const;

 private:
  struct Entry {
    float* data;
    memory::desc from;
    memory packed;
    AlignedBuffer buffer;
  };
  static void pack(const Entry& entry);

  std::vector<Entry> entries_;
};

}  // namespace coil::onednn

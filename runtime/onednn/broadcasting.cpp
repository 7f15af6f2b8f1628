#include "runtime/onednn/broadcasting.hpp"

#include <algorithm>
#include <numeric>

namespace coil::onednn {
namespace {

std::int64_t product(const Dims& dims) {
  return std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies{});
}

// Steps through the elements of `whole` in order and knows which element of `part` stands behind each.
class Walk {
 public:
  Walk(const Dims& whole, const Dims& part)
      : whole_(whole), at_(whole.size(), 0), stride_(whole.size(), 0) {
    std::int64_t stride = 1;
    for (std::size_t d = 0; d < part.size(); ++d) {
      const std::size_t axis = whole.size() - 1 - d;
      const std::int64_t size = part[part.size() - 1 - d];
      if (size != 1) stride_[axis] = stride;
      stride *= size;
    }
  }

  std::int64_t source() const { return source_; }

  void next() {
    for (std::size_t axis = whole_.size(); axis-- > 0;) {
      source_ += stride_[axis];
      if (++at_[axis] < whole_[axis]) return;
      source_ -= stride_[axis] * whole_[axis];
      at_[axis] = 0;
    }
  }

 private:
  const Dims& whole_;
  std::vector<std::int64_t> at_, stride_;
  std::int64_t source_ = 0;
};

}  // namespace

void Spread::run() const {
  Walk walk(whole, part);
  const std::int64_t count = product(whole);
  for (std::int64_t i = 0; i < count; ++i, walk.next()) to[i] = from[walk.source()];
}

void Fold::run() const {
  const std::int64_t count = product(whole);
  if (product(part) == 1) {
    *to = static_cast<float>(std::accumulate(from, from + count, 0.0));
    return;
  }
  std::fill(to, to + product(part), 0.0f);
  Walk walk(whole, part);
  for (std::int64_t i = 0; i < count; ++i, walk.next()) to[walk.source()] += from[i];
}

}  // namespace coil::onednn

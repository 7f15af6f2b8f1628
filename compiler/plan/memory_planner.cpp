#include "compiler/plan/memory_planner.hpp"

#include <algorithm>
#include <map>
#include <numeric>

namespace coil {
namespace {

std::size_t rounded(std::size_t bytes) {
  return (bytes + arena_alignment - 1) / arena_alignment * arena_alignment;
}

bool overlap(const Lifetime& a, const Lifetime& b) {
  return a.first <= b.last && b.first <= a.last;
}

std::vector<std::size_t> largest_first(std::span<const Lifetime> buffers) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [&](std::size_t i) { return buffers[i].bytes; });
  return order;
}

// The lowest offset at which `bytes` fit between the occupied ranges, given by where each begins.
std::size_t lowest_gap(const std::multimap<std::size_t, std::size_t>& occupied, std::size_t bytes) {
  std::size_t offset = 0;
  for (const auto& [begin, end] : occupied) {
    if (begin >= offset + bytes) break;
    offset = std::max(offset, end);
  }
  return offset;
}

}  // namespace

Placement place(std::span<const Lifetime> buffers) {
  Placement placement{std::vector<std::size_t>(buffers.size(), 0), 0};
  std::vector<std::size_t> placed;
  for (const std::size_t i : largest_first(buffers)) {
    std::multimap<std::size_t, std::size_t> occupied;
    for (const std::size_t other : placed)
      if (overlap(buffers[i], buffers[other]))
        occupied.emplace(placement.offsets[other],
                         placement.offsets[other] + rounded(buffers[other].bytes));
    placement.offsets[i] = lowest_gap(occupied, rounded(buffers[i].bytes));
    placement.bytes = std::max(placement.bytes, placement.offsets[i] + rounded(buffers[i].bytes));
    placed.push_back(i);
  }
  return placement;
}

std::size_t least_bytes(std::span<const Lifetime> buffers) {
  std::map<std::uint32_t, std::ptrdiff_t> changes;
  for (const Lifetime& buffer : buffers) {
    changes[buffer.first] += static_cast<std::ptrdiff_t>(rounded(buffer.bytes));
    changes[buffer.last + 1] -= static_cast<std::ptrdiff_t>(rounded(buffer.bytes));
  }
  std::ptrdiff_t live = 0, most = 0;
  for (const auto& [time, change] : changes) most = std::max(most, live += change);
  return static_cast<std::size_t>(most);
}

}  // namespace coil

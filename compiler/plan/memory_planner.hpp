#pragma once

// Packs buffers whose lifetimes are known into one arena. Knows nothing of graphs: only of bytes and
// times.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace coil {

// A buffer is needed from time `first` to time `last`, both included.
struct Lifetime {
  std::size_t bytes = 0;
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

struct Placement {
  std::vector<std::size_t> offsets;  // of each buffer; multiples of `arena_alignment`
  std::size_t bytes = 0;             // of the arena
};

inline constexpr std::size_t arena_alignment = 64;

// Buffers whose lifetimes overlap get places that do not. Largest first, each at the lowest offset that
// is free for its whole life: not optimal, but within a few per cent on the graphs we know. Deterministic.
Placement place(std::span<const Lifetime> buffers);

// The most bytes that live at one time: no placement is smaller.
std::size_t least_bytes(std::span<const Lifetime> buffers);

}  // namespace coil

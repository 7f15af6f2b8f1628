#include "runtime/execute/boxes.hpp"

#include <algorithm>
#include <utility>

#include "compiler/source/internal_error.hpp"

namespace coil {
namespace {

void check(const Piece& piece, std::size_t whole, std::size_t part) {
  const std::size_t rank = piece.whole.rank();
  require(piece.begin.size() == rank && piece.size.size() == rank, "a box of '{}' has {} sides",
          piece.of, piece.size.size());
  std::int64_t elements = 1;
  for (std::size_t d = 0; d < rank; ++d) {
    require(piece.begin[d] >= 0 && piece.size[d] >= 1 &&
                piece.size[d] <= piece.whole.dims[d] - piece.begin[d],
            "a box does not lie inside '{}'", piece.of);
    elements *= piece.size[d];
  }
  require(std::cmp_equal(count(piece.whole, 1), whole) && std::cmp_equal(elements, part),
          "{} elements for a box of '{}', which has {}", part, piece.of, whole);
}

// Calls row(where it starts in the whole, its length) for each run of the box that lies in one stretch, in the
// order of the part.
template <typename Row>
void for_each_row(const Piece& piece, const Row& row) {
  const std::size_t rank = piece.whole.rank();
  if (rank == 0) return row(std::size_t{0}, std::size_t{1});
  std::vector<std::int64_t> at(rank, 0);  // within the box; the last stays 0
  for (;;) {
    std::int64_t start = 0;
    for (std::size_t d = 0; d < rank; ++d)
      start = start * piece.whole.dims[d] + piece.begin[d] + at[d];
    row(static_cast<std::size_t>(start), static_cast<std::size_t>(piece.size[rank - 1]));
    std::size_t d = rank - 1;
    while (d > 0 && ++at[d - 1] == piece.size[d - 1]) at[--d] = 0;
    if (d == 0) return;
  }
}

}  // namespace

void gather_box(std::span<const float> whole, const Piece& piece, std::span<float> part) {
  check(piece, whole.size(), part.size());
  auto to = part.begin();
  for_each_row(piece, [&](std::size_t start, std::size_t length) {
    to = std::ranges::copy(whole.subspan(start, length), to).out;
  });
}

void scatter_box(std::span<const float> part, const Piece& piece, std::span<float> whole) {
  check(piece, whole.size(), part.size());
  std::size_t from = 0;
  for_each_row(piece, [&](std::size_t start, std::size_t length) {
    std::ranges::copy(part.subspan(from, length), whole.subspan(start).begin());
    from += length;
  });
}

}  // namespace coil

#include "runtime/kernels/pair_rows.hpp"

#include <bit>

#include "tests/kernels/support.hpp"

namespace coil::kernels::test {
namespace {

Index padded(Index size, Index multiple) { return (size + multiple - 1) / multiple * multiple; }

std::vector<Bf16> numbered(Index size) {
  std::vector<Bf16> all(static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<Bf16>(i * 7 + 1);
  return all;
}

// What the header says, element by element. `stride` is that of a row, `step` that of a column.
std::vector<Bf16> paired(const std::vector<Bf16>& in, Extent extent, Index stride, Index step) {
  const Index rows = padded(extent.rows, 32);
  std::vector<Bf16> out(static_cast<std::size_t>(rows * padded(extent.columns, 64)));
  for (Index r = 0; r < extent.rows; ++r)
    for (Index c = 0; c < extent.columns; ++c)
      out[static_cast<std::size_t>(((c / 64 * rows / 2 + r / 2) * 64 + c % 64) * 2 + r % 2)] =
          in[static_cast<std::size_t>(r * stride + c * step)];
  return out;
}

// The same from floats, which are between two bf16 but for the last bits.
std::vector<float> unrounded(const std::vector<Bf16>& in) {
  std::vector<float> all(in.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    const std::uint32_t below = i % 3 == 0 ? 0x7fff : i % 3 == 1 ? 0 : 0x1234;
    all[i] = std::bit_cast<float>((std::uint32_t{in[i]} << 16) | below);
  }
  return all;
}

// From floats, by the function that makes both.
void pair_rows(const float* in, Bf16* out, Extent extent) { pair_both(in, out, nullptr, extent); }
void pair_columns(const float* in, Bf16* out, Extent extent) {
  pair_both(in, nullptr, out, {extent.columns, extent.rows});
}
using kernels::pair_columns;
using kernels::pair_rows;

template <typename T>
void check(const std::vector<T>& in, const std::vector<Bf16>& rounded, Extent extent) {
  INFO(extent.rows << " x " << extent.columns << ", " << sizeof(T) << " bytes");
  const std::size_t size = paired(rounded, extent, 0, 0).size();
  constexpr Bf16 canary = 0xdead;
  for (const bool transposed : {false, true}) {
    std::vector<Bf16> out(size + 64, canary);  // zeros are written, not found
    if (transposed)
      pair_columns(in.data(), out.data(), extent);
    else
      pair_rows(in.data(), out.data(), extent);
    CHECK(std::all_of(out.begin() + static_cast<Index>(size), out.end(),
                      [](Bf16 x) { return x == canary; }));
    out.resize(size);
    CHECK(out == (transposed ? paired(rounded, extent, 1, extent.rows)
                             : paired(rounded, extent, extent.columns, 1)));
  }
}

void check(Extent extent) {
  const std::vector<Bf16> in = numbered(extent.size());
  check(in, in, extent);
  const std::vector<float> reals = unrounded(in);
  std::vector<Bf16> rounded(reals.size());
  round_to_bf16(reals.data(), rounded.data(), extent.size());
  check(reals, rounded, extent);
  std::vector<Bf16> rows(paired(rounded, extent, 0, 0).size(), 0xdead);
  const Extent turned{extent.columns, extent.rows};
  std::vector<Bf16> columns(paired(rounded, turned, 0, 0).size(), 0xdead);
  pair_both(reals.data(), rows.data(), columns.data(), extent);
  CHECK(rows == paired(rounded, extent, extent.columns, 1));
  CHECK(columns == paired(rounded, turned, 1, turned.rows));
}

}  // namespace

TEST_CASE("rows lie in pairs, with zeros behind them, whichever way they came") {
  for (const Index rows : {1, 2, 3, 31, 32, 33, 63, 64, 65, 130})
    for (const Index columns : {1, 5, 16, 57, 63, 64, 65, 128, 200}) check({rows, columns});
}

TEST_CASE("pairs are divided among threads without a gap") {
  const int threads = omp_get_max_threads();
  omp_set_num_threads(3);
  check({517, 263});
  check({32, 4097});
  omp_set_num_threads(threads);
}

}  // namespace coil::kernels::test

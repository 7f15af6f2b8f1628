#include "runtime/kernels/lay_rows.hpp"

#include "tests/kernels/support.hpp"

namespace coil::kernels::test {
namespace {

// What the header says, element by element. `stride` is that of a row, `step` that of a column.
std::vector<float> laid(const std::vector<float>& in, Extent extent, Index stride, Index step) {
  const Index rows = (extent.rows + 15) / 16 * 16, columns = (extent.columns + 63) / 64 * 64;
  std::vector<float> out(static_cast<std::size_t>(rows * columns));
  for (Index r = 0; r < extent.rows; ++r)
    for (Index c = 0; c < extent.columns; ++c)
      out[static_cast<std::size_t>((c / 64 * rows + r) * 64 + c % 64)] =
          in[static_cast<std::size_t>(r * stride + c * step)];
  return out;
}

void check_laid(Extent extent) {
  INFO(extent.rows << " x " << extent.columns);
  std::vector<float> in(static_cast<std::size_t>(extent.size()));
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i + 1);
  const Extent turned{extent.columns, extent.rows};
  const std::vector<float> as_rows = laid(in, extent, extent.columns, 1);
  const std::vector<float> as_columns = laid(in, turned, 1, turned.rows);
  constexpr float canary = -7;
  constexpr std::size_t behind = 64;
  std::vector<float> rows(as_rows.size() + behind, canary);  // zeros are written, not found
  std::vector<float> columns(as_columns.size() + behind, canary);
  const auto check = [&] {
    for (auto* out : {&rows, &columns}) {
      CHECK(std::count(out->end() - behind, out->end(), canary) == behind);
      out->resize(out->size() - behind);
    }
    CHECK(rows == as_rows);
    CHECK(columns == as_columns);
  };
  lay_both(in.data(), rows.data(), nullptr, extent);
  lay_both(in.data(), nullptr, columns.data(), extent);
  check();
  rows.assign(as_rows.size() + behind, canary);
  columns.assign(as_columns.size() + behind, canary);
  lay_both(in.data(), rows.data(), columns.data(), extent);
  check();
}

}  // namespace

TEST_CASE("rows lie 64 columns at a time, with zeros behind them, whichever way they came") {
  for (const Index rows : {1, 2, 15, 16, 17, 63, 64, 65, 130})
    for (const Index columns : {1, 5, 16, 57, 63, 64, 65, 128, 200}) check_laid({rows, columns});
}

TEST_CASE("what is laid in blocks is divided among threads without a gap") {
  const int threads = omp_get_max_threads();
  omp_set_num_threads(3);
  check_laid({517, 263});
  check_laid({16, 4097});
  omp_set_num_threads(threads);
}

}  // namespace coil::kernels::test

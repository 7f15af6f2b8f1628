#include "runtime/onednn/panels.hpp"

#include "runtime/kernels/parallel.hpp"
#include "runtime/onednn/side_by_side.hpp"

namespace coil::onednn {
namespace {

// Panels of one product, each with the rows or columns of the result between two multiples of this.
constexpr std::int64_t most_panels = 8;
constexpr std::int64_t granularity = 16;
// Floats of a page. Rows of the right side that lie farther apart than this are read page by page: a narrow panel of
// such a matrix takes twice the time.
constexpr std::int64_t page = 1024;
// Multiplications that are not worth a second thread.
constexpr std::int64_t small_work = std::int64_t{1} << 19;

// A product by the rows of many steps is a sum of products by so many rows, which stay in the cache.
constexpr std::int64_t most_summed = 512;

// One panel: its products, summed one after the other.
struct Panel {
  std::vector<dnnl::matmul> primitives;
  std::vector<Arguments> arguments;

  void run() const {
    for (std::size_t i = 0; i < primitives.size(); ++i)
      primitives[i].execute(stream(), arguments[i]);
  }
};

// How the result is divided: by rows, or where there are few of them by columns.
struct Division {
  bool by_rows = true;
  std::int64_t panels = 1;
  std::int64_t size = 0;  // rows or columns of the result
};

// Rows or columns of a panel that are worth one. Columns of a left side that lies transposed are read row by row.
std::int64_t narrowest(const PanelProduct& product) {
  return product.transpose_a ? 8 * granularity : 2 * granularity;
}

Division divide(const PanelProduct& product) {
  const bool by_rows = product.m >= product.n;
  const std::int64_t size = by_rows ? product.m : product.n;
  const bool is_small = product.m * product.k * product.n < small_work;
  const bool is_strided = !by_rows && !product.transpose_b && product.n > page;
  const std::int64_t most = is_strided ? product.n / page : most_panels;
  const std::int64_t panels =
      is_small ? 1 : std::min({most, most_panels, size / narrowest(product)});
  return {by_rows, std::max<std::int64_t>(panels, 1), size};
}

// Element (row, column) of a matrix that lies as it is or transposed, and that matrix from there on.
struct Lying {
  float* data;
  std::int64_t row_stride, column_stride;

  memory at(std::int64_t row, std::int64_t column, std::int64_t rows, std::int64_t columns) const {
    const memory::desc desc({rows, columns}, memory::data_type::f32, {row_stride, column_stride});
    return {desc, engine(), data + row * row_stride + column * column_stride};
  }
};

Panel make_panel(const PanelProduct& p, const Division& division, std::int64_t begin,
                 std::int64_t end, Workshop& shop) {
  const Lying src{p.src, p.transpose_a ? 1 : p.k, p.transpose_a ? p.m : 1};
  const Lying weights{p.weights, p.transpose_b ? 1 : p.n, p.transpose_b ? p.k : 1};
  const Lying dst{p.dst, p.n, 1};
  const std::int64_t row = division.by_rows ? begin : 0, column = division.by_rows ? 0 : begin;
  const std::int64_t rows = division.by_rows ? end - begin : p.m;
  const std::int64_t columns = division.by_rows ? p.n : end - begin;

  const memory c = dst.at(row, column, rows, columns);
  const std::int64_t summed = p.transpose_a ? most_summed : p.k;
  Panel panel;
  for (std::int64_t k = 0; k < p.k; k += summed) {
    const std::int64_t size = std::min(summed, p.k - k);
    const memory a = src.at(row, k, rows, size), b = weights.at(k, column, size, columns);
    const bool is_first = k == 0;
    MatmulDescription description{.src = a.get_desc(),
                                  .weights = b.get_desc(),
                                  .dst = c.get_desc(),
                                  .has_bias = p.bias && is_first,
                                  .sum_dst = p.sum_dst || !is_first};
    const auto descriptor = matmul_descriptor(description);
    Arguments arguments = {
        {DNNL_ARG_SRC, a},
        {DNNL_ARG_WEIGHTS, b},
        {DNNL_ARG_DST, c},
        {DNNL_ARG_SCRATCHPAD, shop.own_scratchpad(descriptor.scratchpad_desc())}};
    if (description.has_bias)
      arguments.emplace(DNNL_ARG_BIAS, memory(plain(1, columns), engine(), p.bias + column));
    panel.primitives.emplace_back(descriptor);
    panel.arguments.push_back(std::move(arguments));
  }
  return panel;
}

}  // namespace

bool wants_panels(const dnnl::matmul::primitive_desc& descriptor) {
  return implementation(descriptor).starts_with("gemm");
}

std::function<void()> lower_panels(const PanelProduct& product, Workshop& shop) {
  const Division division = divide(product);
  const Threads one(1);
  std::vector<Panel> panels;
  for (std::int64_t i = 0; i < division.panels; ++i) {
    const kernels::Items items{division.size, granularity};
    const std::int64_t begin = kernels::first_item(items, i, division.panels);
    const std::int64_t end = kernels::first_item(items, i + 1, division.panels);
    if (begin < end) panels.push_back(make_panel(product, division, begin, end, shop));
  }
  return [panels = std::move(panels)] { run_side_by_side(panels); };
}

}  // namespace coil::onednn

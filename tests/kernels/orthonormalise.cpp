#include "runtime/kernels/orthonormalise.hpp"

#include "tests/kernels/support.hpp"

namespace coil::kernels::test {
namespace {

struct Rows {
  std::vector<double> values;
  Index columns;

  Index count() const { return std::ssize(values) / columns; }
  double at(Index row, Index column) const {
    return values[static_cast<std::size_t>(row * columns + column)];
  }
};

Rows random_rows(Index rows, Index columns, std::uint32_t seed) {
  const std::vector<float> drawn = Random(seed).normal(rows * columns);
  return {{drawn.begin(), drawn.end()}, columns};
}

Rows orthonormal(Rows rows) {
  orthonormalise(rows.values.data(), rows.count(), rows.columns);
  return rows;
}

double product(const Rows& a, Index row, const Rows& b, Index other) {
  double sum = 0;
  for (Index i = 0; i < a.columns; ++i) sum += a.at(row, i) * b.at(other, i);
  return sum;
}

// How far the rows are from being orthonormal.
double worst_product(const Rows& rows) {
  double worst = 0;
  for (Index a = 0; a < rows.count(); ++a)
    for (Index b = 0; b <= a; ++b)
      worst = std::max(worst, std::abs(product(rows, a, rows, b) - (a == b ? 1 : 0)));
  return worst;
}

// How far `rows` are from being `basis` times a lower triangle, whose diagonal is positive.
double worst_rest(const Rows& rows, const Rows& basis) {
  double worst = 0;
  for (Index r = 0; r < rows.count(); ++r) {
    if (product(rows, r, basis, r) <= 0) return kInfinity;
    std::vector<double> rest(static_cast<std::size_t>(rows.columns));
    for (Index i = 0; i < rows.columns; ++i) rest[static_cast<std::size_t>(i)] = rows.at(r, i);
    for (Index b = 0; b <= r; ++b) {
      const double along = product(rows, r, basis, b);
      for (Index i = 0; i < rows.columns; ++i)
        rest[static_cast<std::size_t>(i)] -= along * basis.at(b, i);
    }
    for (const double x : rest) worst = std::max(worst, std::abs(x));
  }
  return worst;
}

}  // namespace

TEST_CASE("orthonormalise gives the Q of a QR whose R has a positive diagonal") {
  for_each_target([] {
    CHECK(rc::check([] {
      const Index rows = *rc::gen::inRange<Index>(1, 70);
      const Index columns = rows + *rc::gen::inRange<Index>(0, 40);
      const Rows before = random_rows(rows, columns, *rc::gen::arbitrary<std::uint32_t>());
      const Rows after = orthonormal(before);
      RC_ASSERT(worst_product(after) <= 1e-14 * static_cast<double>(columns));
      RC_ASSERT(worst_rest(before, after) <= 1e-12);
    }));
  });
}

TEST_CASE("orthonormalise of rows that are almost one: the second pass makes them orthogonal") {
  Rows rows = random_rows(1, 100, 3);
  const Rows noise = random_rows(40, 100, 4);
  for (Index r = 1; r < 40; ++r)
    for (Index i = 0; i < 100; ++i) rows.values.push_back(rows.at(0, i) + 1e-5 * noise.at(r, i));
  CHECK(worst_product(orthonormal(rows)) <= 1e-12);
}

TEST_CASE("orthonormalise gives the same bits on any instruction set, at any number of threads") {
  const Rows rows = random_rows(90, 301, 5);
  const Rows expected = orthonormal(rows);
  const int before = omp_get_max_threads();
  for_each_target([&] {
    for (const int threads : {1, 2, 3}) {
      omp_set_num_threads(threads);
      CHECK(orthonormal(rows).values == expected.values);
    }
  });
  omp_set_num_threads(before);
}

TEST_CASE("orthonormalise leaves what is orthonormal, and has nothing to do where no row is") {
  Rows unit{std::vector<double>(9, 0.0), 3};
  for (std::size_t i = 0; i < 3; ++i) unit.values[i * 4] = 1;
  CHECK(orthonormal(unit).values == unit.values);
  orthonormalise(nullptr, 0, 5);
}

}  // namespace coil::kernels::test

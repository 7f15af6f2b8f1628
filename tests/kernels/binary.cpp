#include "runtime/kernels/binary.hpp"

#include "tests/kernels/support.hpp"

namespace coil::kernels::test {
namespace {

constexpr Binary kOps[] = {Binary::add, Binary::subtract, Binary::multiply, Binary::divide};
constexpr Broadcast kForms[] = {Broadcast::none, Broadcast::right_scalar, Broadcast::left_scalar,
                                Broadcast::right_row};

// IEEE arithmetic has one right answer, so floats compare by their bits.
float expected_element(Binary op, float a, float b) {
  switch (op) {
    case Binary::add:
      return a + b;
    case Binary::subtract:
      return a - b;
    case Binary::multiply:
      return a * b;
    case Binary::divide:
      return a / b;
  }
  return kNan;
}

Index left_size(Broadcast form, Extent extent) {
  return form == Broadcast::left_scalar ? 1 : extent.size();
}

Index right_size(Broadcast form, Extent extent) {
  if (form == Broadcast::right_scalar) return 1;
  return form == Broadcast::right_row ? extent.columns : extent.size();
}

std::vector<float> expected(Binary op, const std::vector<float>& left,
                            const std::vector<float>& right, Extent extent) {
  std::vector<float> out;
  for (std::size_t i = 0; i < static_cast<std::size_t>(extent.size()); ++i) {
    out.push_back(expected_element(op, left[i % left.size()], right[i % right.size()]));
  }
  return out;
}

}  // namespace

TEST_CASE("each binary op in each form gives IEEE's result and writes nothing else") {
  for_each_target([] {
    CHECK(rc::check([] {
      const Case c = any_case();
      const Extent extent{c.rows, c.columns};
      Random random(c.seed);
      for (const Binary op : kOps) {
        for (const Broadcast form : kForms) {
          const auto l = random.normal(left_size(form, extent));
          const auto r = random.normal(right_size(form, extent));
          Guarded left(l, c.shift), right(r, 15 - c.shift), out(extent.size(), c.shift / 2);
          binary(op, form, left.data(), right.data(), out.data(), extent);
          RC_ASSERT(same_bits(out.values(), expected(op, l, r, extent)));
          RC_ASSERT(out.intact());
        }
      }
    }));
  });
}

TEST_CASE("a binary op may write over its operand of full size") {
  for_each_target([] {
    const Extent extent{3, 21};
    Random random(6);
    for (const Binary op : kOps) {
      for (const Broadcast form : kForms) {
        const auto l = random.normal(left_size(form, extent));
        const auto r = random.normal(right_size(form, extent));
        for (const bool over_left : {true, false}) {
          Guarded left(l), right(r);
          Guarded& out = over_left ? left : right;
          if (std::ssize(out.values()) != extent.size()) continue;
          binary(op, form, left.data(), right.data(), out.data(), extent);
          CHECK(same_bits(out.values(), expected(op, l, r, extent)));
          CHECK(out.intact());
        }
      }
    }
  });
}

TEST_CASE("a binary op may take one array as both operands and the result") {
  std::vector<float> x = {1, 2, 3};
  binary(Binary::multiply, Broadcast::none, x.data(), x.data(), x.data(), {1, 3});
  CHECK(x == std::vector<float>{1, 4, 9});
}

TEST_CASE("binary ops of many elements give the same at any thread count") {
  Random random(6);
  for (const Extent extent : {Extent{4096, 57}, Extent{1, 300'001}, Extent{300'001, 1}}) {
    for (const Binary op : kOps) {
      for (const Broadcast form : kForms) {
        const auto l = random.normal(left_size(form, extent));
        const auto r = random.normal(right_size(form, extent));
        const auto compute = [&] {
          std::vector<float> out(static_cast<std::size_t>(extent.size()));
          binary(op, form, l.data(), r.data(), out.data(), extent);
          return out;
        };
        CHECK(same_bits(compute(), expected(op, l, r, extent)));
        CHECK(same_at_any_thread_count(compute));
      }
    }
  }
}

TEST_CASE("binary ops keep NaN and infinity") {
  const auto at = [](Binary op, float a, float b) {
    float out = 0;
    binary(op, Broadcast::none, &a, &b, &out, {1, 1});
    return out;
  };
  for (const Binary op : kOps) {
    CHECK(std::isnan(at(op, kNan, 1)));
    CHECK(std::isnan(at(op, 0, kNan)));
  }
  CHECK(at(Binary::divide, 1, 0) == kInfinity);
  CHECK(std::isnan(at(Binary::divide, 0, 0)));
  CHECK(std::isnan(at(Binary::subtract, kInfinity, kInfinity)));
  CHECK(std::isnan(at(Binary::multiply, kInfinity, 0)));
}

TEST_CASE("a binary op of nothing writes nothing") {
  Guarded out(0);
  float scalar = 1;
  for (const Broadcast form : kForms) {
    binary(Binary::add, form, &scalar, &scalar, out.data(), {0, 5});
  }
  CHECK(out.intact());
}

}  // namespace coil::kernels::test

#include "compiler/semantics/arithmetic.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <rapidcheck.h>

using namespace coil::semantics;
using coil::ast::BinaryOperator;

namespace {

__extension__ typedef __int128 Wide;  // nothing of 64 bits overflows here

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();

// The operation in 128 bits.
Wide exact(BinaryOperator op, std::int64_t a, std::int64_t b) {
  switch (op) {
    case BinaryOperator::add:
      return static_cast<Wide>(a) + b;
    case BinaryOperator::subtract:
      return static_cast<Wide>(a) - b;
    case BinaryOperator::multiply:
      return static_cast<Wide>(a) * b;
    default:
      return static_cast<Wide>(a) / b;
  }
}

bool fits(Wide value) { return value >= smallest && value <= largest; }

}  // namespace

TEST_CASE("Integer arithmetic is exact or an error") {
  const bool holds = rc::check("as in 128 bits", [] {
    const auto wide = rc::gen::arbitrary<std::int64_t>();
    const auto edge = rc::gen::element<std::int64_t>(0, 1, -1, 2, largest, smallest, largest / 2);
    const auto a = *rc::gen::oneOf(wide, edge, rc::gen::inRange<std::int64_t>(-50, 50));
    const auto b = *rc::gen::oneOf(wide, edge, rc::gen::inRange<std::int64_t>(-50, 50));
    const auto op = *rc::gen::element(BinaryOperator::add, BinaryOperator::subtract,
                                      BinaryOperator::multiply, BinaryOperator::divide);
    const Computed computed = compute(op, a, b);
    const bool divides = op == BinaryOperator::divide;
    if (divides && (b == 0 || static_cast<Wide>(a) % b != 0)) {
      RC_ASSERT(!computed.error.empty());
    } else if (fits(exact(op, a, b))) {
      RC_ASSERT(computed.error == "");
      RC_ASSERT(std::get<std::int64_t>(computed.value) == exact(op, a, b));
    } else {
      RC_ASSERT(computed.error.find("does not fit in an integer of 64 bits") != std::string::npos);
    }
  });
  CHECK(holds);
}

TEST_CASE("Errors of arithmetic show the operation") {
  CHECK(compute(BinaryOperator::add, largest, std::int64_t{1}).error ==
        "9223372036854775807 + 1 does not fit in an integer of 64 bits");
  CHECK(compute(BinaryOperator::divide, smallest, std::int64_t{-1}).error ==
        "-9223372036854775808 / -1 does not fit in an integer of 64 bits");
  CHECK(compute(BinaryOperator::divide, std::int64_t{7}, std::int64_t{2}).error ==
        "7 / 2 is not a whole number; write 7.0 / 2 for a real");
  CHECK(compute(BinaryOperator::divide, std::int64_t{7}, std::int64_t{0}).error ==
        "7 / 0 is a division by zero");
  CHECK(compute(BinaryOperator::divide, 7.0, -0.0).error == "7.0 / -0.0 is a division by zero");
  CHECK(compute(BinaryOperator::multiply, 1e300, 1e300).error ==
        "1e+300 * 1e+300 is not a finite number");
  CHECK(compute(BinaryOperator::matmul, 1.0, 1.0).error ==
        "'@' multiplies values, and these are numbers");
  CHECK(negate(smallest).error == "0 - -9223372036854775808 does not fit in an integer of 64 bits");
}

TEST_CASE("A real makes the result real, an integer alone does not") {
  CHECK(std::get<double>(compute(BinaryOperator::divide, std::int64_t{7}, 2.0).value) == 3.5);
  CHECK(std::get<std::int64_t>(
            compute(BinaryOperator::divide, std::int64_t{8}, std::int64_t{2}).value) == 4);
  CHECK(std::get<double>(negate(1.5).value) == -1.5);
}

TEST_CASE("Integer literals end at 64 bits") {
  CHECK(std::get<std::int64_t>(read_integer("9223372036854775807").value) == largest);
  CHECK(read_integer("9223372036854775808").error != "");
  CHECK(read_integer("00042").error == "");
}

TEST_CASE("Numbers are shown so that they keep their kind") {
  CHECK(to_string(Number(std::int64_t{4})) == "4");
  CHECK(to_string(Number(4.0)) == "4.0");
  CHECK(to_string(Number(-0.25)) == "-0.25");
  CHECK(to_string(Number(1e300)) == "1e+300");
}

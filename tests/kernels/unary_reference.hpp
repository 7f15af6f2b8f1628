#pragma once

#include "runtime/kernels/unary.hpp"

#include "tests/kernels/support.hpp"

namespace coil::kernels::test {

// What the header promises of one op: |error| <= relative * |exact| + absolute.
struct UnaryCase {
  Unary op;
  const char* name;
  double (*exact)(double);
  double relative;
  double absolute;
  double ulps;  // of normal results, in units in the last place
};

inline double exact_sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
inline double exact_hard_sigmoid(double x) { return std::clamp(0.2 * x + 0.5, 0.0, 1.0); }
inline double exact_relu(double x) { return x > 0 ? x : 0; }
// Beyond the floats lies infinity.
inline double exact_exp(double x) { return x > 88.7228394 ? HUGE_VAL : std::exp(x); }
inline double exact_tanh(double x) { return std::tanh(x); }
inline double exact_log(double x) { return std::log(x); }

// sigmoid gives 0 where it would be denormal, exp is two denormal steps off there.
inline constexpr UnaryCase kUnaryCases[] = {
    {Unary::tanh, "tanh", exact_tanh, 5e-7, 0, 2.6},
    {Unary::sigmoid, "sigmoid", exact_sigmoid, 5e-7, 1.2e-38, 2.3},
    {Unary::hard_sigmoid, "hard_sigmoid", exact_hard_sigmoid, 1e-7, 6e-8, HUGE_VAL},
    {Unary::relu, "relu", exact_relu, 0, 0, 0},
    {Unary::exp, "exp", exact_exp, 2e-7, 3e-45, 1},
    {Unary::log, "log", exact_log, 3e-7, 0, 1},
};

}  // namespace coil::kernels::test

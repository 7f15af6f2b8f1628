#pragma once

// The element-wise functions in double precision. NaN in gives NaN out, everywhere.

#include <cmath>

namespace coil::records::scalar {

inline double add(double a, double b) { return a + b; }
inline double sub(double a, double b) { return a - b; }
inline double mul(double a, double b) { return a * b; }
inline double div(double a, double b) { return a / b; }
inline double neg(double x) { return -x; }
inline double exp(double x) { return std::exp(x); }
inline double log(double x) { return std::log(x); }
inline double relu(double x) { return x <= 0 ? 0 : x; }
inline double tanh(double x) { return std::tanh(x); }
inline double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// Keras of 2019: clip(0.2 x + 0.5, 0, 1)
inline double hard_sigmoid(double x) {
  const double y = 0.2 * x + 0.5;
  return y <= 0 ? 0 : y >= 1 ? 1 : y;
}

// g * f'(x), told from y = f(x). At the kinks the derivative is taken as 0. A NaN in g or y stays.
inline double where(bool passes, double g, double y) {
  if (std::isnan(g) || std::isnan(y)) return g + y;
  return passes ? g : 0;
}
inline double relu_grad(double g, double y) { return where(y > 0, g, y); }
inline double tanh_grad(double g, double y) { return g * (1 - y * y); }
inline double sigmoid_grad(double g, double y) { return g * y * (1 - y); }
inline double hard_sigmoid_grad(double g, double y) { return where(y > 0 && y < 1, 0.2 * g, y); }

}  // namespace coil::records::scalar

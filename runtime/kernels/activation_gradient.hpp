#pragma once

#include <cstdint>

namespace coil::kernels {

enum class Activation {
  relu,          // dy where y > 0, else 0
  tanh,          // dy (1 - y^2)
  sigmoid,       // dy y (1 - y)
  hard_sigmoid,  // 0.2 dy where 0 < y < 1, else 0
};

// dx[i] = the gradient at the activation's input, given dy at its output and that OUTPUT y (see
// unary.hpp). dx may be dy or y. NaN in dy or y gives NaN, also where the form above says 0.
void activation_gradient(Activation activation, const float* dy, const float* y, float* dx,
                         std::int64_t size);

}  // namespace coil::kernels

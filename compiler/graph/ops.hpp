#pragma once

// The one list of ops. To add one: a line here, a record in ops/, a case in the lowering (see
// CONTRIBUTING.md). x, y, g stand for operands; broadcasting is that of `broadcast` in type.hpp.

#include <cstdint>
#include <string_view>

namespace coil {

// clang-format off
#define COIL_FOR_EACH_OP(X)                                                                         \
  /* leaves */                                                                                      \
  X(input)             /* fed by the caller                                                   */    \
  X(weight)            /* trained, kept in the artifact                                       */    \
  X(state)             /* outlives the call                                                   */    \
  X(constant)          /* every element the same number                                       */    \
  /* products */                                                                                    \
  X(gather)            /* rows of a table: gather(T, i)[n] = T[i[n]]                          */    \
  X(scatter_add)       /* gather's gradient: result[r] = sum over n with i[n] = r of g[n]     */    \
  X(matmul)            /* a @ b over the last dimension of a                                  */    \
  X(fused_matmul)      /* activation(a @ b + bias + addend)                                   */    \
  /* element-wise, broadcasting; add and mul take two or more operands, which may change places */  \
  X(add) X(sub) X(mul) X(div)                                                                       \
  X(neg) X(exp) X(log)                                                                              \
  X(relu) X(tanh) X(sigmoid) X(hard_sigmoid)                                                        \
  X(relu_grad)         /* (g, y) -> g * f'(x), told from the result y = f(x)                  */    \
  X(tanh_grad) X(sigmoid_grad) X(hard_sigmoid_grad)                                                 \
  /* along dimensions */                                                                            \
  X(softmax)           /* over the last dimension                                             */    \
  X(softmax_grad)      /* (g, y) -> y * (g - sum(g * y))                                      */    \
  X(sum_to)            /* sums what a broadcast from `shape` repeated                         */    \
  X(broadcast_to)      /* repeats up to `shape`                                               */    \
  X(slice)             /* a part of one dimension                                             */    \
  X(concat)            /* side by side along a dimension, or stacked along a new one          */    \
  X(dropout)           /* x; in training, given (x, seed, step), a share of it zero           */    \
  /* recurrence */                                                                                  \
  X(scan)              /* a body run `steps` times, carrying values from step to step         */    \
  /* training */                                                                                    \
  X(cross_entropy)     /* (logits, target) -> mean loss in nats, its gradient by the logits   */    \
  X(global_norm)       /* of all its operands together: sqrt of the sum of all squares        */    \
  /* the optimizers: (rate, step | momentum, norm, clip, decay, weights.., gradients.., moments..) */ \
  X(adam)              /* moments: means.., variances..                                       */    \
  X(sgd)               /* moments: velocities..                                               */    \
  /* made of others; at the end, since hashes count ops                                       */    \
  X(fused_elementwise) /* a body of element-wise ops, run block by block                      */    \
  X(to_bf16)           /* the nearest number of eight significant bits, for products          */    \
  X(recurrent)         /* a well-known cell run over a whole sequence                         */    \
  X(recurrent_grad)    /* (operands.., results.., gradients of results..) -> of operands..    */    \
  X(to_int8)           /* x / scale as the nearest whole number from -127 to 127              */    \
  X(column_scales)     /* of each column of a matrix: its largest magnitude / 127             */    \
  X(to_int8_columns)   /* (W, scales) -> each column by its scale, as to_int8                 */
// clang-format on

enum class Op : std::uint8_t {
#define COIL_OP(name) name,
  COIL_FOR_EACH_OP(COIL_OP)
#undef COIL_OP
};

}  // namespace coil

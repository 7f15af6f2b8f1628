#pragma once

// oneDNN as the lowering uses it. What version 3 renamed or took away (operation descriptors, the scale of
// append_eltwise, fields of memory::desc) is spelled here only, so that a second version stays possible.
// Data are f32, but that the sides of a product may be bf16 or s8. Every primitive uses a scratchpad of ours: with the
// library's own, running on another thread than the one that created a primitive crashes (2.6.3).

#include <dnnl.hpp>
#include <optional>
#include <string>
#include <unordered_map>

#include "compiler/graph/attributes.hpp"

namespace coil::onednn {

using dnnl::memory;
using Arguments = std::unordered_map<int, memory>;

const dnnl::engine& engine();
dnnl::stream& stream();

// Descriptors of matrices [rows x columns]: as C lays them out, as the transpose of one that C laid out
// as [columns x rows], and as the primitive likes best.
inline constexpr auto f32 = memory::data_type::f32;
inline constexpr auto bf16 = memory::data_type::bf16;
inline constexpr auto s8 = memory::data_type::s8;
memory::desc plain(memory::dim rows, memory::dim columns, memory::data_type type = f32);
memory::desc transposed(memory::dim rows, memory::dim columns, memory::data_type type = f32);
memory::desc any_format(memory::dim rows, memory::dim columns, memory::data_type type = f32);
// A right side as processors read it: 64 columns at a time, row by row, zeros behind the last of either; of bf16 two rows
// side by side.
memory::desc in_blocks(memory::dim rows, memory::dim columns);
memory::desc in_pairs(memory::dim rows, memory::dim columns);

std::size_t bytes_of(const memory::desc& desc);

// What a product computes behind itself, in oneDNN's order: dst = post_ops(src @ weights + bias).
struct MatmulDescription {
  memory::desc src, weights, dst;
  bool has_bias = false;
  bool sum_dst = false;  // dst holds an addend
  Activation activation = Activation::none;
};
dnnl::matmul::primitive_desc matmul_descriptor(const MatmulDescription& description);
// Of sides in bf16, where the machine multiplies such numbers; nothing where it would take the long way round.
std::optional<dnnl::matmul::primitive_desc> bf16_descriptor(const MatmulDescription& description);
// The same of sides in s8. Nothing too where only routines are left that saturate sums of two products at 16 bits, as
// instructions before VNNI do: they are wrong, not slow.
std::optional<dnnl::matmul::primitive_desc> int8_descriptor(const MatmulDescription& description);

// From one layout to another, with a scratchpad of ours.
dnnl::reorder::primitive_desc reorder_descriptor(const memory::desc& from, const memory::desc& to);

dnnl::softmax_backward::primitive_desc softmax_backward_descriptor(const memory::desc& data);

// A well-known cell run over `steps` steps of `rows` rows. Sequences lie batch first: [rows, steps, width]. Where the
// attributes say that it is rounded, what is multiplied is bf16, and what it gives but for c; gradients never are.
struct RecurrentDescription {
  RecurrentAttributes attributes;
  memory::dim steps, rows, inputs, units;
};
// What a primitive over it takes and gives, as the graph has it; weights too, though primitives want them otherwise.
struct RecurrentLayout {
  explicit RecurrentLayout(const RecurrentDescription& description);
  memory::desc src, h, kernel, recurrent_kernel, bias, dst;
  memory::desc c;  // and of the gradients of h and c
  memory::desc diff_src, diff_kernel, diff_recurrent_kernel, diff_dst;
};
// Weights are as the primitive likes best, and their gradients, like all else, as the graph has them.
dnnl::primitive_desc recurrent_inference(const RecurrentDescription& description);
struct RecurrentTraining {
  dnnl::primitive_desc forward, backward;
};
RecurrentTraining recurrent_training(const RecurrentDescription& description);
// implementation() of such a primitive, with the instruction set in bf16. oneDNN leaves that out, and uses AMX where both
// widths are even, as processors multiply pairs (2.6.3; an LSTM of 512 units, 64 rows: 1.4 ms with 42 inputs, 7.4 with 43
// or without AMX).
std::string recurrent_implementation(const dnnl::primitive_desc& descriptor,
                                     const RecurrentDescription& description);

// "brgemm:avx512_core": what oneDNN chose.
std::string implementation(const dnnl::primitive_desc_base& descriptor);

// "2.6.3", "avx512_core_amx": of the library, and what it may use on this machine.
std::string library_version();
std::string effective_isa();
// Whether that is a set, or more: each is a bit, and has the bits of those that it includes.
bool includes(dnnl::cpu_isa set);
// Whether that has instructions which multiply bf16, and which sum products of int8 exactly.
bool multiplies_bf16();
bool multiplies_int8();

}  // namespace coil::onednn

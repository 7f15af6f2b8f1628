#include "runtime/onednn/onednn.hpp"

#include <fmt/format.h>
#include <tuple>
#include <type_traits>

#include "compiler/graph/ops/recurrent.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil::onednn {
namespace {

dnnl::matmul::desc operation_of(const MatmulDescription& description) {
  const auto& [src, weights, dst, has_bias, sum, activation] = description;
  if (!has_bias) return {src, weights, dst};
  return {src, weights, plain(1, dst.dims()[1]), dst};
}

void append_eltwise(dnnl::post_ops& ops, dnnl::algorithm algorithm, float alpha, float beta) {
  ops.append_eltwise(1.0f, algorithm, alpha, beta);
}

void append_activation(dnnl::post_ops& ops, Activation activation) {
  switch (activation) {
    case Activation::none:
      return;
    case Activation::relu:
      return append_eltwise(ops, dnnl::algorithm::eltwise_relu, 0, 0);
    case Activation::tanh:
      return append_eltwise(ops, dnnl::algorithm::eltwise_tanh, 0, 0);
    case Activation::sigmoid:
      return append_eltwise(ops, dnnl::algorithm::eltwise_logistic, 0, 0);
    case Activation::hard_sigmoid:  // clip(0.2 x + 0.5, 0, 1)
      append_eltwise(ops, dnnl::algorithm::eltwise_linear, 0.2f, 0.5f);
      return append_eltwise(ops, dnnl::algorithm::eltwise_clip, 0, 1);
  }
}

dnnl::primitive_attr user_scratchpad() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

dnnl::primitive_attr attributes_of(const MatmulDescription& description) {
  dnnl::primitive_attr attributes = user_scratchpad();
  dnnl::post_ops ops;
  if (description.sum_dst) ops.append_sum(1.0f);
  append_activation(ops, description.activation);
  attributes.set_post_ops(ops);
  return attributes;
}

// Where it is by small blocks.
std::optional<dnnl::matmul::primitive_desc> blocked_descriptor(
    const MatmulDescription& description) {
  constexpr bool allow_empty = true;
  const dnnl::matmul::primitive_desc descriptor(operation_of(description),
                                                attributes_of(description), engine(), allow_empty);
  if (!descriptor || !implementation(descriptor).starts_with("brg")) return std::nullopt;
  return descriptor;
}

dnnl::algorithm algorithm_of(Activation activation) {
  switch (activation) {
    case Activation::tanh:
      return dnnl::algorithm::eltwise_tanh;
    case Activation::sigmoid:
      return dnnl::algorithm::eltwise_logistic;
    case Activation::none:
    case Activation::relu:
    case Activation::hard_sigmoid:
      break;
  }
  throw InternalError("an activation that no recurrent primitive has");
}

memory::desc any_layout(const memory::desc& desc) {
  return {desc.dims(), desc.data_type(), memory::format_tag::any};
}

// Calls `run` with the primitive of the cell and that of its gradient.
template <typename Run>
auto with_cell(RecurrentCell cell, const Run& run) {
  switch (cell) {
    case RecurrentCell::vanilla:
      return run.template operator()<dnnl::vanilla_rnn_forward, dnnl::vanilla_rnn_backward>();
    case RecurrentCell::lstm:
      return run.template operator()<dnnl::lstm_forward, dnnl::lstm_backward>();
    case RecurrentCell::gru:
      return run.template operator()<dnnl::gru_forward, dnnl::gru_backward>();
    case RecurrentCell::gru_reset_after:
      return run.template operator()<dnnl::lbr_gru_forward, dnnl::lbr_gru_backward>();
  }
  __builtin_unreachable();
}

constexpr auto forwards = dnnl::rnn_direction::unidirectional_left2right;

// src_iter and src_iter_c are never left out: without them the gradient of the recurrent kernel is wrong (2.6.3 and
// 3.7.2).
template <typename Forward>
typename Forward::primitive_desc forward_descriptor(const RecurrentDescription& description,
                                                    dnnl::prop_kind kind) {
  const RecurrentLayout as(description);
  const memory::desc kernel = any_layout(as.kernel), recurrent = any_layout(as.recurrent_kernel);
  const auto operation = [&] {
    using Operation = typename Forward::desc;
    if constexpr (std::is_same_v<Forward, dnnl::lstm_forward>)
      return Operation(kind, forwards, as.src, as.h, as.c, kernel, recurrent, as.bias, as.dst, as.h,
                       as.c);
    else if constexpr (std::is_same_v<Forward, dnnl::vanilla_rnn_forward>)
      return Operation(kind, algorithm_of(description.attributes.activation), forwards, as.src,
                       as.h, kernel, recurrent, as.bias, as.dst, as.h);
    else
      return Operation(kind, forwards, as.src, as.h, kernel, recurrent, as.bias, as.dst, as.h);
  };
  return {operation(), user_scratchpad(), engine()};
}

template <typename Backward>
typename Backward::primitive_desc backward_descriptor(const RecurrentDescription& description,
                                                      const auto& forward) {
  const RecurrentLayout as(description);
  const memory::desc kernel = any_layout(as.kernel), recurrent = any_layout(as.recurrent_kernel);
  constexpr auto kind = dnnl::prop_kind::backward;
  const auto operation = [&] {
    using Operation = typename Backward::desc;
    if constexpr (std::is_same_v<Backward, dnnl::lstm_backward>)
      return Operation(kind, forwards, as.src, as.h, as.c, kernel, recurrent, as.bias, as.dst, as.h,
                       as.c, as.diff_src, as.c, as.c, as.diff_kernel, as.diff_recurrent_kernel,
                       as.bias, as.diff_dst, as.c, as.c);
    else if constexpr (std::is_same_v<Backward, dnnl::vanilla_rnn_backward>)
      return Operation(kind, algorithm_of(description.attributes.activation), forwards, as.src,
                       as.h, kernel, recurrent, as.bias, as.dst, as.h, as.diff_src, as.c,
                       as.diff_kernel, as.diff_recurrent_kernel, as.bias, as.diff_dst, as.c);
    else
      return Operation(kind, forwards, as.src, as.h, kernel, recurrent, as.bias, as.dst, as.h,
                       as.diff_src, as.c, as.diff_kernel, as.diff_recurrent_kernel, as.bias,
                       as.diff_dst, as.c);
  };
  return {operation(), user_scratchpad(), engine(), forward};
}

}  // namespace

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

dnnl::stream& stream() {
  static dnnl::stream in_order(engine());
  return in_order;
}

memory::desc plain(memory::dim rows, memory::dim columns, memory::data_type type) {
  return {{rows, columns}, type, memory::format_tag::ab};
}
memory::desc transposed(memory::dim rows, memory::dim columns, memory::data_type type) {
  return {{rows, columns}, type, memory::format_tag::ba};
}
memory::desc any_format(memory::dim rows, memory::dim columns, memory::data_type type) {
  return {{rows, columns}, type, memory::format_tag::any};
}
memory::desc in_blocks(memory::dim rows, memory::dim columns) {
  return {{rows, columns}, f32, memory::format_tag::BA16a64b};
}
memory::desc in_pairs(memory::dim rows, memory::dim columns) {
  return {{rows, columns}, bf16, memory::format_tag::BA16a64b2a};
}

std::size_t bytes_of(const memory::desc& desc) { return desc.get_size(); }

dnnl::matmul::primitive_desc matmul_descriptor(const MatmulDescription& description) {
  return {operation_of(description), attributes_of(description), engine()};
}

std::optional<dnnl::matmul::primitive_desc> bf16_descriptor(const MatmulDescription& description) {
  // Other routines convert, slower than if they were given floats.
  return blocked_descriptor(description);
}

std::optional<dnnl::matmul::primitive_desc> int8_descriptor(const MatmulDescription& description) {
  return blocked_descriptor(description);
}

dnnl::reorder::primitive_desc reorder_descriptor(const memory::desc& from, const memory::desc& to) {
  return {engine(), from, engine(), to, user_scratchpad()};
}

dnnl::softmax_backward::primitive_desc softmax_backward_descriptor(const memory::desc& data) {
  const dnnl::softmax_forward::primitive_desc forward(
      dnnl::softmax_forward::desc(dnnl::prop_kind::forward_training, data, 1), engine());
  return {dnnl::softmax_backward::desc(data, data, 1), user_scratchpad(), engine(), forward};
}

RecurrentLayout::RecurrentLayout(const RecurrentDescription& description) {
  const auto& [attributes, steps, rows, inputs, units] = description;
  const RecurrentPlaces places(attributes.cell);
  const auto type = attributes.rounded ? bf16 : f32;
  // A tensor, and its gradient.
  const auto multiplied = [type](const memory::dims& dims, memory::format_tag tag) {
    return std::pair(memory::desc(dims, type, tag), memory::desc(dims, f32, tag));
  };
  std::tie(src, diff_src) = multiplied({steps, rows, inputs}, memory::format_tag::ntc);
  std::tie(dst, diff_dst) = multiplied({steps, rows, units}, memory::format_tag::ntc);
  std::tie(h, c) = multiplied({1, 1, rows, units}, memory::format_tag::ldnc);
  std::tie(kernel, diff_kernel) =
      multiplied({1, 1, inputs, places.gates, units}, memory::format_tag::ldigo);
  std::tie(recurrent_kernel, diff_recurrent_kernel) =
      multiplied({1, 1, units, places.gates, units}, memory::format_tag::ldigo);
  const memory::dim biases = places.gates + (places.has_recurrent_bias ? 1 : 0);
  bias = {{1, 1, biases, units}, f32, memory::format_tag::ldgo};
}

dnnl::primitive_desc recurrent_inference(const RecurrentDescription& description) {
  return with_cell(description.attributes.cell, [&]<typename Forward, typename>() {
    return dnnl::primitive_desc(
        forward_descriptor<Forward>(description, dnnl::prop_kind::forward_inference));
  });
}

RecurrentTraining recurrent_training(const RecurrentDescription& description) {
  return with_cell(description.attributes.cell, [&]<typename Forward, typename Backward>() {
    const auto forward =
        forward_descriptor<Forward>(description, dnnl::prop_kind::forward_training);
    return RecurrentTraining{forward, backward_descriptor<Backward>(description, forward)};
  });
}

std::string recurrent_implementation(const dnnl::primitive_desc& descriptor,
                                     const RecurrentDescription& description) {
  const std::string name = implementation(descriptor);
  if (!description.attributes.rounded) return name;
  const bool is_paired = description.inputs % 2 == 0 && description.units % 2 == 0;
  const bool is_by_amx = is_paired && includes(dnnl::cpu_isa::avx512_core_amx);
  return name + (is_by_amx ? ":avx512_core_amx_bf16" : ":avx512_core_bf16");
}

std::string implementation(const dnnl::primitive_desc_base& descriptor) {
  return descriptor.impl_info_str();
}

std::string library_version() {
  const dnnl::version_t* version = dnnl::version();
  return fmt::format("{}.{}.{}", version->major, version->minor, version->patch);
}

std::string effective_isa() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41:
      return "sse41";
    case dnnl::cpu_isa::avx:
      return "avx";
    case dnnl::cpu_isa::avx2:
      return "avx2";
    case dnnl::cpu_isa::avx2_vnni:
      return "avx2_vnni";
    case dnnl::cpu_isa::avx512_core:
      return "avx512_core";
    case dnnl::cpu_isa::avx512_core_vnni:
      return "avx512_core_vnni";
    case dnnl::cpu_isa::avx512_core_bf16:
      return "avx512_core_bf16";
    case dnnl::cpu_isa::avx512_core_amx:
      return "avx512_core_amx";
    default:
      return "unnamed";  // the library may know more than its header names
  }
}

bool includes(dnnl::cpu_isa set) {
  const auto bits = static_cast<unsigned>(set);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & bits) == bits;
}

bool multiplies_bf16() { return includes(dnnl::cpu_isa::avx512_core_bf16); }

bool multiplies_int8() {
  constexpr memory::dim size = 64;
  return int8_descriptor({plain(size, size, s8), any_format(size, size, s8), plain(size, size)})
      .has_value();
}

}  // namespace coil::onednn

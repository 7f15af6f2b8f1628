#include "runtime/onednn/onednn.hpp"

#include <fmt/format.h>

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
memory::desc in_pairs(memory::dim rows, memory::dim columns) {
  return {{rows, columns}, bf16, memory::format_tag::BA16a64b2a};
}

std::size_t bytes_of(const memory::desc& desc) { return desc.get_size(); }

dnnl::matmul::primitive_desc matmul_descriptor(const MatmulDescription& description) {
  return {operation_of(description), attributes_of(description), engine()};
}

std::optional<dnnl::matmul::primitive_desc> bf16_descriptor(const MatmulDescription& description) {
  constexpr bool allow_empty = true;
  const dnnl::matmul::primitive_desc descriptor(operation_of(description),
                                                attributes_of(description), engine(), allow_empty);
  // Other routines convert, slower than if they were given floats.
  if (!descriptor || !implementation(descriptor).starts_with("brg")) return std::nullopt;
  return descriptor;
}

dnnl::reorder::primitive_desc reorder_descriptor(const memory::desc& from, const memory::desc& to) {
  return {engine(), from, engine(), to, user_scratchpad()};
}

dnnl::softmax_backward::primitive_desc softmax_backward_descriptor(const memory::desc& data) {
  const dnnl::softmax_forward::primitive_desc forward(
      dnnl::softmax_forward::desc(dnnl::prop_kind::forward_training, data, 1), engine());
  return {dnnl::softmax_backward::desc(data, data, 1), user_scratchpad(), engine(), forward};
}

std::string implementation(const dnnl::matmul::primitive_desc& descriptor) {
  return descriptor.impl_info_str();
}
std::string implementation(const dnnl::reorder::primitive_desc& descriptor) {
  return descriptor.impl_info_str();
}
std::string implementation(const dnnl::softmax_backward::primitive_desc& descriptor) {
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

}  // namespace coil::onednn

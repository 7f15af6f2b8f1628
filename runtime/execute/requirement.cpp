#include "runtime/execute/requirement.hpp"

#include <algorithm>

#include "compiler/source/run_error.hpp"

#include "runtime/onednn/onednn.hpp"

namespace coil {
namespace {

struct RequirementRow {
  Requirement requirement;
  std::string_view name;
  dnnl::cpu_isa needs;
};

constexpr RequirementRow requirement_rows[] = {
    {Requirement::avx2, "avx2", dnnl::cpu_isa::avx2},
    {Requirement::avx512, "avx512", dnnl::cpu_isa::avx512_core},
    {Requirement::avx512_bf16, "avx512_bf16", dnnl::cpu_isa::avx512_core_bf16},
    {Requirement::amx, "amx", dnnl::cpu_isa::avx512_core_amx},
};

const RequirementRow& row_of(Requirement requirement) {
  return *std::ranges::find(requirement_rows, requirement, &RequirementRow::requirement);
}

// Each set is a bit, and has the bits of those that it includes.
bool includes(dnnl::cpu_isa set, dnnl::cpu_isa part) {
  const auto bits = static_cast<unsigned>(part);
  return (static_cast<unsigned>(set) & bits) == bits;
}

}  // namespace

std::string_view to_string(Requirement requirement) { return row_of(requirement).name; }

std::optional<Requirement> find_requirement(std::string_view name) {
  const auto* row = std::ranges::find(requirement_rows, name, &RequirementRow::name);
  if (row == std::end(requirement_rows)) return std::nullopt;
  return row->requirement;
}

bool has(Requirement requirement) {
  return includes(dnnl::get_effective_cpu_isa(), row_of(requirement).needs);
}

bool multiplies(Precision precision) {
  return precision == Precision::f32 || has(Requirement::avx512_bf16);
}

void require_machine(Requirement requirement, Precision precision) {
  if (!has(requirement))
    fail(ExitCode::usage, "--require {}: this machine has no more than {}", to_string(requirement),
         onednn::effective_isa());
  const bool is_for_bf16 =
      requirement == Requirement::avx512_bf16 || requirement == Requirement::amx;
  if (is_for_bf16 && precision != Precision::bf16)
    fail(ExitCode::usage, "--require {}: no product in {} uses it; add --precision bf16",
         to_string(requirement), to_string(precision));
}

std::optional<std::string> why_lacking(Requirement requirement,
                                       std::span<const onednn::Step> steps) {
  for (const onednn::Step& step : steps) {
    if (step.requested_type != step.actual_type)
      return fmt::format("{} (node {}) is computed in {}, not in {} ({})", step.what, step.node,
                         step.actual_type, step.requested_type, step.implementation);
    const bool is_bf16 = step.actual_type == "bf16";
    if (requirement == Requirement::amx && is_bf16 &&
        step.implementation.find("amx") == std::string::npos)
      return fmt::format("{} (node {}) is computed without it ({})", step.what, step.node,
                         step.implementation);
  }
  return std::nullopt;
}

void require_products(Requirement requirement, std::span<const onednn::Step> steps) {
  if (const auto why = why_lacking(requirement, steps))
    fail(ExitCode::usage, "--require {}: {}", to_string(requirement), *why);
}

}  // namespace coil

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
  std::span<const Precision> uses;  // those whose products it is for; none where it is for any
};

constexpr Precision for_bf16[] = {Precision::bf16};
constexpr Precision for_int8[] = {Precision::int8};
constexpr Precision for_both[] = {Precision::bf16, Precision::int8};

constexpr RequirementRow requirement_rows[] = {
    {Requirement::avx2, "avx2", dnnl::cpu_isa::avx2, {}},
    {Requirement::avx512, "avx512", dnnl::cpu_isa::avx512_core, {}},
    {Requirement::avx512_vnni, "avx512_vnni", dnnl::cpu_isa::avx512_core_vnni, for_int8},
    {Requirement::avx512_bf16, "avx512_bf16", dnnl::cpu_isa::avx512_core_bf16, for_bf16},
    {Requirement::amx, "amx", dnnl::cpu_isa::avx512_core_amx, for_both},
};

const RequirementRow& row_of(Requirement requirement) {
  return *std::ranges::find(requirement_rows, requirement, &RequirementRow::requirement);
}

}  // namespace

std::string_view to_string(Requirement requirement) { return row_of(requirement).name; }

std::optional<Requirement> find_requirement(std::string_view name) {
  const auto* row = std::ranges::find(requirement_rows, name, &RequirementRow::name);
  if (row == std::end(requirement_rows)) return std::nullopt;
  return row->requirement;
}

bool has(Requirement requirement) {
  return onednn::includes(row_of(requirement).needs);
}

bool multiplies(Precision precision) {
  switch (precision) {
    case Precision::f32:
      return true;
    case Precision::bf16:
      return onednn::multiplies_bf16();
    case Precision::int8:
      return onednn::multiplies_int8();
  }
  __builtin_unreachable();
}

void require_machine(Requirement requirement, Precision precision) {
  if (!has(requirement))
    fail(ExitCode::usage, "--require {}: this machine has no more than {}", to_string(requirement),
         onednn::effective_isa());
  const RequirementRow& row = row_of(requirement);
  if (!row.uses.empty() && std::ranges::find(row.uses, precision) == row.uses.end())
    fail(ExitCode::usage, "--require {}: no product in {} uses it; add --precision {}", row.name,
         to_string(precision), to_string(row.uses.front()));
}

std::optional<std::string> why_lacking(Requirement requirement,
                                       std::span<const onednn::Step> steps) {
  for (const onednn::Step& step : steps) {
    if (step.requested_type != step.actual_type)
      return fmt::format("{} (node {}) is computed in {}, not in {} ({})", step.what, step.node,
                         step.actual_type, step.requested_type, step.implementation);
    const bool is_narrow = step.actual_type == "bf16" || step.actual_type == "int8";
    if (requirement == Requirement::amx && is_narrow &&
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

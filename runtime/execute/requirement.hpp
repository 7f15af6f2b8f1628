#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "compiler/passes/precision.hpp"

#include "runtime/onednn/lower.hpp"

namespace coil {

// What a run must compute its products by, where falling back on less would be a failure.
enum class Requirement : std::uint8_t { avx2, avx512, avx512_vnni, avx512_bf16, amx };

std::string_view to_string(Requirement requirement);
std::optional<Requirement> find_requirement(std::string_view name);
inline constexpr Requirement all_requirements[] = {Requirement::avx2, Requirement::avx512,
                                                   Requirement::avx512_vnni,
                                                   Requirement::avx512_bf16, Requirement::amx};

// Whether this machine has it, and oneDNN may use it.
bool has(Requirement requirement);

// Whether products of the precision are computed by instructions of its own here; they are computed in f32 otherwise.
bool multiplies(Precision precision);

// RunError (usage) where the machine lacks it, or products of that precision never use it.
void require_machine(Requirement requirement, Precision precision);

// The first product or recurrence that is computed in another type than the one asked for, or, where AMX is required,
// without it; nothing where all are as they must be.
std::optional<std::string> why_lacking(Requirement requirement,
                                       std::span<const onednn::Step> steps);

// RunError (usage) with it.
void require_products(Requirement requirement, std::span<const onednn::Step> steps);

}  // namespace coil

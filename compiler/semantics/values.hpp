#pragma once

// From meanings to what an operator, function or layer needs; each reports what does not fit.

#include "compiler/semantics/context.hpp"

namespace coil::semantics {

inline constexpr std::int64_t largest_size = (std::int64_t{1} << 31) - 1;

// A size: an integer from 1 to `largest_size`. `what` begins the message: "'units'", "a size".
std::optional<std::int64_t> as_size(Context& context, const Meaning& meaning,
                                    const std::string& what);

// A share: a number from 0 to less than 1.
std::optional<double> as_rate(Context& context, const Meaning& meaning, const std::string& what);

// why_invalid, in the words of people who do not see the batch.
std::optional<std::string> why_too_large(const Shape& shape);

// A real value; numbers become scalar constants. `what` begins the message: "'+'", "'tanh'".
std::optional<Value> as_real(Context& context, const Meaning& meaning, const std::string& what);

// A node whose operands are real, or a report at `where` of why the op does not take them.
Meaning build_node(Context& context, Op op, const std::vector<Value>& operands, SourceRange where);

// Whether a value has a last dimension of its own, one that is not the batch; else a report.
bool has_width(Context& context, const Meaning& meaning, Value value, const std::string& what);

}  // namespace coil::semantics

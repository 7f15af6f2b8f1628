#pragma once

// The records of all ops, each defined in the file of its family: leaves, elementwise, parts, products,
// quantizing, recurrent, rounding, scan, shapes, softmax, training. An op without a record does not link.

#include "compiler/graph/op_record.hpp"

namespace coil::records {

#define COIL_DECLARE(op_name) extern const OpRecord op_name;
COIL_FOR_EACH_OP(COIL_DECLARE)
#undef COIL_DECLARE

// Of a file of its own.
std::vector<std::optional<Value>> gradient_of_scan(const GradientRequest& request);

}  // namespace coil::records

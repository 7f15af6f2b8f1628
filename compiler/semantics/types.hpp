#pragma once

#include "compiler/semantics/context.hpp"

namespace coil::semantics {

// `index(57)` or `real[4, 8]`, as written: without a batch.
struct DeclaredType {
  Type type;
  std::int64_t bound = 0;  // of an index
};

// Reports sizes that are none, and values that would be too large with `front` before the sizes. `what`
// is what has the type: "the input", "weight 'W'".
std::optional<DeclaredType> read_type(Context& context, const ast::ValueType& type,
                                      const std::string& what, const Shape& front);

// As read_type, of something that is real.
std::optional<Shape> read_real_type(Context& context, const ast::ValueType& type,
                                    const std::string& what, const Shape& front);

Shape join(const Shape& front, const Shape& back);

}  // namespace coil::semantics

#include "compiler/graph/op_record.hpp"

#include "compiler/graph/ops/records.hpp"

namespace coil {

const OpRecord& record(Op op) {
  switch (op) {
#define COIL_CASE(name) \
  case Op::name:        \
    return records::name;
    COIL_FOR_EACH_OP(COIL_CASE)
#undef COIL_CASE
  }
  __builtin_unreachable();
}

std::optional<Op> find_op(std::string_view name) {
#define COIL_FIND(op_name) \
  if (name == #op_name) return Op::op_name;
  COIL_FOR_EACH_OP(COIL_FIND)
#undef COIL_FIND
  return std::nullopt;
}

}  // namespace coil

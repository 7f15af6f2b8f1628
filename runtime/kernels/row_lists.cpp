#include "runtime/kernels/row_lists.hpp"

namespace coil::kernels {

// By counting. begin_[r + 1] is where the positions of r begin and, while they are written, where the next one goes: in
// the end that is where those of r + 1 begin.
void RowLists::sort(std::span<const std::int32_t> index, std::int64_t table_rows) {
  begin_.assign(static_cast<std::size_t>(table_rows) + 2, 0);
  for (const std::int32_t row : index) ++begin_[static_cast<std::size_t>(row) + 2];
  for (std::size_t row = 2; row < begin_.size(); ++row) begin_[row] += begin_[row - 1];
  positions_.resize(index.size());
  std::int32_t position = 0;
  for (const std::int32_t row : index)
    positions_[begin_[static_cast<std::size_t>(row) + 1]++] = position++;
}

const RowLists& lists_of(std::span<const std::int32_t> index, std::int64_t table_rows) {
  thread_local RowLists lists;
  lists.sort(index, table_rows);
  return lists;
}

}  // namespace coil::kernels

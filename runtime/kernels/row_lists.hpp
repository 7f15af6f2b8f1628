#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace coil::kernels {

// Where each row of a table is named in an index.
class RowLists {
 public:
  // Indices must lie in the table. Allocates where there are more of them, or of rows, than ever before.
  void sort(std::span<const std::int32_t> index, std::int64_t table_rows);

  // The positions of a row, in their order.
  std::span<const std::int32_t> of(std::int64_t row) const {
    const auto at = static_cast<std::size_t>(row);
    return std::span(positions_).subspan(begin_[at], begin_[at + 1] - begin_[at]);
  }

 private:
  std::vector<std::int32_t> positions_;
  std::vector<std::size_t> begin_;  // in positions_, of each row, and the end
};

// Those of an index; good until this thread asks for others.
const RowLists& lists_of(std::span<const std::int32_t> index, std::int64_t table_rows);

}  // namespace coil::kernels

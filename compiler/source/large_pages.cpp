#include "compiler/source/large_pages.hpp"

#include <cstdint>
#include <sys/mman.h>

namespace coil {

void prefer_large_pages(void* data, std::size_t bytes) {
  const auto begin = reinterpret_cast<std::uintptr_t>(data);
  const std::uintptr_t first = (begin + large_page_bytes - 1) / large_page_bytes * large_page_bytes;
  const std::uintptr_t end = (begin + bytes) / large_page_bytes * large_page_bytes;
  // A refusal changes nothing but time.
  if (first < end) ::madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
}

}  // namespace coil

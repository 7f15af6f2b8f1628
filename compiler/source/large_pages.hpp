#pragma once

#include <cstddef>

namespace coil {

// What one page of the larger kind holds, on the machines that Coil is made for.
inline constexpr std::size_t large_page_bytes = std::size_t{2} << 20;

// Asks for large pages where memory that nothing was written to yet spans whole ones: the first write to each page goes
// through the kernel, and there are 512 times fewer; the processor finds what lies in them more quickly too. Where the
// system has none to give, pages stay small.
void prefer_large_pages(void* data, std::size_t bytes);

}  // namespace coil

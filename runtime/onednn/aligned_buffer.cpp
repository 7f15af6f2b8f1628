#include "runtime/onednn/aligned_buffer.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <unistd.h>

#include "compiler/source/large_pages.hpp"
#include "compiler/source/run_error.hpp"

namespace coil {
namespace {

constexpr std::size_t line = 64;  // of the cache

std::atomic<std::size_t> reserved_bytes{0};

std::size_t find_machine_memory() {
  const auto pages = static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES));
  std::size_t bytes = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  // Version 2 and version 1 of control groups; "max" is no number and stays out.
  for (const char* file :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::size_t limit = 0;
    if (std::ifstream(file) >> limit && limit > 0) bytes = std::min(bytes, limit);
  }
  return bytes;
}

void reserve(std::size_t bytes) {
  const std::size_t before = reserved_bytes.fetch_add(bytes);
  if (before <= machine_memory() && bytes <= machine_memory() - before) return;
  reserved_bytes.fetch_sub(bytes);
  fail(ExitCode::usage,
       "{} bytes of memory are needed beside the {} in use, and this machine has {}; use a smaller "
       "model or batch",
       bytes, before, machine_memory());
}

}  // namespace

std::size_t machine_memory() {
  static const std::size_t bytes = find_machine_memory();
  return bytes;
}

AlignedBuffer::AlignedBuffer(std::size_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  const std::size_t alignment = bytes < large_page_bytes ? line : large_page_bytes;
  // Before rounding up, which must not wrap.
  const std::size_t rounded = bytes > machine_memory() ? bytes : (bytes + line - 1) / line * line;
  reserve(rounded);
  // Zeroes that calloc takes from the system are none until somebody looks at them.
  allocated_ = {std::calloc(1, rounded + alignment - 1), Free{rounded}};
  if (!allocated_) {
    reserved_bytes.fetch_sub(rounded);
    fail(ExitCode::usage,
         "the machine has no {} bytes of memory left; use a smaller model or batch", bytes);
  }
  data_ = allocated_.get();
  std::size_t space = rounded + alignment - 1;
  std::align(alignment, rounded, data_, space);
  prefer_large_pages(data_, rounded);
}

void AlignedBuffer::Free::operator()(void* allocated) const {
  std::free(allocated);
  reserved_bytes.fetch_sub(reserved);
}

}  // namespace coil

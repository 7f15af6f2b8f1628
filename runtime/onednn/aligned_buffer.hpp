#pragma once

#include <cstddef>
#include <memory>

namespace coil {

// What this process may use: the machine's memory, or less where its control group says so. Bytes.
std::size_t machine_memory();

// Zeroed memory on a 64-byte boundary, what is large in large pages. RunError (usage) with both numbers where all buffers together would
// need more than machine_memory(): the kernel would grant the address and kill the process at the first
// write.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t bytes);

  void* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Free {
    std::size_t reserved;
    void operator()(void* allocated) const;
  };
  std::unique_ptr<void, Free> allocated_;  // somewhat before
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace coil

#pragma once

// Bytes in their order, from memory or from a file, so that a reader need not hold a file to look at a part of it.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "compiler/source/input_file.hpp"

namespace coil {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Of all, known from the beginning.
  virtual std::uint64_t size() const = 0;

  // The next `to.size()` bytes, which must be there. RunError where a file cannot be read, or has become shorter than
  // it was.
  virtual void read(std::span<char> to) = 0;

  // The same, for nobody.
  void skip(std::uint64_t bytes);
};

class MemorySource : public ByteSource {
 public:
  // `bytes` must outlive it.
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t size() const override { return bytes_.size(); }
  void read(std::span<char> to) override;

 private:
  std::string_view bytes_;
  std::size_t next_ = 0;
};

class FileSource : public ByteSource {
 public:
  // Of a regular file, that is one whose size is known. RunError (io) where it is larger than `largest`.
  FileSource(const InputFile& file, std::size_t largest);

  std::uint64_t size() const override { return file_.size().value_or(0); }
  void read(std::span<char> to) override;

 private:
  const InputFile& file_;
};

}  // namespace coil

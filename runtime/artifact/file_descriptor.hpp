#pragma once

#include <unistd.h>
#include <utility>

namespace coil {

// Owns an open file; -1 is none.
class FileDescriptor {
 public:
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() { close(); }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

  void swap(FileDescriptor& other) { std::swap(number_, other.number_); }

  // False, with errno set, where the system reports a late write error.
  bool close() {
    if (number_ < 0) return true;
    const int result = ::close(number_);
    number_ = -1;
    return result == 0;
  }

 private:
  int number_;
};

}  // namespace coil

#pragma once

#include <string>

#include "runtime/artifact/file_descriptor.hpp"

namespace coil {

// Keeps two trainings from writing one file. Held by the kernel on a file beside it, "<name>.lock", so that it goes
// with the process, however that ends; the file of a killed process stays and locks nobody out.
class OutputLock {
 public:
  // RunError (io): another process (its number is in the message where it is known) holds it, or the lock file
  // cannot be written. A symbolic link is followed: both names of a file are one. Devices and pipes need no
  // lock and get none.
  explicit OutputLock(const std::string& path);
  ~OutputLock();
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;

 private:
  std::string lock_path_;  // empty where there is none
  FileDescriptor file_;
};

}  // namespace coil

#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace coil {

// An open file that closes itself; standard input stays open. RunError (io) with the path and the system's reason where
// it cannot be opened or read, or is a folder, or neither a regular file nor a pipe.
class InputFile {
 public:
  explicit InputFile(const std::string& path);  // "-" is standard input
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile();

  // The file's name as messages call it.
  const std::string& shown() const { return shown_; }

  // Of a regular file, in bytes; nothing where the end is known only when it comes.
  std::optional<std::size_t> size() const { return size_; }

  // Bytes read, perhaps fewer than were asked for; zero at the end.
  std::size_t read(char* to, std::size_t most) const;

 private:
  std::string shown_;
  int descriptor_;
  std::optional<std::size_t> size_;
};

// All that is left of it. RunError (io) where that is more than `largest` bytes.
std::string read_all(const InputFile& input, std::size_t largest);

}  // namespace coil

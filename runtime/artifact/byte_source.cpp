#include "runtime/artifact/byte_source.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "compiler/source/internal_error.hpp"
#include "compiler/source/run_error.hpp"

namespace coil {

void ByteSource::skip(std::uint64_t bytes) {
  constexpr std::uint64_t chunk = std::uint64_t{256} << 10;
  std::vector<char> passed(std::min(bytes, chunk));
  for (std::uint64_t left = bytes; left > 0; left -= std::min(left, chunk))
    read(std::span(passed).first(std::min(left, chunk)));
}

void MemorySource::read(std::span<char> to) {
  require(to.size() <= bytes_.size() - next_, "{} bytes are there to be read", to.size());
  if (!to.empty()) std::memcpy(to.data(), bytes_.data() + next_, to.size());
  next_ += to.size();
}

FileSource::FileSource(const InputFile& file, std::size_t largest) : file_(file) {
  if (size() > largest)
    fail(ExitCode::io, "cannot read {}: it is larger than the {} bytes allowed", file.shown(),
         largest);
}

void FileSource::read(std::span<char> to) {
  while (!to.empty()) {
    const std::size_t count = file_.read(to.data(), to.size());
    if (count == 0)
      fail(ExitCode::io, "cannot read {}: it became shorter while it was read", file_.shown());
    to = to.subspan(count);
  }
}

}  // namespace coil

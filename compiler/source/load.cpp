#include "compiler/source/load.hpp"

#include <algorithm>

#include "compiler/source/input_file.hpp"
#include "compiler/source/run_error.hpp"

namespace coil {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

std::string read_file(const std::string& path, std::size_t largest) {
  const InputFile input(path);
  constexpr std::size_t chunk = std::size_t{1} << 16;
  std::string text;
  if (const auto size = input.size()) text.reserve(std::min(*size, largest) + chunk);
  for (std::size_t count = 1; count > 0;) {
    const std::size_t size = text.size();
    text.resize(size + chunk);
    count = input.read(text.data() + size, chunk);
    text.resize(size + count);
    if (text.size() > largest) {
      fail(ExitCode::io, "cannot read {}: it is larger than the {} bytes allowed", input.shown(),
           largest);
    }
  }
  return text;
}

SourceFile load_source(const std::string& path) {
  std::string text = read_file(path, largest_source_bytes);
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  return SourceFile(path == "-" ? "<standard input>" : path, std::move(text));
}

}  // namespace coil

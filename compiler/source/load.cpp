#include "compiler/source/load.hpp"

#include "compiler/source/input_file.hpp"

namespace coil {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

std::string read_file(const std::string& path, std::size_t largest) {
  return read_all(InputFile(path), largest);
}

SourceFile load_source(const std::string& path) {
  std::string text = read_file(path, largest_source_bytes);
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  return SourceFile(path == "-" ? "<standard input>" : path, std::move(text));
}

}  // namespace coil

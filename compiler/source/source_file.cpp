#include "compiler/source/source_file.hpp"

#include <algorithm>

#include "compiler/source/internal_error.hpp"
#include "compiler/source/utf8.hpp"

namespace coil {

SourceRange join(SourceRange first, SourceRange last) {
  if (!first.is_somewhere()) return last;
  if (!last.is_somewhere()) return first;
  return {first.begin, last.end, first.file};
}

SourceFile::SourceFile(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
  require(text_.size() < SourceRange::nowhere, "a source text must be shorter than 2^32 - 1 bytes");
  line_starts_.push_back(0);
  for (std::size_t at = 0; at < text_.size();) {
    std::size_t next = at;
    if (!decode_utf8(text_, next)) next = at + 1;
    if (text_[at] == '\n') line_starts_.push_back(static_cast<std::uint32_t>(next));
    while (++at < next) continuations_.push_back(static_cast<std::uint32_t>(at));
  }
}

std::string_view SourceFile::text(SourceRange range) const {
  if (!range.is_somewhere()) return {};
  require(range.begin <= range.end && range.end <= text_.size(),
          "the range [{}, {}) must lie inside the {} bytes of {}", range.begin, range.end,
          text_.size(), name_);
  return text().substr(range.begin, range.end - range.begin);
}

std::uint32_t SourceFile::line_of(std::uint32_t offset) const {
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  return static_cast<std::uint32_t>(after - line_starts_.begin()) - 1;
}

LineColumn SourceFile::locate(std::uint32_t offset) const {
  offset = std::min(offset, static_cast<std::uint32_t>(text_.size()));
  const std::uint32_t index = line_of(offset);
  const std::uint32_t start = line_starts_[index];
  const auto length = static_cast<std::uint32_t>(line(index + 1).size());
  const std::uint32_t bytes = std::min(offset - start, length);
  const auto first = std::lower_bound(continuations_.begin(), continuations_.end(), start);
  const auto last = std::lower_bound(first, continuations_.end(), start + bytes);
  return {index + 1, bytes - static_cast<std::uint32_t>(last - first) + 1};
}

std::string_view SourceFile::line(std::uint32_t line) const {
  require(line >= 1 && line <= line_starts_.size(), "line {} must be one of the {} of {}", line,
          line_starts_.size(), name_);
  const std::size_t begin = line_starts_[line - 1];
  if (line == line_starts_.size()) return text().substr(begin);
  std::string_view whole = text().substr(begin, line_starts_[line] - 1 - begin);
  if (whole.ends_with('\r')) whole.remove_suffix(1);
  return whole;
}

}  // namespace coil

#pragma once

// The text a person wrote, and places in it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coil {

// A half-open range of bytes [begin, end) in one SourceFile. The default range is nowhere: it
// belongs to values that no text stands for.
struct SourceRange {
  static constexpr std::uint32_t nowhere = ~std::uint32_t{0};
  // The file that the person named; imported ones count from 1, in the order Diagnostics was told of
  // them. What Coil brings along is in no file that could be shown.
  static constexpr std::uint32_t main_file = 0;
  static constexpr std::uint32_t built_in = ~std::uint32_t{0};
  std::uint32_t begin = nowhere;
  std::uint32_t end = nowhere;
  std::uint32_t file = main_file;

  bool is_somewhere() const { return begin != nowhere; }
  bool operator==(const SourceRange&) const = default;
};

// From the start of `first` to the end of `last`. Nowhere adds nothing.
SourceRange join(SourceRange first, SourceRange last);

// Both count from one; a column counts Unicode code points, as an editor shows them. A byte that is
// part of no well-formed code point counts as one.
struct LineColumn {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  bool operator==(const LineColumn&) const = default;
};

// A file's name and text, with its line starts found once. Lines end with \n or \r\n. The text must be
// shorter than 2^32 - 1 bytes (load_source sees to it); InternalError where it is not.
class SourceFile {
 public:
  SourceFile(std::string name, std::string text);

  const std::string& name() const { return name_; }
  std::string_view text() const { return text_; }
  // Empty where the range is nowhere; the range must lie inside the text.
  std::string_view text(SourceRange range) const;

  // An offset inside a line end is the place just past the line's last character; an offset past the
  // text is its end. Logarithmic in the size of the text.
  LineColumn locate(std::uint32_t offset) const;
  // The line's text without its line end; `line` counts from one. Text that ends with a line end has
  // one more, empty line.
  std::string_view line(std::uint32_t line) const;
  std::uint32_t line_count() const { return static_cast<std::uint32_t>(line_starts_.size()); }

 private:
  std::uint32_t line_of(std::uint32_t offset) const;  // counts from zero

  std::string name_;
  std::string text_;
  std::vector<std::uint32_t> line_starts_;
  std::vector<std::uint32_t> continuations_;  // the bytes of code points after their first
};

}  // namespace coil

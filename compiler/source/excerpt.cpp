#include "compiler/source/excerpt.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <vector>

#include "compiler/source/utf8.hpp"

namespace coil {

namespace {

constexpr std::size_t widest = 100;         // columns of text, the dots of a cut included
constexpr std::size_t right_of_caret = 50;  // columns kept there where both sides are long
constexpr std::size_t tab_stop = 4;
constexpr std::string_view dots = "...";
constexpr std::string_view indent = "    ";

// A piece of a line, and each of its characters as a terminal shows it.
struct Cell {
  std::uint32_t offset;
  std::string shown;
  std::size_t width;
};
using Cells = std::vector<Cell>;

std::uint32_t offset_in(const SourceFile& file, std::string_view piece) {
  return static_cast<std::uint32_t>(piece.data() - file.text().data());
}

// A line may be megabytes long; only what stands near the caret can be shown. Bytes of one code point
// stay together.
std::string_view neighbourhood(std::string_view line, std::size_t caret) {
  constexpr std::size_t reach = 4 * widest;
  const auto continues = [&](std::size_t at) {
    return at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0) == 0x80;
  };
  std::size_t begin = caret > reach ? caret - reach : 0;
  std::size_t end = std::min(line.size(), caret + reach);
  for (int i = 0; i < 3 && continues(begin) && begin < caret; ++i) ++begin;
  for (int i = 0; i < 3 && continues(end); ++i) ++end;
  return line.substr(begin, end - begin);
}

Cell show(std::string_view piece, std::size_t& at, std::size_t column) {
  const std::size_t begin = at;
  const auto code_point = decode_utf8(piece, at);
  if (!code_point) ++at;
  const std::string_view bytes = piece.substr(begin, at - begin);
  Cell cell{0, {}, 0};
  if (bytes == "\t") {
    cell.width = tab_stop - column % tab_stop;
    cell.shown = std::string(cell.width, ' ');
  } else {
    cell.shown = printable(bytes);
    const bool escaped = !code_point || is_invisible(*code_point);
    cell.width = escaped ? cell.shown.size() : display_width(*code_point);
  }
  return cell;
}

Cells show_all(const SourceFile& file, std::string_view piece) {
  Cells cells;
  std::size_t column = 0;
  for (std::size_t at = 0; at < piece.size();) {
    const auto offset = static_cast<std::uint32_t>(offset_in(file, piece) + at);
    cells.push_back(show(piece, at, column));
    cells.back().offset = offset;
    column += cells.back().width;
  }
  return cells;
}

std::size_t width_of(Cells::const_iterator begin, Cells::const_iterator end) {
  std::size_t width = 0;
  for (; begin != end; ++begin) width += begin->width;
  return width;
}

// The cells to show, and whether any were left out on either side.
struct Window {
  Cells::const_iterator begin, end;
  std::string_view dots_before, dots_after;
};

Window whole(const Cells& cells, std::string_view line, std::string_view piece) {
  return {cells.begin(), cells.end(), piece.data() > line.data() ? dots : "",
          piece.data() + piece.size() < line.data() + line.size() ? dots : ""};
}

// Narrows the window to what fits: the right side gives way first, but keeps its share.
void narrow(Window& window, Cells::const_iterator caret) {
  const std::size_t room = widest - 2 * dots.size();
  std::size_t left = width_of(window.begin, caret);
  std::size_t right = width_of(caret, window.end);
  const std::size_t left_most = room - std::min(right, right_of_caret);
  for (; left > left_most; window.dots_before = dots) left -= window.begin++->width;
  for (; left + right > room; window.dots_after = dots) right -= (--window.end)->width;
}

std::string underline(const Window& window, Cells::const_iterator caret, std::uint32_t range_end) {
  const auto past =
      std::find_if(caret, window.end, [&](const Cell& cell) { return cell.offset >= range_end; });
  const std::size_t before = window.dots_before.size() + width_of(window.begin, caret);
  const std::size_t width = std::max<std::size_t>(1, width_of(caret, past));
  return std::string(before, ' ') + '^' + std::string(width - 1, '~');
}

}  // namespace

SourceRange clip_to_line(const SourceFile& file, SourceRange range) {
  const std::string_view text = file.text();
  std::size_t begin = std::min<std::size_t>(range.begin, text.size());
  if (begin == text.size()) {
    while (begin > 0 && (text[begin - 1] == '\n' || text[begin - 1] == '\r')) --begin;
  }
  const std::string_view line = file.line(file.locate(static_cast<std::uint32_t>(begin)).line);
  const std::size_t line_end = offset_in(file, line) + line.size();
  begin = std::min(begin, line_end);
  const std::size_t end = std::clamp<std::size_t>(range.end, begin, line_end);
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

std::string excerpt(const SourceFile& file, SourceRange range) {
  const SourceRange clipped = clip_to_line(file, range);
  const std::string_view line = file.line(file.locate(clipped.begin).line);
  const std::string_view piece = neighbourhood(line, clipped.begin - offset_in(file, line));
  const Cells cells = show_all(file, piece);
  const auto caret = std::find_if(cells.begin(), cells.end(),
                                  [&](const Cell& cell) { return cell.offset >= clipped.begin; });
  Window window = whole(cells, line, piece);
  if (piece.size() < line.size() || width_of(cells.begin(), cells.end()) > widest) {
    narrow(window, caret);
  }
  std::string shown;
  for (auto cell = window.begin; cell != window.end; ++cell) shown += cell->shown;
  return fmt::format("{0}{1}{2}{3}\n{0}{4}\n", indent, window.dots_before, shown, window.dots_after,
                     underline(window, caret, clipped.end));
}

SourceRange word_at(const SourceFile& file, LineColumn at) {
  if (at.line < 1 || at.column < 1 || at.line > file.line_count()) return {};
  const std::string_view line = file.line(at.line);
  std::size_t begin = 0;
  const auto step_over = [&](std::size_t& offset) {
    if (!decode_utf8(line, offset)) ++offset;
  };
  for (std::uint32_t column = 1; column < at.column && begin < line.size(); ++column)
    step_over(begin);
  const auto in_word = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  std::size_t end = begin;
  while (end < line.size() && in_word(static_cast<unsigned char>(line[end]))) ++end;
  if (end == begin && begin < line.size()) step_over(end);
  const std::uint32_t start = offset_in(file, line);
  return {start + static_cast<std::uint32_t>(begin), start + static_cast<std::uint32_t>(end)};
}

std::string located(const SourceFile& file, LineColumn at, std::string_view message) {
  const std::string name = printable(file.name(), 200);
  const SourceRange range = word_at(file, at);
  if (!range.is_somewhere()) return fmt::format("{}: {}\n", name, message);
  return fmt::format("{}:{}:{}: {}\n{}", name, at.line, at.column, message, excerpt(file, range));
}

}  // namespace coil

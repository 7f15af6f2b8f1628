#pragma once

// Part of format.cpp: puts the tokens of one statement, or of one header, onto lines.

#include <optional>
#include <string>

#include "compiler/syntax/format_tokens.hpp"

namespace coil {

// A line as it will stand in the file, but for what neighbours align.
struct FormatLine {
  int indent = 0;
  std::string text;
  std::string comment;  // at its end; of a line with no text, on its own
  bool blank_before = false;
  std::string_view keyword;  // of a `layer` or a `weight` that takes this one line
  std::size_t equals = 0;    // where its '=' stands in `text`
};

class Layout {
 public:
  explicit Layout(const std::vector<FormatToken>& tokens) : tokens_(tokens) {}

  void blank() { blank_ = !lines_.empty(); }
  void own_line_comment(std::string_view text, int indent);
  // At the end of what was written last.
  void trailing_comment(std::string_view text);

  // The tokens [begin, end) on a new line and as many more as they need. Comments before the first are
  // not written.
  void statement(std::size_t begin, std::size_t end, int indent);

  // The lines as text, with what is aligned.
  std::string take();

 private:
  // Writes [begin, end) at the end of the current line; `tail` columns must be left for what follows there.
  // Breaks go `step` columns further in than `indent`.
  void put(std::size_t begin, std::size_t end, int indent, std::size_t tail);
  void put_flat(std::size_t begin, std::size_t end);
  void put_pieces(const std::vector<std::size_t>& starts, std::size_t end, int indent,
                  std::size_t tail, bool one_a_line);
  void put_bracket(std::size_t begin, std::size_t end, std::size_t open, int indent,
                   std::size_t tail);
  void put_token(std::size_t index);
  void put_comment(const Comment& comment);

  bool fits(std::size_t begin, std::size_t end, std::size_t tail) const;
  std::vector<std::size_t> find_splits(std::size_t begin, std::size_t end,
                                       std::string_view operators) const;
  std::size_t find_bracket(std::size_t begin, std::size_t end) const;
  std::size_t width(std::size_t begin, std::size_t end) const;
  std::size_t column() const;
  void new_line(int indent);

  const std::vector<FormatToken>& tokens_;
  std::vector<FormatLine> lines_;
  bool blank_ = false;            // an empty line before the next
  std::optional<int> next_line_;  // what comes next starts a line, so far in
  std::size_t first_ = 0;         // the token the statement starts with
  int continued_ = 0;             // how far in a line starts that a comment made necessary
};

}  // namespace coil

#include "compiler/syntax/format_layout.hpp"

#include <algorithm>

namespace coil {

namespace {

constexpr std::size_t line_width = 100;
constexpr int continuation = 4;

// Pads so that what follows `width_of` columns stands below each other in the lines [begin, end).
template <typename Width, typename Pad>
void align(std::vector<FormatLine>& lines, std::size_t begin, std::size_t end,
           const Width& width_of, const Pad& pad) {
  std::size_t widest = 0;
  for (std::size_t i = begin; i < end; ++i) widest = std::max(widest, width_of(lines[i]));
  const auto too_long = [&](const FormatLine& line) {
    const std::size_t added = widest - width_of(line);
    return static_cast<std::size_t>(line.indent) + line.text.size() + line.comment.size() + added >
           line_width;
  };
  if (std::any_of(lines.begin() + begin, lines.begin() + end, too_long)) return;
  for (std::size_t i = begin; i < end; ++i) pad(lines[i], widest - width_of(lines[i]));
}

// Calls `use` with each longest run of neighbours that `joins` puts together.
template <typename Joins, typename Use>
void for_runs(std::vector<FormatLine>& lines, const Joins& joins, const Use& use) {
  for (std::size_t begin = 0; begin < lines.size();) {
    std::size_t end = begin + 1;
    while (end < lines.size() && !lines[end].blank_before &&
           lines[end].indent == lines[begin].indent && joins(lines[begin], lines[end])) {
      ++end;
    }
    if (end > begin + 1) use(begin, end);
    begin = end;
  }
}

void align_equals(std::vector<FormatLine>& lines) {
  const auto joins = [](const FormatLine& first, const FormatLine& line) {
    return !line.keyword.empty() && line.keyword == first.keyword;
  };
  for_runs(lines, joins, [&](std::size_t begin, std::size_t end) {
    align(
        lines, begin, end, [](const FormatLine& line) { return line.equals; },
        [](FormatLine& line, std::size_t by) { line.text.insert(line.equals, by, ' '); });
  });
}

void align_comments(std::vector<FormatLine>& lines) {
  const auto is_one = [](const FormatLine& line) {
    return !line.comment.empty() && !line.text.empty() && line.text.front() != '}' &&
           line.text.back() != '{';
  };
  const auto joins = [&](const FormatLine& first, const FormatLine& line) {
    return is_one(first) && is_one(line);
  };
  for_runs(lines, joins, [&](std::size_t begin, std::size_t end) {
    align(
        lines, begin, end, [](const FormatLine& line) { return line.text.size() + 2; },
        [](FormatLine& line, std::size_t by) { line.text.append(by, ' '); });
  });
}

}  // namespace

void Layout::own_line_comment(std::string_view text, int indent) {
  new_line(indent);
  lines_.back().comment = text;
}

void Layout::trailing_comment(std::string_view text) { lines_.back().comment = text; }

void Layout::statement(std::size_t begin, std::size_t end, int indent) {
  first_ = begin;
  continued_ = indent + continuation;
  new_line(indent);
  const std::size_t line = lines_.size();
  put(begin, end, indent, 0);
  next_line_.reset();
  const FormatToken& keyword = tokens_[begin];
  if (lines_.size() != line || !(keyword.is("layer") || keyword.is("weight"))) return;
  lines_.back().keyword = keyword.token.text;
  std::size_t equals = begin;
  while (!tokens_[equals].is("=") || tokens_[equals].in_brackets) ++equals;
  lines_.back().equals = width(begin, equals) + 1;
}

void Layout::put(std::size_t begin, std::size_t end, int indent, std::size_t tail) {
  if (fits(begin, end, tail)) return put_flat(begin, end);
  const auto stages = find_splits(begin, end, "|>");
  if (stages.size() > 1) return put_pieces(stages, end, indent, tail, true);
  for (const std::string_view operators : {"+-", "*/@"}) {
    const auto terms = find_splits(begin, end, operators);
    if (terms.size() > 1) return put_pieces(terms, end, indent, tail, false);
  }
  const std::size_t open = find_bracket(begin, end);
  if (open == end) return put_flat(begin, end);
  put_bracket(begin, end, open, indent, tail);
}

void Layout::put_flat(std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) put_token(i);
}

void Layout::put_pieces(const std::vector<std::size_t>& starts, std::size_t end, int indent,
                        std::size_t tail, bool one_a_line) {
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const bool is_last = i + 1 == starts.size();
    const std::size_t stop = is_last ? end : starts[i + 1];
    const bool joins = !one_a_line && fits(starts[i], stop, is_last ? tail : 0);
    if (i > 0 && !joins) next_line_ = indent + continuation;
    put(starts[i], stop, i > 0 ? indent + continuation : indent, is_last ? tail : 0);
  }
}

// One argument a line, and the closing bracket on the next.
void Layout::put_bracket(std::size_t begin, std::size_t end, std::size_t open, int indent,
                         std::size_t tail) {
  put_flat(begin, open + 1);
  const std::size_t close = tokens_[open].match;
  for (std::size_t at = open + 1; at < close;) {
    std::size_t stop = at;
    while (stop < close && !tokens_[stop].is(",")) {
      const bool is_open = tokens_[stop].match > stop;
      stop = is_open ? tokens_[stop].match + 1 : stop + 1;
    }
    next_line_ = indent + continuation;
    put(at, stop, indent + continuation, 1);
    if (stop < close) put_token(stop);
    at = stop + 1;
  }
  next_line_ = indent;
  put(close, end, indent, tail);
}

void Layout::put_token(std::size_t index) {
  const FormatToken& token = tokens_[index];
  if (index != first_) {
    for (const Comment& comment : token.comments) put_comment(comment);
  }
  if (next_line_) new_line(*next_line_);
  std::string& text = lines_.back().text;
  if (!text.empty() && spaced(tokens_[index - 1], token)) text += ' ';
  text += token.token.text;
}

// Inside a statement, where it makes a line end necessary.
void Layout::put_comment(const Comment& comment) {
  const int indent = next_line_.value_or(continued_);
  if (comment.own_line) {
    own_line_comment(comment.text, indent);
  } else {
    trailing_comment(comment.text);
  }
  next_line_ = indent;
}

bool Layout::fits(std::size_t begin, std::size_t end, std::size_t tail) const {
  for (std::size_t i = begin; i < end; ++i) {
    if (i != first_ && !tokens_[i].comments.empty()) return false;
  }
  const bool follows = begin > first_ && !next_line_ && spaced(tokens_[begin - 1], tokens_[begin]);
  return column() + width(begin, end) + tail + (follows ? 1 : 0) <= line_width;
}

// `begin`, and where an operator stands outside brackets.
std::vector<std::size_t> Layout::find_splits(std::size_t begin, std::size_t end,
                                             std::string_view operators) const {
  std::vector<std::size_t> splits{begin};
  for (std::size_t i = begin; i < end; ++i) {
    const FormatToken& token = tokens_[i];
    if (token.match > i) {
      i = token.match;
      continue;
    }
    const bool is_operator = token.token.kind == TokenKind::symbol && !token.is_sign &&
                             operators.find(token.token.text) != std::string_view::npos;
    if (is_operator && i > begin) splits.push_back(i);
  }
  return splits;
}

// The widest pair with something in it, outside others; `end` where there is none.
std::size_t Layout::find_bracket(std::size_t begin, std::size_t end) const {
  std::size_t widest = 0;
  std::size_t found = end;
  for (std::size_t i = begin; i < end; ++i) {
    const std::size_t close = tokens_[i].match;
    if (close <= i) continue;
    const std::size_t size = width(i, close);
    if (close > i + 1 && size > widest) {
      widest = size;
      found = i;
    }
    i = close;
  }
  return found;
}

// Of [begin, end) on one line.
std::size_t Layout::width(std::size_t begin, std::size_t end) const {
  std::size_t total = 0;
  for (std::size_t i = begin; i < end; ++i) {
    total += tokens_[i].token.text.size();
    if (i > begin && spaced(tokens_[i - 1], tokens_[i])) ++total;
  }
  return total;
}

std::size_t Layout::column() const {
  if (next_line_) return static_cast<std::size_t>(*next_line_);
  return static_cast<std::size_t>(lines_.back().indent) + lines_.back().text.size();
}

void Layout::new_line(int indent) {
  lines_.push_back({indent, {}, {}, blank_, {}, 0});
  blank_ = false;
  next_line_.reset();
}

std::string Layout::take() {
  align_equals(lines_);
  align_comments(lines_);
  std::string out;
  for (const FormatLine& line : lines_) {
    if (line.blank_before) out += '\n';
    out.append(static_cast<std::size_t>(line.indent), ' ');
    out += line.text;
    if (!line.comment.empty() && !line.text.empty()) out += "  ";
    out += line.comment;
    out += '\n';
  }
  return out;
}

}  // namespace coil

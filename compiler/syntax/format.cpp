#include "compiler/syntax/format.hpp"

#include <algorithm>

#include "compiler/syntax/format_layout.hpp"
#include "compiler/syntax/parse.hpp"

namespace coil {

namespace {

// Where statements, steps and declarations start.
class Starts {
 public:
  explicit Starts(const ast::File& file) {
    for (const ast::Declaration& declaration : file.declarations) {
      std::visit([this](const auto& node) { add(node); }, declaration);
    }
    std::sort(offsets_.begin(), offsets_.end());
  }

  bool has(std::uint32_t offset) const {
    return std::binary_search(offsets_.begin(), offsets_.end(), offset);
  }

 private:
  void add(const ast::Import& import) { offsets_.push_back(import.where.begin); }
  void add(const ast::Model& model) {
    offsets_.push_back(model.where.begin);
    add(model.statements);
  }
  void add(const ast::Cell& cell) {
    offsets_.push_back(cell.where.begin);
    add(cell.statements);
    if (!cell.step) return;
    offsets_.push_back(cell.step->where.begin);
    add(cell.step->body);
  }
  void add(const std::vector<ast::Statement>& statements) {
    for (const ast::Statement& statement : statements) {
      offsets_.push_back(statement.where.begin);
      if (const auto* loop = std::get_if<ast::ForStatement>(&statement.node)) add(loop->body);
      if (const auto* branch = std::get_if<ast::IfStatement>(&statement.node)) {
        add(branch->then);
        add(branch->otherwise);
      }
    }
  }

  std::vector<std::uint32_t> offsets_;
};

// Cuts the tokens into what stands on a line, or would if it were wide enough.
class Formatter {
 public:
  Formatter(const SourceFile& file, const ast::File& ast)
      : tokens_(read_format_tokens(file.text())), starts_(ast), layout_(tokens_) {}

  std::string run() {
    std::size_t begin = 0;
    while (begin + 1 < tokens_.size()) {
      if (tokens_[begin].is("}")) --depth_;
      before(begin);
      const std::size_t end = end_of_line(begin);
      layout_.statement(begin, end, 2 * depth_);
      was_import_ = tokens_[begin].is("import");
      if (tokens_[end - 1].is("{")) ++depth_;
      begin = end;
    }
    before(begin);
    return layout_.take();
  }

 private:
  // A '{' ends a line, a '}' starts one, and `else` goes on with it.
  std::size_t end_of_line(std::size_t begin) const {
    for (std::size_t at = begin + 1; at + 1 < tokens_.size(); ++at) {
      const FormatToken& last = tokens_[at - 1];
      const FormatToken& next = tokens_[at];
      if (last.is("{") || next.is("}")) return at;
      const bool goes_on = next.is("else") && next.comments.empty();
      if (last.is("}") && !goes_on) return at;
      if (starts_.has(next.token.where.begin) && !last.is("else")) return at;
    }
    return tokens_.size() - 1;
  }

  // The comments and the blank line before the line that starts with a token. A block starts and ends
  // without a blank line; between declarations there is one, but not between imports.
  void before(std::size_t index) {
    const FormatToken& token = tokens_[index];
    const bool is_end = token.token.kind == TokenKind::end;
    const bool opened = index > 0 && tokens_[index - 1].is("{");
    const bool closes = token.is("}");
    const bool is_else = token.is("else");
    bool separate = depth_ == 0 && index > 0 && !closes && !is_end && !is_else &&
                    !(was_import_ && token.is("import"));
    bool is_first = opened;
    for (const Comment& comment : token.comments) {
      if (!comment.own_line) {
        layout_.trailing_comment(comment.text);
        continue;
      }
      if (separate || (comment.blank_before && !is_first)) layout_.blank();
      separate = false;
      is_first = false;
      layout_.own_line_comment(comment.text, 2 * (closes ? depth_ + 1 : depth_));
    }
    const bool keeps = token.blank_before && !is_first && !closes && !is_else && !is_end;
    if (separate || keeps) layout_.blank();
  }

  std::vector<FormatToken> tokens_;
  Starts starts_;
  Layout layout_;
  int depth_ = 0;
  bool was_import_ = false;
};

}  // namespace

std::optional<std::string> format(const SourceFile& file, Diagnostics& diagnostics) {
  const ast::File ast = parse(file, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  return Formatter(file, ast).run();
}

}  // namespace coil

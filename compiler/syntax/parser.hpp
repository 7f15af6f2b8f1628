#pragma once

// Part of parse.cpp and parse_block.cpp, and of nothing else.

#include "compiler/source/diagnostic.hpp"
#include "compiler/syntax/grammar.hpp"
#include "compiler/syntax/keywords.hpp"
#include "compiler/syntax/recover.hpp"

namespace coil {

// Statements between braces, while they are read.
struct Block {
  Place place = Place::model;
  std::string name;           // "model 'A'", "the loop"
  Token opener;               // the keyword it starts with; of an `else`, that of the `if`
  std::uint32_t line = 0;     // where it was opened
  std::uint32_t begin = 0;    // where its first statement may stand
  ast::Cell* cell = nullptr;  // where `step` may stand
};

// Reads declarations and statements one by one through the grammar, and goes on after mistakes. Every
// step takes at least one token, so that parsing ends, and takes none twice.
class Parser {
 public:
  // `text` is the file's text with its foreign characters, already reported, replaced.
  Parser(std::string_view text, Diagnostics& diagnostics)
      : text_(text), diagnostics_(diagnostics), reported_(diagnostics.all().size()) {}

  ast::File run();

 private:
  using Statements = std::vector<ast::Statement>;

  void declaration(const Token& token, ast::File& result);
  void import(const Token& keyword, ast::File& result);
  void model(const Token& keyword, ast::File& result);
  void cell(const Token& keyword, ast::File& result);
  // Reads a header with `parse`; false where no body follows.
  template <typename Parse>
  bool declaration_header(const Token& keyword, const Parse& parse);

  // Reads statements up to the '}' and past it.
  void block(const Block& block, Statements& into);
  // Whether the block ends before `token` without its '}'; says so.
  bool ends_unclosed(const Token& token, const Block& block);
  void close(const Token& brace, const Block& block);
  void unclosed(const Block& block);

  // `follows`: on the same line as the statement before.
  void statement(const Token& token, bool follows, const Block& block, Statements& into);
  bool refuse(const Token& token, const Block& block);
  void report_misplaced(const Keyword& keyword, const Token& token, const Block& block);
  void body_of(const Token& keyword, ast::Statement& statement, const Block& block);
  void otherwise(const Token& keyword, const Block& block, Statements& into);
  void step(const Token& keyword, const Block& block);
  void broken_statement(const SyntaxError& mistake, const Token& token, const Block& block);
  // After a mistake in the header of something with a body inside another: false where none follows.
  bool find_inner_body(const Token& last_good, const Token& keyword);

  // Returns the last token that fitted.
  Token report(const SyntaxError& mistake, std::uint32_t begin);
  // A line with a foreign character is to blame for that alone: what the parser makes of it is a guess.
  void error(SourceRange where, std::string message);

  std::uint32_t line_of(const Token& token) const;
  std::uint32_t column_of(const Token& token) const;
  const SourceFile& file() const { return diagnostics_.file(); }

  std::string_view text_;
  Diagnostics& diagnostics_;
  std::size_t reported_;                              // diagnostics that were there before parsing
  std::uint32_t last_end_ = 0;                        // the end of the last token dealt with
  int depth_ = 0;                                     // of blocks
  std::uint32_t unclosed_at_ = SourceRange::nowhere;  // where a missing '}' was last reported

  // The first block whose '}' stands further left than its opener: it most likely closes another one.
  struct Suspect {
    std::string name;
    std::uint32_t line = 0;
    std::uint32_t end = 0;  // of its last statement
  };
  std::optional<Suspect> suspect_;
};

}  // namespace coil

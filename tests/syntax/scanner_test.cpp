#include "compiler/syntax/scanner.hpp"

#include <catch2/catch.hpp>

namespace {

std::string tokens(const std::string& text) {
  std::string out;
  for (coil::Token token = coil::next_token(text, 0); token.kind != coil::TokenKind::end;
       token = coil::next_token(text, token.where.end)) {
    if (token.first_on_line) out += '/';
    out += std::string(token.text) + ' ';
  }
  return out;
}

}  // namespace

TEST_CASE("text falls into words, numbers and symbols") {
  CHECK(tokens("a = f(b1)|>g") == "/a = f ( b1 ) |> g ");
  CHECK(tokens("a|b | > c") == "/a | b | > c ");
  CHECK(tokens("0..n a==b x[1:]=2...3") == "/0 .. n a == b x [ 1 : ] = 2 .. . 3 ");
  CHECK(tokens("").empty());
  CHECK(tokens(" # only a comment").empty());
}

TEST_CASE("a number takes what clings to it") {
  CHECK(tokens("57abc 1.5 1e-3 1.2.3 1e+ 0..3 2-1 5.x") ==
        "/57abc 1.5 1e-3 1.2.3 1e + 0 .. 3 2 - 1 5 . x ");
}

TEST_CASE("the first token of each line is known") {
  CHECK(tokens("a b\n c # d\r\ne\n\n\nf") == "/a b /c /e /f ");
}

TEST_CASE("a text in quotes is one token and ends with its line at the latest") {
  CHECK(tokens("from \"a/b c.model\" x") == "/from \"a/b c.model\" x ");
  CHECK(tokens("\"a\nb\" c") == "/\"a /b \" c ");
  CHECK(tokens("\"a # b\"\nc") == "/\"a  /c ");
  CHECK(tokens("\"\"\"") == "/\"\" \" ");
}

// The exact words for mistakes in what holds the statements: the file, its characters, its models.

#include <catch2/catch.hpp>

#include "tests/syntax/mistakes.hpp"

using namespace std::string_literals;

TEST_CASE("a file without a model") {
  CHECK(mistakes(R"()") ==
        R"(f.model: error: no model in this file; a model starts with `model Name { ... }`
)");
  CHECK(mistakes(R"(

)") == R"(f.model: error: no model in this file; a model starts with `model Name { ... }`
)");
  CHECK(mistakes(R"(# a comment
  # another
)") == R"(f.model: error: no model in this file; a model starts with `model Name { ... }`
)");
  CHECK(mistakes(R"(greetings)") ==
        R"(f.model:1:1: error: expected `model Name { ... }`, found 'greetings'
    greetings
    ^~~~~~~~~
)");
  CHECK(mistakes(R"(modle A {
}
)") == R"(f.model:1:1: error: expected `model Name { ... }`, found 'modle'; did you mean 'model'?
    modle A {
    ^~~~~
)");
  CHECK(mistakes(R"(output h
)") == R"(f.model:1:1: error: 'output' belongs inside a model: `model Name { ... }`
    output h
    ^~~~~~
)");
  CHECK(mistakes(R"(}
)") == R"(f.model:1:1: error: this '}' closes nothing
    }
    ^
)");
  CHECK(mistakes(R"({ }
)") == R"(f.model:1:1: error: expected `model Name { ... }`, found '{'
    { }
    ^
)");
  CHECK(mistakes(R"(3
)") == R"(f.model:1:1: error: expected `model Name { ... }`, found '3'
    3
    ^
)");
}

TEST_CASE("a model's header is wrong") {
  CHECK(mistakes(R"(model
)") == R"(f.model:1:6: error: expected a name after 'model'
    model
         ^
)");
  CHECK(mistakes(R"(model {
  h = 
}
)") == R"(f.model:1:7: error: expected a name after 'model'
    model {
          ^
f.model:2:6: error: expected an expression after '='
      h = 
         ^
)");
  CHECK(mistakes(R"(model 3 {
}
)") == R"(f.model:1:7: error: expected a name after 'model'
    model 3 {
          ^
)");
  CHECK(mistakes(R"(model A
  h = 1
  output +
}
)") == R"(f.model:1:8: error: expected '{' to open the body of the model after 'A'
    model A
           ^
f.model:3:10: error: expected an expression after 'output'
      output +
             ^
)");
  CHECK(mistakes(R"(model A(v) {
  output
}
)") == R"(f.model:1:9: error: expected a parameter like `hidden = 256` after '('
    model A(v) {
            ^
f.model:2:9: error: expected an expression after 'output'
      output
            ^
)");
  CHECK(mistakes(R"(model A(v = 1, ) {
}
)") == R"(f.model:1:16: error: expected a parameter like `hidden = 256` after ','
    model A(v = 1, ) {
                   ^
)");
  CHECK(mistakes(R"(model A(v = 1, 3) {
}
)") == R"(f.model:1:16: error: expected a parameter like `hidden = 256` after ','
    model A(v = 1, 3) {
                   ^
)");
  CHECK(mistakes(R"(model A(v = 1 w = 2) {
}
)") == R"(f.model:1:15: error: expected ')' to close the '(' opened at 1:8
    model A(v = 1 w = 2) {
                  ^
)");
  CHECK(mistakes(R"(model A(v = 1) B {
}
)") == R"(f.model:1:16: error: expected '{' to open the body of the model after ')'
    model A(v = 1) B {
                   ^
)");
  CHECK(mistakes(R"(model A(
)") == R"(f.model:1:9: error: expected a parameter like `hidden = 256` after '('
    model A(
            ^
)");
  CHECK(mistakes(R"(model A
model B {
  h =
}
)") == R"(f.model:1:8: error: expected '{' to open the body of the model after 'A'
    model A
           ^
f.model:3:6: error: expected an expression after '='
      h =
         ^
)");
}

TEST_CASE("a model is not closed") {
  CHECK(mistakes(R"(model Char3 {
  h = a
)") == R"(f.model:2:8: error: expected '}' to close model 'Char3' opened at line 1
      h = a
           ^
)");
  CHECK(mistakes(R"(model Char3 {)") ==
        R"(f.model:1:14: error: expected '}' to close model 'Char3' opened at line 1
    model Char3 {
                 ^
)");
  CHECK(mistakes(R"(# first

model Char3(v = 3) {
  output h

model B {
  output h
}
)") == R"(f.model:4:11: error: expected '}' to close model 'Char3' opened at line 3
      output h
              ^
)");
  CHECK(mistakes(R"(model A {
  output h

# the end
)") == R"(f.model:2:11: error: expected '}' to close model 'A' opened at line 1
      output h
              ^
)");
}

TEST_CASE("every mistake is reported, and none twice") {
  CHECK(mistakes(R"(model A(vocab = 57,
        hidden = ) {
  input c: indx(vocab)
  lyer embed = embedding(vocab, 42)
  layer mix = dense(hidden,
                    activation tanh,
                    bias = false)
  h = mix(embed(c)
  g = mix(h +
  h = 12abc + mix(g)
  output h |>
}

model B {
  h = a +* b
  output decode(h))
)") == R"(f.model:2:18: error: expected an expression after '='
            hidden = ) {
                     ^
f.model:3:12: error: unknown type 'indx'; did you mean 'index'?
      input c: indx(vocab)
               ^~~~
f.model:6:32: error: expected ')' to close the '(' opened at 5:20
                        activation tanh,
                                   ^~~~
f.model:8:19: error: expected ')' to close the '(' opened at 8:10
      h = mix(embed(c)
                      ^
f.model:9:14: error: expected an expression after '+'
      g = mix(h +
                 ^
f.model:10:7: error: malformed number '12abc'
      h = 12abc + mix(g)
          ^~~~~
f.model:11:14: error: expected the name of a layer or a function after '|>'
      output h |>
                 ^
f.model:15:10: error: expected an expression after '+'
      h = a +* b
             ^
f.model:16:19: error: this ')' closes nothing
      output decode(h))
                      ^
f.model:16:20: error: expected '}' to close model 'B' opened at line 14
      output decode(h))
                       ^
)");
}

TEST_CASE("foreign characters are named") {
  CHECK(mistakes(R"(model A {
  h = a − b
}
)") == R"(f.model:2:9: error: U+2212 '−' is not part of the language; type '-'
      h = a − b
            ^
)");
  CHECK(mistakes(R"(model A {
  h = a × b ÷ c
}
)") == R"(f.model:2:9: error: U+00D7 '×' is not part of the language; type '*'
      h = a × b ÷ c
            ^
f.model:2:13: error: U+00F7 '÷' is not part of the language; type '/'
      h = a × b ÷ c
                ^
)");
  CHECK(
      mistakes(R"(model A {
  café = 3
}
)") ==
      R"(f.model:2:6: error: U+00E9 'é' cannot stand here: outside comments a model is written in ASCII
      café = 3
         ^
)");
  CHECK(
      mistakes(R"(model A {
  привет = 3
  h =
}
)") ==
      R"(f.model:2:3: error: U+043F 'п' cannot stand here: outside comments a model is written in ASCII
      привет = 3
      ^
f.model:3:6: error: expected an expression after '='
      h =
         ^
)");
  CHECK(mistakes(R"(model A {
  h = a + b
}
)") == R"(f.model:2:8: error: U+00A0 is not a plain space; type a space in its place
      h = a<U+00A0>+ b
           ^~~~~~~~
)");
  CHECK(mistakes(R"(model A {
  h =（a）
}
)") == R"(f.model:2:6: error: U+FF08 '（' is not part of the language; type '('
      h =（a）
         ^~
)");
  CHECK(
      mistakes(R"(model A {
  h = “a”
}
)") ==
      R"(f.model:2:7: error: U+201C '“' cannot stand here: outside comments a model is written in ASCII
      h = “a”
          ^
)");
  CHECK(
      mistakes(R"(model A {
  h = 😀 +
}
)") ==
      R"(f.model:2:7: error: U+1F600 '😀' cannot stand here: outside comments a model is written in ASCII
      h = 😀 +
          ^~
)");
  CHECK(mistakes(R"(# − é 😀 are fine here
model A {
  output a  # and hére
}
)") == R"()");
}

TEST_CASE("what is no text is refused at once, wherever it stands") {
  CHECK(mistakes("# \xff\nmodel A {\n  h =\n}\n") ==
        "f.model:1:3: error: byte 0xff is not valid UTF-8; a model file must be saved as UTF-8\n"
        "    # \\xff\n"
        "      ^~~~\n");
  CHECK(mistakes("model A {\n  h\0 =\n}\n"s) ==
        "f.model:2:4: error: NUL byte: this is not a text file\n"
        "      h<U+0000> =\n"
        "       ^~~~~~~~\n");
  CHECK(mistakes("model A {\n  h = \xe2\x88") ==
        "f.model:2:7: error: byte 0xe2 is not valid UTF-8; a model file must be saved as UTF-8\n"
        "      h = \\xe2\\x88\n"
        "          ^~~~\n");
}

TEST_CASE("a control character is named") {
  CHECK(mistakes("model A {\n  h = a\f\n}\n") ==
        "f.model:2:8: error: stray control character U+000C\n"
        "      h = a<U+000C>\n"
        "           ^~~~~~~~\n");
  CHECK(mistakes("model A { # \x1b[31m in a comment\n}\n").empty());
}

TEST_CASE("past twenty mistakes the rest is not shown") {
  std::string text = "model A {\n";
  for (int i = 0; i < 20; ++i) text += "  h =\n";
  CHECK(mistakes(text + "}\n").find("not shown") == std::string::npos);
  const std::string shown = mistakes(text + "  h =\n}\n");
  CHECK(shown.ends_with(
      "f.model: note: these are the first 20 errors; further errors are not shown\n"));
}

// The exact words for mistakes in loops and branches, and around their braces.

#include <catch2/catch.hpp>

#include "tests/syntax/mistakes.hpp"

TEST_CASE("a loop's header is wrong") {
  CHECK(mistakes_in("for") == R"(f.model:2:6: error: expected a name after 'for'
      for
         ^
)");
  CHECK(mistakes_in("for 3 in 0..3 { }") == R"(f.model:2:7: error: expected a name after 'for'
      for 3 in 0..3 { }
          ^
)");
  CHECK(mistakes_in("for in 0..3 { }") == R"(f.model:2:7: error: expected a name after 'for'
      for in 0..3 { }
          ^~
)");
  CHECK(mistakes_in("for input in 0..3 { }") ==
        R"(f.model:2:7: error: 'input' is a keyword and cannot be a name
      for input in 0..3 { }
          ^~~~~
)");
  CHECK(mistakes_in("for t { }") == R"(f.model:2:9: error: expected 'in' after 't'
      for t { }
            ^
)");
  CHECK(mistakes_in("for t, u in 0..3 { }") == R"(f.model:2:8: error: expected 'in' after 't'
      for t, u in 0..3 { }
           ^
)");
  CHECK(mistakes_in("for t 0..3 { }") == R"(f.model:2:9: error: expected 'in' after 't'
      for t 0..3 { }
            ^
)");
  CHECK(mistakes_in("for t in { }") == R"(f.model:2:12: error: expected an expression after 'in'
      for t in { }
               ^
)");
  CHECK(mistakes_in("for t in steps { }") ==
        R"(f.model:2:18: error: expected '..', as in `for t in 0..steps`, after 'steps'
      for t in steps { }
                     ^
)");
  CHECK(mistakes_in("for t in 0.. { }") == R"(f.model:2:16: error: expected an expression after '..'
      for t in 0.. { }
                   ^
)");
  CHECK(mistakes_in("for t in ..3 { }") == R"(f.model:2:12: error: expected an expression after 'in'
      for t in ..3 { }
               ^~
)");
  CHECK(mistakes_in("for t in 0...3 { }") ==
        R"(f.model:2:15: error: expected an expression after '..'
      for t in 0...3 { }
                  ^
)");
  CHECK(mistakes_in("for t in 0.3 { }") ==
        R"(f.model:2:16: error: expected '..', as in `for t in 0..steps`, after '0.3'
      for t in 0.3 { }
                   ^
)");
  CHECK(mistakes_in("for t in 0..3..4 { }") ==
        R"(f.model:2:16: error: expected '{' to open the body of the loop after '3'
      for t in 0..3..4 { }
                   ^~
)");
  CHECK(mistakes_in("for t in 0..3 h = 1") ==
        R"(f.model:2:17: error: expected '{' to open the body of the loop after '3'
      for t in 0..3 h = 1
                    ^
)");
  CHECK(mistakes_in("for (t in 0..3) { }") == R"(f.model:2:7: error: expected a name after 'for'
      for (t in 0..3) { }
          ^
)");
  CHECK(mistakes_in("for = 3") == R"(f.model:2:3: error: 'for' is a keyword and cannot be a name
      for = 3
      ^~~
)");
}

TEST_CASE("a wrong header does not hide what is wrong in the body") {
  CHECK(mistakes_in(R"(for t 0..3 {
    h = +
    if a = b {
      g = *
    }
  }
  f = @)") == R"(f.model:2:9: error: expected 'in' after 't'
      for t 0..3 {
            ^
f.model:3:9: error: expected an expression after '='
        h = +
            ^
f.model:4:10: error: two names are compared with '=='
        if a = b {
             ^
f.model:5:11: error: expected an expression after '='
          g = *
              ^
f.model:8:7: error: expected an expression after '='
      f = @
          ^
)");
  CHECK(mistakes_in(R"(for t in 0..3
    h = +
  }
  f = @)") == R"(f.model:2:16: error: expected '{' to open the body of the loop after '3'
      for t in 0..3
                   ^
f.model:3:9: error: expected an expression after '='
        h = +
            ^
f.model:5:7: error: expected an expression after '='
      f = @
          ^
)");
  CHECK(mistakes_in(R"(for t in 0..3
  h = +
  f = @)") == R"(f.model:2:16: error: expected '{' to open the body of the loop after '3'
      for t in 0..3
                   ^
f.model:3:7: error: expected an expression after '='
      h = +
          ^
f.model:4:7: error: expected an expression after '='
      f = @
          ^
)");
}

TEST_CASE("an 'if' is wrong") {
  CHECK(mistakes_in("if") == R"(f.model:2:5: error: expected the name of a parameter after 'if'
      if
        ^
)");
  CHECK(mistakes_in("if { }") == R"(f.model:2:6: error: expected the name of a parameter after 'if'
      if { }
         ^
)");
  CHECK(mistakes_in("if 3 { }") ==
        R"(f.model:2:6: error: expected the name of a parameter after 'if'
      if 3 { }
         ^
)");
  CHECK(mistakes_in("if (a) { }") ==
        R"(f.model:2:6: error: expected the name of a parameter after 'if'
      if (a) { }
         ^
)");
  CHECK(mistakes_in("if layer { }") ==
        R"(f.model:2:6: error: 'layer' is a keyword and cannot be a name
      if layer { }
         ^~~~~
)");
  CHECK(mistakes_in("if a = b { }") == R"(f.model:2:8: error: two names are compared with '=='
      if a = b { }
           ^
)");
  CHECK(mistakes_in("if a == { }") == R"(f.model:2:11: error: expected a name after '=='
      if a == { }
              ^
)");
  CHECK(mistakes_in("if a == 3 { }") == R"(f.model:2:11: error: expected a name after '=='
      if a == 3 { }
              ^
)");
  CHECK(mistakes_in("if a != b { }") == R"(f.model:2:8: error: expected '{' or `== name` after 'a'
      if a != b { }
           ^
)");
  CHECK(mistakes_in("if a == b c { }") ==
        R"(f.model:2:13: error: expected '{' to open the body of the 'if' after 'b'
      if a == b c { }
                ^
)");
  CHECK(mistakes_in("if a == b == c { }") ==
        R"(f.model:2:13: error: expected '{' to open the body of the 'if' after 'b'
      if a == b == c { }
                ^~
)");
  CHECK(mistakes_in(R"(if a
    h = +
  })") == R"(f.model:2:7: error: expected '{' or `== name` after 'a'
      if a
          ^
f.model:3:9: error: expected an expression after '='
        h = +
            ^
)");
  CHECK(mistakes_in("if = 3") == R"(f.model:2:3: error: 'if' is a keyword and cannot be a name
      if = 3
      ^~
)");
}

TEST_CASE("an 'else' is wrong") {
  CHECK(mistakes_in("else { }") == R"(f.model:2:3: error: this 'else' follows no 'if'
      else { }
      ^~~~
)");
  CHECK(mistakes_in("if a { } else") == R"(f.model:2:16: error: expected '{' or `if` after 'else'
      if a { } else
                   ^
)");
  CHECK(mistakes_in("if a { } else h = 1") ==
        R"(f.model:2:17: error: expected '{' or `if` after 'else'
      if a { } else h = 1
                    ^
)");
  CHECK(mistakes_in("if a { } else { } else { h = }") ==
        R"(f.model:2:21: error: this 'else' follows no 'if'
      if a { } else { } else { h = }
                        ^~~~
)");
  CHECK(mistakes_in("if a { } else if { h = }") ==
        R"(f.model:2:20: error: expected the name of a parameter after 'if'
      if a { } else if { h = }
                       ^
f.model:2:26: error: expected an expression after '='
      if a { } else if { h = }
                             ^
)");
  CHECK(mistakes_in(R"(if a { } else b {
    h =
  })") == R"(f.model:2:17: error: expected '{' or `if` after 'else'
      if a { } else b {
                    ^
f.model:3:8: error: expected an expression after '='
        h =
           ^
)");
  CHECK(mistakes_in("if a { } elsif b { }") ==
        R"(f.model:2:12: error: unexpected 'elsif' after the end of a statement
      if a { } elsif b { }
               ^~~~~
)");
  CHECK(mistakes_in(R"(h = 1
  else {
    h =
  }
  f =)") == R"(f.model:3:3: error: this 'else' follows no 'if'
      else {
      ^~~~
f.model:6:6: error: expected an expression after '='
      f =
         ^
)");
}

// The exact words for mistakes in the statements of a model.

#include <catch2/catch.hpp>

#include "tests/syntax/mistakes.hpp"

TEST_CASE("an operand is missing") {
  CHECK(mistakes_in("h = a +") == R"(f.model:2:10: error: expected an expression after '+'
      h = a +
             ^
)");
  CHECK(mistakes_in("h = a + * b") == R"(f.model:2:11: error: expected an expression after '+'
      h = a + * b
              ^
)");
  CHECK(mistakes_in("h = - ") == R"(f.model:2:8: error: expected an expression after '-'
      h = - 
           ^
)");
  CHECK(mistakes_in("h = (a *)") == R"(f.model:2:11: error: expected an expression after '*'
      h = (a *)
              ^
)");
  CHECK(mistakes_in("h =") == R"(f.model:2:6: error: expected an expression after '='
      h =
         ^
)");
  CHECK(mistakes_in("output") == R"(f.model:2:9: error: expected an expression after 'output'
      output
            ^
)");
  CHECK(mistakes(R"(model A {
  h = a @
  g = b
}
)") == R"(f.model:2:10: error: expected an expression after '@'
      h = a @
             ^
)");
  CHECK(mistakes(R"(model A {
  h = a + # and then

  # nothing
  output h
}
)") == R"(f.model:2:10: error: expected an expression after '+'
      h = a + # and then
             ^
)");
}

TEST_CASE("a bracket is not closed") {
  CHECK(mistakes(R"(model A {
  layer mix = dense(3, tanh
  h = mix(a)
}
)") == R"(f.model:2:28: error: expected ')' to close the '(' opened at 2:20
      layer mix = dense(3, tanh
                               ^
)");
  CHECK(mistakes_in("h = (a + (b * c)") ==
        R"(f.model:2:19: error: expected ')' to close the '(' opened at 2:7
      h = (a + (b * c)
                      ^
)");
  CHECK(mistakes_in("input x: real[3, 4") ==
        R"(f.model:2:21: error: expected ']' to close the '[' opened at 2:16
      input x: real[3, 4
                        ^
)");
  CHECK(mistakes_in("h = f(a b)") ==
        R"(f.model:2:11: error: expected ')' to close the '(' opened at 2:8
      h = f(a b)
              ^
)");
  CHECK(mistakes(R"(model A {
  input x: index(3
  output x
}
)") == R"(f.model:2:19: error: expected ')' to close the '(' opened at 2:17
      input x: index(3
                      ^
)");
  CHECK(mistakes(R"(model A(v = 3 {
  output v
}
)") == R"(f.model:1:15: error: expected ')' to close the '(' opened at 1:8
    model A(v = 3 {
                  ^
)");
}

TEST_CASE("a bracket is closed that was never opened") {
  CHECK(mistakes_in("h = a)") == R"(f.model:2:8: error: this ')' closes nothing
      h = a)
           ^
)");
  CHECK(mistakes_in("h = f(a))") == R"(f.model:2:11: error: this ')' closes nothing
      h = f(a))
              ^
)");
  CHECK(mistakes_in("]") == R"(f.model:2:3: error: this ']' closes nothing
      ]
      ^
)");
  CHECK(mistakes_in("h = a }") == R"(f.model:3:1: error: this '}' closes nothing
    }
    ^
)");
}

TEST_CASE("an argument is missing or wrong") {
  CHECK(mistakes_in("h = f(,)") == R"(f.model:2:9: error: expected an expression or ')' after '('
      h = f(,)
            ^
)");
  CHECK(mistakes_in("h = f(a,)") == R"(f.model:2:11: error: expected an expression after ','
      h = f(a,)
              ^
)");
  CHECK(mistakes_in("h = f(a, b = )") == R"(f.model:2:16: error: expected an expression after '='
      h = f(a, b = )
                   ^
)");
  CHECK(mistakes_in("h = f(a = b = c)") ==
        R"(f.model:2:15: error: expected ')' to close the '(' opened at 2:8
      h = f(a = b = c)
                  ^
)");
  CHECK(mistakes_in("h = f(*a)") == R"(f.model:2:9: error: expected an expression or ')' after '('
      h = f(*a)
            ^
)");
}

TEST_CASE("a stage is missing or wrong") {
  CHECK(mistakes_in("output a |>") ==
        R"(f.model:2:14: error: expected the name of a layer or a function after '|>'
      output a |>
                 ^
)");
  CHECK(mistakes_in("output a |> |> b") ==
        R"(f.model:2:15: error: expected the name of a layer or a function after '|>'
      output a |> |> b
                  ^~
)");
  CHECK(mistakes_in("output a |> 3") ==
        R"(f.model:2:15: error: expected the name of a layer or a function after '|>'
      output a |> 3
                  ^
)");
  CHECK(mistakes_in("output a | b") ==
        R"(f.model:2:12: error: unexpected '|' after the end of a statement
      output a | b
               ^
)");
}

TEST_CASE("an input is wrong") {
  CHECK(mistakes_in("input") == R"(f.model:2:8: error: expected a name after 'input'
      input
           ^
)");
  CHECK(mistakes_in("input : index(3)") == R"(f.model:2:9: error: expected a name after 'input'
      input : index(3)
            ^
)");
  CHECK(mistakes_in("input c1 c2: index(3)") ==
        R"(f.model:2:12: error: expected ',' or ':' after 'c1'
      input c1 c2: index(3)
               ^~
)");
  CHECK(mistakes_in("input c1,: index(3)") == R"(f.model:2:12: error: expected a name after ','
      input c1,: index(3)
               ^
)");
  CHECK(mistakes_in("input c") == R"(f.model:2:10: error: expected ',' or ':' after 'c'
      input c
             ^
)");
  CHECK(mistakes_in("input c:") ==
        R"(f.model:2:11: error: expected a type, index(...) or real[...], after ':'
      input c:
              ^
)");
  CHECK(mistakes_in("input c: indx(3)") ==
        R"(f.model:2:12: error: unknown type 'indx'; did you mean 'index'?
      input c: indx(3)
               ^~~~
)");
  CHECK(mistakes_in("input c: text(3)") ==
        R"(f.model:2:12: error: unknown type 'text'; a type is index(...) or real[...]
      input c: text(3)
               ^~~~
)");
  CHECK(mistakes_in("input c: index") == R"(f.model:2:17: error: expected '(' after 'index'
      input c: index
                    ^
)");
  CHECK(mistakes_in("input c: index()") == R"(f.model:2:18: error: expected an expression after '('
      input c: index()
                     ^
)");
  CHECK(mistakes_in("input c: real(3)") == R"(f.model:2:16: error: expected '[' after 'real'
      input c: real(3)
                   ^
)");
  CHECK(mistakes_in("input c: real[]") == R"(f.model:2:17: error: expected an expression after '['
      input c: real[]
                    ^
)");
  CHECK(mistakes_in("input c: 3") ==
        R"(f.model:2:12: error: expected a type, index(...) or real[...], after ':'
      input c: 3
               ^
)");
}

TEST_CASE("a layer is wrong") {
  CHECK(mistakes_in("layer") == R"(f.model:2:8: error: expected a name after 'layer'
      layer
           ^
)");
  CHECK(mistakes_in("layer = dense(3)") ==
        R"(f.model:2:3: error: 'layer' is a keyword and cannot be a name
      layer = dense(3)
      ^~~~~
)");
  CHECK(mistakes_in("layer mix dense(3)") == R"(f.model:2:13: error: expected '=' after 'mix'
      layer mix dense(3)
                ^~~~~
)");
  CHECK(mistakes_in("layer mix = dense") ==
        R"(f.model:2:15: error: expected a layer with its arguments, like `dense(64)`, after '='
      layer mix = dense
                  ^~~~~
)");
  CHECK(mistakes_in("layer mix = 3") ==
        R"(f.model:2:15: error: expected a layer with its arguments, like `dense(64)`, after '='
      layer mix = 3
                  ^
)");
  CHECK(mistakes_in("layer mix = dense(3) + 1") ==
        R"(f.model:2:24: error: unexpected '+' after the end of a statement
      layer mix = dense(3) + 1
                           ^
)");
}

TEST_CASE("a statement is unknown") {
  CHECK(mistakes_in("lyer mix = dense(3)") ==
        R"(f.model:2:3: error: unknown statement 'lyer'; did you mean 'layer'?
      lyer mix = dense(3)
      ^~~~
)");
  CHECK(mistakes_in("Output h") ==
        R"(f.model:2:3: error: unknown statement 'Output'; did you mean 'output'?
      Output h
      ^~~~~~
)");
  CHECK(mistakes_in("inptu c: index(3)") ==
        R"(f.model:2:3: error: unknown statement 'inptu'; did you mean 'input'?
      inptu c: index(3)
      ^~~~~
)");
  CHECK(
      mistakes_in("h mix(a)") ==
      R"(f.model:2:3: error: unknown statement 'h'; a statement starts with input, layer, weight, state, for, if, output or `name =`
      h mix(a)
      ^
)");
  CHECK(
      mistakes_in("h") ==
      R"(f.model:2:3: error: unknown statement 'h'; a statement starts with input, layer, weight, state, for, if, output or `name =`
      h
      ^
)");
  CHECK(mistakes_in("3 = h") == R"(f.model:2:3: error: expected a statement, found '3'
      3 = h
      ^
)");
  CHECK(mistakes_in("+ h") == R"(f.model:2:3: error: expected a statement, found '+'
      + h
      ^
)");
  CHECK(mistakes_in("(h)") == R"(f.model:2:3: error: expected a statement, found '('
      (h)
      ^
)");
}

TEST_CASE("something follows a statement on its line") {
  CHECK(mistakes_in("h = a b") == R"(f.model:2:9: error: unexpected 'b' after the end of a statement
      h = a b
            ^
)");
  CHECK(mistakes_in("h = a = b") ==
        R"(f.model:2:9: error: unexpected '=' after the end of a statement
      h = a = b
            ^
)");
  CHECK(mistakes_in("h = a == b") ==
        R"(f.model:2:9: error: unexpected '==' after the end of a statement
      h = a == b
            ^~
)");
  CHECK(mistakes_in("h = a; g = b") ==
        R"(f.model:2:8: error: statements need no ';': a line end will do
      h = a; g = b
           ^
)");
  CHECK(mistakes_in("h = a, b") ==
        R"(f.model:2:8: error: unexpected ',' after the end of a statement
      h = a, b
           ^
)");
  CHECK(mistakes_in("h = a % b") ==
        R"(f.model:2:9: error: unexpected '%' after the end of a statement
      h = a % b
            ^
)");
}

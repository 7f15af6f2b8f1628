// The exact words for mistakes in weights, states, sequences and subscripts.

#include <catch2/catch.hpp>

#include "tests/syntax/mistakes.hpp"

TEST_CASE("a weight is wrong") {
  CHECK(mistakes_in("weight") == R"(f.model:2:9: error: expected a name after 'weight'
      weight
            ^
)");
  CHECK(mistakes_in("weight: real[3] = zeros") ==
        R"(f.model:2:9: error: expected a name after 'weight'
      weight: real[3] = zeros
            ^
)");
  CHECK(mistakes_in("weight W") == R"(f.model:2:11: error: expected ':' after 'W'
      weight W
              ^
)");
  CHECK(mistakes_in("weight W, U: real[3] = zeros") ==
        R"(f.model:2:11: error: expected ':' after 'W'
      weight W, U: real[3] = zeros
              ^
)");
  CHECK(mistakes_in("weight W real[3] = zeros") == R"(f.model:2:12: error: expected ':' after 'W'
      weight W real[3] = zeros
               ^~~~
)");
  CHECK(mistakes_in("weight W: rael[3] = zeros") ==
        R"(f.model:2:13: error: unknown type 'rael'; did you mean 'real'?
      weight W: rael[3] = zeros
                ^~~~
)");
  CHECK(mistakes_in("weight W: real = zeros") == R"(f.model:2:18: error: expected '[' after 'real'
      weight W: real = zeros
                     ^
)");
  CHECK(mistakes_in("weight W: real[3]") ==
        R"(f.model:2:20: error: expected '=' and an initializer, like `= glorot_uniform`, after ']'
      weight W: real[3]
                       ^
)");
  CHECK(
      mistakes_in("weight W: real[3] =") ==
      R"(f.model:2:22: error: expected an initializer, like `glorot_uniform` or `uniform(0.05)`, after '='
      weight W: real[3] =
                         ^
)");
  CHECK(
      mistakes_in(R"(weight W: real[3] =
  h = 3)") ==
      R"(f.model:2:22: error: expected an initializer, like `glorot_uniform` or `uniform(0.05)`, after '='
      weight W: real[3] =
                         ^
)");
  CHECK(
      mistakes_in("weight W: real[3] = 3") ==
      R"(f.model:2:23: error: expected an initializer, like `glorot_uniform` or `uniform(0.05)`, after '='
      weight W: real[3] = 3
                          ^
)");
  CHECK(mistakes_in("weight W: real[3] = uniform(") ==
        R"(f.model:2:31: error: expected ')' to close the '(' opened at 2:30
      weight W: real[3] = uniform(
                                  ^
)");
  CHECK(mistakes_in("weight W: real[3] = uniform(0.05) * 2") ==
        R"(f.model:2:37: error: unexpected '*' after the end of a statement
      weight W: real[3] = uniform(0.05) * 2
                                        ^
)");
  CHECK(mistakes_in("weight W: real[3] = layer") ==
        R"(f.model:2:23: error: 'layer' is a keyword and cannot be a name
      weight W: real[3] = layer
                          ^~~~~
)");
  CHECK(mistakes_in("weight W = zeros") == R"(f.model:2:12: error: expected ':' after 'W'
      weight W = zeros
               ^
)");
  CHECK(mistakes_in("weight = 3") ==
        R"(f.model:2:3: error: 'weight' is a keyword and cannot be a name
      weight = 3
      ^~~~~~
)");
}

TEST_CASE("a state is wrong") {
  CHECK(mistakes_in("state") == R"(f.model:2:8: error: expected a name after 'state'
      state
           ^
)");
  CHECK(mistakes_in("state h") == R"(f.model:2:10: error: expected ',' or ':' after 'h'
      state h
             ^
)");
  CHECK(mistakes_in("state h s: real[3]") == R"(f.model:2:11: error: expected ',' or ':' after 'h'
      state h s: real[3]
              ^
)");
  CHECK(mistakes_in("state h,: real[3]") == R"(f.model:2:11: error: expected a name after ','
      state h,: real[3]
              ^
)");
  CHECK(mistakes_in("state h: real") == R"(f.model:2:16: error: expected '[' after 'real'
      state h: real
                   ^
)");
  CHECK(mistakes_in("state h: real()") == R"(f.model:2:16: error: expected '[' after 'real'
      state h: real()
                   ^
)");
  CHECK(mistakes_in("state h = zeros(3)") == R"(f.model:2:11: error: expected ',' or ':' after 'h'
      state h = zeros(3)
              ^
)");
  CHECK(mistakes_in("state h: real[3] = 0") ==
        R"(f.model:2:20: error: unexpected '=' after the end of a statement
      state h: real[3] = 0
                       ^
)");
  CHECK(mistakes_in("state in: real[3]") ==
        R"(f.model:2:9: error: 'in' is a keyword and cannot be a name
      state in: real[3]
            ^~
)");
  CHECK(mistakes_in("state = 3") == R"(f.model:2:3: error: 'state' is a keyword and cannot be a name
      state = 3
      ^~~~~
)");
}

TEST_CASE("a sequence is declared wrongly") {
  CHECK(mistakes_in("input c[]: index(3)") ==
        R"(f.model:2:11: error: expected an expression after '['
      input c[]: index(3)
              ^
)");
  CHECK(mistakes_in("input c[3: index(3)") ==
        R"(f.model:2:12: error: expected ']' to close the '[' opened at 2:10
      input c[3: index(3)
               ^
)");
  CHECK(mistakes_in("input c[3, 4]: index(3)") ==
        R"(f.model:2:12: error: expected ']' to close the '[' opened at 2:10
      input c[3, 4]: index(3)
               ^
)");
  CHECK(mistakes_in("input c[steps] index(3)") ==
        R"(f.model:2:18: error: expected ',' or ':' after ']'
      input c[steps] index(3)
                     ^~~~~
)");
  CHECK(mistakes_in("input [3]: index(3)") == R"(f.model:2:9: error: expected a name after 'input'
      input [3]: index(3)
            ^
)");
  CHECK(mistakes_in("input c[0:3]: index(3)") ==
        R"(f.model:2:12: error: expected ']' to close the '[' opened at 2:10
      input c[0:3]: index(3)
               ^
)");
  CHECK(mistakes_in("input c[3][4]: index(3)") ==
        R"(f.model:2:13: error: expected ',' or ':' after ']'
      input c[3][4]: index(3)
                ^
)");
}

TEST_CASE("the targets of an assignment are wrong") {
  CHECK(mistakes_in("i, f =") == R"(f.model:2:9: error: expected an expression after '='
      i, f =
            ^
)");
  CHECK(mistakes_in("i, = 3") == R"(f.model:2:6: error: expected a name after ','
      i, = 3
         ^
)");
  CHECK(mistakes_in("i, 3 = 3") == R"(f.model:2:6: error: expected a name after ','
      i, 3 = 3
         ^
)");
  CHECK(mistakes_in("i, f split(3)") == R"(f.model:2:8: error: expected '=' after 'f'
      i, f split(3)
           ^~~~~
)");
  CHECK(
      mistakes_in("i f = 3") ==
      R"(f.model:2:3: error: unknown statement 'i'; a statement starts with input, layer, weight, state, for, if, output or `name =`
      i f = 3
      ^
)");
  CHECK(mistakes_in("i, for = 3") == R"(f.model:2:6: error: 'for' is a keyword and cannot be a name
      i, for = 3
         ^~~
)");
  CHECK(mistakes_in("y[t] 3") == R"(f.model:2:8: error: expected '=' after ']'
      y[t] 3
           ^
)");
  CHECK(mistakes_in("y[] = 3") == R"(f.model:2:5: error: expected an expression after '['
      y[] = 3
        ^
)");
  CHECK(mistakes_in("y[t = 3") == R"(f.model:2:7: error: expected ']' to close the '[' opened at 2:4
      y[t = 3
          ^
)");
  CHECK(mistakes_in("y[1:2] = 3") ==
        R"(f.model:2:6: error: expected ']' to close the '[' opened at 2:4
      y[1:2] = 3
         ^
)");
  CHECK(mistakes_in("y[t][u] = 3") == R"(f.model:2:7: error: expected '=' after ']'
      y[t][u] = 3
          ^
)");
  CHECK(mistakes_in("y[t, u] = 3") ==
        R"(f.model:2:6: error: expected ']' to close the '[' opened at 2:4
      y[t, u] = 3
         ^
)");
  CHECK(mistakes_in("(i, f) = 3") == R"(f.model:2:3: error: expected a statement, found '('
      (i, f) = 3
      ^
)");
  CHECK(mistakes_in("i, f == 3") == R"(f.model:2:8: error: expected '=' after 'f'
      i, f == 3
           ^~
)");
  CHECK(
      mistakes_in("h == 3") ==
      R"(f.model:2:3: error: unknown statement 'h'; a statement starts with input, layer, weight, state, for, if, output or `name =`
      h == 3
      ^
)");
  CHECK(mistakes_in("h = = 3") == R"(f.model:2:7: error: expected an expression after '='
      h = = 3
          ^
)");
  CHECK(mistakes_in("y[t] + 1") == R"(f.model:2:8: error: expected '=' after ']'
      y[t] + 1
           ^
)");
}

TEST_CASE("a subscript is wrong") {
  CHECK(mistakes_in("h = x[]") ==
        R"(f.model:2:9: error: expected an index like `t` or a range like `0:n` after '['
      h = x[]
            ^
)");
  CHECK(mistakes_in("h = x[") ==
        R"(f.model:2:9: error: expected an index like `t` or a range like `0:n` after '['
      h = x[
            ^
)");
  CHECK(mistakes_in("h = x[1,]") ==
        R"(f.model:2:11: error: expected an index like `t` or a range like `0:n` after ','
      h = x[1,]
              ^
)");
  CHECK(mistakes_in("h = x[1 2]") ==
        R"(f.model:2:11: error: expected ']' to close the '[' opened at 2:8
      h = x[1 2]
              ^
)");
  CHECK(mistakes_in("h = x[t][0]") ==
        R"(f.model:2:11: error: all subscripts stand in one bracket: `x[t, i]`, not `x[t][i]`
      h = x[t][0]
              ^
)");
  CHECK(mistakes_in("h = f(x)[0][1]") ==
        R"(f.model:2:14: error: all subscripts stand in one bracket: `x[t, i]`, not `x[t][i]`
      h = f(x)[0][1]
                 ^
)");
  CHECK(mistakes_in("h = x[1:2:3]") ==
        R"(f.model:2:12: error: expected ']' to close the '[' opened at 2:8
      h = x[1:2:3]
               ^
)");
  CHECK(mistakes_in("h = x[;]") ==
        R"(f.model:2:9: error: expected an index like `t` or a range like `0:n` after '['
      h = x[;]
            ^
)");
  CHECK(mistakes_in("h = x[:, +]") ==
        R"(f.model:2:12: error: expected an index like `t` or a range like `0:n` after ','
      h = x[:, +]
               ^
)");
  CHECK(mistakes_in("h = x[t + ]") == R"(f.model:2:13: error: expected an expression after '+'
      h = x[t + ]
                ^
)");
  CHECK(mistakes_in("h = x[in]") == R"(f.model:2:9: error: 'in' is a keyword and cannot be a name
      h = x[in]
            ^~
)");
  CHECK(mistakes_in("h = 3[0]") ==
        R"(f.model:2:8: error: unexpected '[' after the end of a statement
      h = 3[0]
           ^
)");
  CHECK(mistakes_in("h = x[0..3]") ==
        R"(f.model:2:10: error: a range in a subscript is written with ':', as in `x[0:n]`
      h = x[0..3]
             ^~
)");
  CHECK(mistakes_in("h = x(t]") ==
        R"(f.model:2:10: error: expected ')' to close the '(' opened at 2:8
      h = x(t]
             ^
)");
  CHECK(mistakes_in("h = x[t)") ==
        R"(f.model:2:10: error: expected ']' to close the '[' opened at 2:8
      h = x[t)
             ^
)");
  CHECK(mistakes_in("h = x[a = 3]") ==
        R"(f.model:2:11: error: expected ']' to close the '[' opened at 2:8
      h = x[a = 3]
              ^
)");
}

TEST_CASE("the operand before an assignment is missing") {
  CHECK(mistakes_in(R"(h = a +
  y[t] = 3)") == R"(f.model:2:10: error: expected an expression after '+'
      h = a +
             ^
)");
  CHECK(mistakes_in(R"(h = a +
  i, f = 3)") == R"(f.model:2:10: error: expected an expression after '+'
      h = a +
             ^
)");
  CHECK(mistakes_in(R"(h = a +
  y[t], f = 3)") == R"(f.model:2:10: error: expected an expression after '+'
      h = a +
             ^
)");
  CHECK(mistakes_in(R"(h = f(a,
  y[t] = 3)") == R"(f.model:3:8: error: expected ')' to close the '(' opened at 2:8
      y[t] = 3
           ^
)");
  CHECK(mistakes_in(R"(h = (a +
  y = 3)") == R"(f.model:2:11: error: expected an expression after '+'
      h = (a +
              ^
)");
}

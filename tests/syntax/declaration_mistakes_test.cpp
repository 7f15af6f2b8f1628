// The exact words for mistakes in cells and imports.

#include <catch2/catch.hpp>

#include "tests/syntax/mistakes.hpp"

TEST_CASE("a cell's header is wrong") {
  CHECK(mistakes(R"(cell {
  step(x) { yield x }
}
)") == R"(f.model:1:6: error: expected a name after 'cell'
    cell {
         ^
)");
  CHECK(mistakes(R"(cell A(3) {
  step(x) { yield x }
}
)") == R"(f.model:1:8: error: expected a parameter like `units` or `units = 64` after '('
    cell A(3) {
           ^
)");
  CHECK(mistakes(R"(cell A(units, ) {
  step(x) { yield x }
}
)") == R"(f.model:1:15: error: expected a parameter like `units` or `units = 64` after ','
    cell A(units, ) {
                  ^
)");
  CHECK(mistakes(R"(cell A(units, cell) {
  step(x) { yield x }
}
)") == R"(f.model:1:15: error: 'cell' is a keyword and cannot be a name
    cell A(units, cell) {
                  ^~~~
)");
  CHECK(mistakes(R"(cell A(units = ) {
  step(x) { yield x }
}
)") == R"(f.model:1:16: error: expected an expression after '='
    cell A(units = ) {
                   ^
)");
  CHECK(mistakes(R"(cell A(units 3) {
  step(x) { yield x }
}
)") == R"(f.model:1:14: error: expected ')' to close the '(' opened at 1:7
    cell A(units 3) {
                 ^
)");
  CHECK(mistakes(R"(cell A(units)
  layer a =
  step(x) { yield x }
}
)") == R"(f.model:1:14: error: expected '{' to open the body of the cell after ')'
    cell A(units)
                 ^
f.model:2:12: error: expected a layer with its arguments, like `dense(64)`, after '='
      layer a =
               ^
)");
  CHECK(mistakes(R"(cell A(units) B {
  step(x) { yield }
}
)") == R"(f.model:1:15: error: expected '{' to open the body of the cell after ')'
    cell A(units) B {
                  ^
f.model:2:19: error: expected an expression after 'yield'
      step(x) { yield }
                      ^
)");
  CHECK(mistakes(R"(cell
)") == R"(f.model:1:5: error: expected a name after 'cell'
    cell
        ^
)");
  CHECK(mistakes(R"(cells A {
}
)") == R"(f.model:1:1: error: expected `model Name { ... }`, found 'cells'; did you mean 'cell'?
    cells A {
    ^~~~~
)");
}

TEST_CASE("a cell has one step") {
  CHECK(mistakes(R"(cell A {
}
)") == R"(f.model:1:6: error: cell 'A' has no step; add `step(x) { ... yield h }`
    cell A {
         ^
)");
  CHECK(mistakes(R"(cell A(units) {
  layer a = dense(units)
}

model B {
  h = +
}
)") == R"(f.model:1:6: error: cell 'A' has no step; add `step(x) { ... yield h }`
    cell A(units) {
         ^
f.model:6:7: error: expected an expression after '='
      h = +
          ^
)");
  CHECK(mistakes(R"(cell A {
  step(x) {
    yield x
  }
  step(y) {
    yield y
  }
}
)") == R"(f.model:5:3: error: a cell has one step; the first is at line 2
      step(y) {
      ^~~~
)");
}

TEST_CASE("a step's header is wrong") {
  CHECK(mistakes(R"(cell A {
  step {
    yield +
  }
}
)") == R"(f.model:2:8: error: expected '(' after 'step'
      step {
           ^
f.model:3:11: error: expected an expression after 'yield'
        yield +
              ^
)");
  CHECK(mistakes(R"(cell A {
  step() {
    yield +
  }
}
)") == R"(f.model:2:8: error: expected a name after '('
      step() {
           ^
f.model:3:11: error: expected an expression after 'yield'
        yield +
              ^
)");
  CHECK(mistakes(R"(cell A {
  step(x, ) {
    yield +
  }
}
)") == R"(f.model:2:11: error: expected a name after ','
      step(x, ) {
              ^
f.model:3:11: error: expected an expression after 'yield'
        yield +
              ^
)");
  CHECK(mistakes(R"(cell A {
  step(x = 3) {
    yield +
  }
}
)") == R"(f.model:2:10: error: expected ')' to close the '(' opened at 2:7
      step(x = 3) {
             ^
f.model:3:11: error: expected an expression after 'yield'
        yield +
              ^
)");
  CHECK(mistakes(R"(cell A {
  step(3) { }
}
)") == R"(f.model:2:8: error: expected a name after '('
      step(3) { }
           ^
)");
  CHECK(mistakes(R"(cell A {
  step(x)
    yield +
  }
}
)") == R"(f.model:2:10: error: expected '{' to open the body of the step after ')'
      step(x)
             ^
f.model:3:11: error: expected an expression after 'yield'
        yield +
              ^
)");
  CHECK(mistakes(R"(cell A {
  step x {
    yield +
  }
}
)") == R"(f.model:2:8: error: expected '(' after 'step'
      step x {
           ^
f.model:3:11: error: expected an expression after 'yield'
        yield +
              ^
)");
  CHECK(mistakes(R"(cell A {
  step = 3
  step(x) { yield x }
}
)") == R"(f.model:2:3: error: 'step' is a keyword and cannot be a name
      step = 3
      ^~~~
)");
  CHECK(mistakes(R"(cell A {
  step(x) {
    yield
    yield x y
    yield = 3
  }
}
)") == R"(f.model:3:10: error: expected an expression after 'yield'
        yield
             ^
f.model:4:13: error: unexpected 'y' after the end of a statement
        yield x y
                ^
f.model:5:5: error: 'yield' is a keyword and cannot be a name
        yield = 3
        ^~~~~
)");
}

TEST_CASE("an import is wrong") {
  CHECK(mistakes(R"(import "f.model"
model A { }
)") == R"(f.model:1:8: error: expected a name after 'import'
    import "f.model"
           ^~~~~~~~~
)");
  CHECK(mistakes(R"(import from "f.model"
)") == R"(f.model:1:8: error: expected a name after 'import'
    import from "f.model"
           ^~~~
)");
  CHECK(mistakes(R"(import A "f.model"
)") == R"(f.model:1:10: error: expected ',' or 'from' after 'A'
    import A "f.model"
             ^~~~~~~~~
)");
  CHECK(mistakes(R"(import A B from "f.model"
)") == R"(f.model:1:10: error: expected ',' or 'from' after 'A'
    import A B from "f.model"
             ^
)");
  CHECK(mistakes(R"(import A, from "f.model"
)") == R"(f.model:1:11: error: 'from' is a keyword and cannot be a name
    import A, from "f.model"
              ^~~~
)");
  CHECK(mistakes(R"(import A,
model B {
  h =
}
)") == R"(f.model:1:10: error: expected a name after ','
    import A,
             ^
f.model:3:6: error: expected an expression after '='
      h =
         ^
)");
  CHECK(mistakes(R"(import A from
)") == R"(f.model:1:14: error: expected a path in quotes, like `"cells.model"`, after 'from'
    import A from
                 ^
)");
  CHECK(mistakes(R"(import A from f.model
model B {
  h =
}
)") == R"(f.model:1:15: error: expected a path in quotes, like `"cells.model"`, after 'from'
    import A from f.model
                  ^
f.model:3:6: error: expected an expression after '='
      h =
         ^
)");
  CHECK(mistakes(R"(import A from "f.model
model B {
  h =
}
)") == R"(f.model:1:23: error: expected '"' to close the path
    import A from "f.model
                          ^
f.model:3:6: error: expected an expression after '='
      h =
         ^
)");
  CHECK(mistakes(R"(import A from "f # g"
)") == R"(f.model:1:18: error: expected '"' to close the path
    import A from "f # g"
                     ^
)");
  CHECK(mistakes(R"(import A from ""
)") == R"(f.model:1:15: error: expected a path in quotes, like `"cells.model"`, after 'from'
    import A from ""
                  ^~
)");
  CHECK(mistakes(R"(import A from "f.model" B
model B { }
)") == R"(f.model:1:25: error: expected `model Name { ... }`, found 'B'
    import A from "f.model" B
                            ^
)");
  CHECK(mistakes(R"(import A from 'f.model'
)") == R"(f.model:1:15: error: expected a path in quotes, like `"cells.model"`, after 'from'
    import A from 'f.model'
                  ^
)");
  CHECK(mistakes(R"(import model from "f.model"
)") == R"(f.model:1:8: error: 'model' is a keyword and cannot be a name
    import model from "f.model"
           ^~~~~
)");
  CHECK(mistakes(R"(improt A from "f.model"
)") == R"(f.model:1:1: error: expected `model Name { ... }`, found 'improt'; did you mean 'import'?
    improt A from "f.model"
    ^~~~~~
)");
}

TEST_CASE("what is no declaration") {
  CHECK(mistakes(R"(step(x) { }
)") == R"(f.model:1:1: error: 'step' belongs inside a cell: `cell Name { ... }`
    step(x) { }
    ^~~~
)");
  CHECK(mistakes(R"(yield x
)") == R"(f.model:1:1: error: 'yield' belongs inside a cell: `cell Name { ... }`
    yield x
    ^~~~~
)");
  CHECK(mistakes(R"(for t in 0..3 { }
)") == R"(f.model:1:1: error: 'for' belongs inside a model: `model Name { ... }`
    for t in 0..3 { }
    ^~~
)");
  CHECK(mistakes(R"(state h: real[3]
)") == R"(f.model:1:1: error: 'state' belongs inside a model: `model Name { ... }`
    state h: real[3]
    ^~~~~
)");
  CHECK(mistakes(R"(from "f.model"
)") == R"(f.model:1:1: error: expected `model Name { ... }`, found 'from'
    from "f.model"
    ^~~~
)");
  CHECK(mistakes(R"(else { }
)") == R"(f.model:1:1: error: expected `model Name { ... }`, found 'else'
    else { }
    ^~~~
)");
  CHECK(mistakes(R"(import A from "f.model"
}
)") == R"(f.model:2:1: error: this '}' closes nothing
    }
    ^
)");
  CHECK(mistakes(R"(h = 3
)") == R"(f.model:1:1: error: expected `model Name { ... }`, found 'h'
    h = 3
    ^
)");
}

TEST_CASE("declarations inside another") {
  CHECK(mistakes(R"(model A {
  cell B { }
}
)") == R"(f.model:1:10: error: expected '}' to close model 'A' opened at line 1
    model A {
             ^
f.model:2:8: error: cell 'B' has no step; add `step(x) { ... yield h }`
      cell B { }
           ^
f.model:3:1: error: this '}' closes nothing
    }
    ^
)");
  CHECK(mistakes(R"(model A {
  for t in 0..3 {
    import A from "f.model"
)") == R"(f.model:2:18: error: expected '}' to close the loop opened at line 2
      for t in 0..3 {
                     ^
)");
}

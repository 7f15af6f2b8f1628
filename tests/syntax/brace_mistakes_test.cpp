// The exact words for mistakes in the braces of blocks, and in what stands between them.

#include <catch2/catch.hpp>

#include "tests/syntax/mistakes.hpp"

TEST_CASE("a block is not closed") {
  CHECK(mistakes(R"(model A {
  for t in 0..3 {
    h = a
)") == R"(f.model:3:10: error: expected '}' to close the loop opened at line 2
        h = a
             ^
)");
  CHECK(mistakes(R"(model A {
  if a {
    h = a
  } else {
    h = b
)") == R"(f.model:5:10: error: expected '}' to close the 'else' opened at line 4
        h = b
             ^
)");
  CHECK(mistakes(R"(model A {
  if a {
    h = a
)") == R"(f.model:3:10: error: expected '}' to close the 'if' opened at line 2
        h = a
             ^
)");
  CHECK(mistakes(R"(cell A {
  step(x) {
    h = a
)") == R"(f.model:3:10: error: expected '}' to close the step opened at line 2
        h = a
             ^
)");
  CHECK(mistakes(R"(cell A {
  step(x) {
    yield x
  }
)") == R"(f.model:4:4: error: expected '}' to close cell 'A' opened at line 1
      }
       ^
)");
  CHECK(mistakes(R"(model A {
  for t in 0..3 {
    h = a

  output h
}
)") == R"(f.model:3:10: error: expected '}' to close the loop opened at line 2
        h = a
             ^
)");
  CHECK(mistakes(R"(model A {
  for t in 0..3 {
    h = a

  g = h
}

model B {
  h = +
}
)") == R"(f.model:5:8: error: expected '}' to close the loop opened at line 2
      g = h
           ^
f.model:9:7: error: expected an expression after '='
      h = +
          ^
)");
  CHECK(mistakes(R"(model A {
  for t in 0..3 {
    if a {
      h = a
  }
  g = h
}
)") == R"(f.model:4:12: error: expected '}' to close the 'if' opened at line 3
          h = a
               ^
)");
  CHECK(mistakes(R"(cell A {
  state h: real[3]
  step(x) {
    h = a

  layer b = dense(3)
}
)") == R"(f.model:4:10: error: expected '}' to close the step opened at line 3
        h = a
             ^
)");
}

TEST_CASE("a brace closes nothing") {
  CHECK(mistakes_in("for t in 0..3 { } }") == R"(f.model:3:1: error: this '}' closes nothing
    }
    ^
)");
  CHECK(mistakes(R"(model A {
  for t in 0..3 {
    h = a
  }
  }
  output h
}
)") == R"(f.model:6:3: error: 'output' belongs inside a model: `model Name { ... }`
      output h
      ^~~~~~
)");
  CHECK(mistakes_in(R"(h = {
    a
  }
  f = +)") == R"(f.model:2:7: error: expected an expression after '='
      h = {
          ^
f.model:5:7: error: expected an expression after '='
      f = +
          ^
)");
  CHECK(mistakes_in("{ h = 1 }") == R"(f.model:2:3: error: expected a statement, found '{'
      { h = 1 }
      ^
)");
}

TEST_CASE("a statement stands where it cannot") {
  CHECK(mistakes_in(R"(for t in 0..3 {
    layer a = dense(3)
    weight W: real[3] = zeros
    state h: real[3]
    input x: real[3]
    output x
    yield x
    step(x) { }
  })") == R"(f.model:3:5: error: 'layer' cannot stand in a loop; it belongs in a model or a cell
        layer a = dense(3)
        ^~~~~
f.model:4:5: error: 'weight' cannot stand in a loop; it belongs in a model or a cell
        weight W: real[3] = zeros
        ^~~~~~
f.model:5:5: error: 'state' cannot stand in a loop; it belongs in a model or a cell
        state h: real[3]
        ^~~~~
f.model:6:5: error: 'input' cannot stand in a loop; it belongs in a model
        input x: real[3]
        ^~~~~
f.model:7:5: error: 'output' cannot stand in a loop; it belongs in a model
        output x
        ^~~~~~
f.model:8:5: error: 'yield' cannot stand in a loop; it belongs in a step
        yield x
        ^~~~~
f.model:9:5: error: 'step' cannot stand in a loop; it belongs in a cell
        step(x) { }
        ^~~~
)");
  CHECK(mistakes_in("yield h") ==
        R"(f.model:2:3: error: 'yield' cannot stand in a model; it belongs in a step
      yield h
      ^~~~~
)");
  CHECK(mistakes_in("step(x) { }") ==
        R"(f.model:2:3: error: 'step' cannot stand in a model; it belongs in a cell
      step(x) { }
      ^~~~
)");
  CHECK(mistakes_in(R"(if a {
    yield h
  })") == R"(f.model:3:5: error: 'yield' cannot stand in a model; it belongs in a step
        yield h
        ^~~~~
)");
  CHECK(mistakes_in("in 0..3") == R"(f.model:2:3: error: 'in' cannot start a statement
      in 0..3
      ^~
)");
  CHECK(mistakes_in("from \"f\"") == R"(f.model:2:3: error: 'from' cannot start a statement
      from "f"
      ^~~~
)");
  CHECK(mistakes(R"(cell A {
  input x: real[3]
  output x
  yield x
  step(x) {
    layer a = dense(3)
    step(y) { }
    yield x
  }
}
)") == R"(f.model:2:3: error: 'input' cannot stand in a cell; it belongs in a model
      input x: real[3]
      ^~~~~
f.model:3:3: error: 'output' cannot stand in a cell; it belongs in a model
      output x
      ^~~~~~
f.model:4:3: error: 'yield' cannot stand in a cell; it belongs in a step
      yield x
      ^~~~~
f.model:6:5: error: 'layer' cannot stand in a step; it belongs in a model or a cell
        layer a = dense(3)
        ^~~~~
f.model:7:5: error: 'step' cannot stand in a step; it belongs in a cell
        step(y) { }
        ^~~~
)");
  CHECK(mistakes(R"(cell A {
  if b {
    step(x) { }
  }
  step(x) { }
}
)") == R"(f.model:3:5: error: 'step' stands in the cell itself, not in an 'if'
        step(x) { }
        ^~~~
)");
}

TEST_CASE("a statement is unknown, and only those of its place are offered") {
  CHECK(
      mistakes_in(R"(for t in 0..3 {
    outputs h
    yeild h
    iff a { }
    outputs h +
      b
    foo(a,
      b = c)
    bar
  })") ==
      R"(f.model:3:5: error: unknown statement 'outputs'; a statement starts with for, if or `name =`
        outputs h
        ^~~~~~~
f.model:4:5: error: unknown statement 'yeild'; a statement starts with for, if or `name =`
        yeild h
        ^~~~~
f.model:5:5: error: unknown statement 'iff'; did you mean 'if'?
        iff a { }
        ^~~
f.model:6:5: error: unknown statement 'outputs'; a statement starts with for, if or `name =`
        outputs h +
        ^~~~~~~
f.model:8:5: error: unknown statement 'foo'; did you mean 'for'?
        foo(a,
        ^~~
f.model:10:5: error: unknown statement 'bar'; a statement starts with for, if or `name =`
        bar
        ^~~
)");
  CHECK(mistakes_in("fro t in 0..3 { }") ==
        R"(f.model:2:3: error: unknown statement 'fro'; did you mean 'for'?
      fro t in 0..3 { }
      ^~~
)");
  CHECK(mistakes(R"(cell A {
  stpe(x) {
    yield x
  }
  step(x) {
    yeild x
    foo
  }
}
)") == R"(f.model:2:3: error: unknown statement 'stpe'; did you mean 'step'?
      stpe(x) {
      ^~~~
f.model:6:5: error: unknown statement 'yeild'; did you mean 'yield'?
        yeild x
        ^~~~~
f.model:7:5: error: unknown statement 'foo'; did you mean 'for'?
        foo
        ^~~
)");
}

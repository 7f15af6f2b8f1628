// The exact words for words that cannot stand where they do: numbers and keywords.

#include <catch2/catch.hpp>

#include "tests/syntax/mistakes.hpp"

TEST_CASE("a number is malformed") {
  CHECK(mistakes_in("h = 57abc") == R"(f.model:2:7: error: malformed number '57abc'
      h = 57abc
          ^~~~~
)");
  CHECK(mistakes_in("h = 1e") == R"(f.model:2:7: error: malformed number '1e'
      h = 1e
          ^~
)");
  CHECK(mistakes_in("h = 1e+") == R"(f.model:2:7: error: malformed number '1e'
      h = 1e+
          ^~
)");
  CHECK(mistakes_in("h = 1.5.2") == R"(f.model:2:7: error: malformed number '1.5.2'
      h = 1.5.2
          ^~~~~
)");
  CHECK(mistakes_in("h = 1.5e3x") == R"(f.model:2:7: error: malformed number '1.5e3x'
      h = 1.5e3x
          ^~~~~~
)");
  CHECK(mistakes_in("h = 0x10") == R"(f.model:2:7: error: malformed number '0x10'
      h = 0x10
          ^~~~
)");
  CHECK(mistakes_in("h = 1_000") == R"(f.model:2:7: error: malformed number '1_000'
      h = 1_000
          ^~~~~
)");
  CHECK(mistakes_in("h = .5") == R"(f.model:2:7: error: expected an expression after '='
      h = .5
          ^
)");
  CHECK(mistakes_in("h = 5.") == R"(f.model:2:8: error: unexpected '.' after the end of a statement
      h = 5.
           ^
)");
  CHECK(mistakes_in("h = 1e999") ==
        R"(f.model:2:7: error: the number 1e999 does not fit a 64-bit real
      h = 1e999
          ^~~~~
)");
  CHECK(mistakes_in("h = f(1e-999, 2)") ==
        R"(f.model:2:9: error: the number 1e-999 does not fit a 64-bit real
      h = f(1e-999, 2)
            ^~~~~~
)");
}

TEST_CASE("a keyword is taken for a name") {
  CHECK(mistakes_in("input = 3") == R"(f.model:2:3: error: 'input' is a keyword and cannot be a name
      input = 3
      ^~~~~
)");
  CHECK(mistakes_in("layer state = dense(3)") ==
        R"(f.model:2:9: error: 'state' is a keyword and cannot be a name
      layer state = dense(3)
            ^~~~~
)");
  CHECK(mistakes_in("input c, in: index(3)") ==
        R"(f.model:2:12: error: 'in' is a keyword and cannot be a name
      input c, in: index(3)
               ^~
)");
  CHECK(mistakes_in("h = step(3)") ==
        R"(f.model:2:7: error: 'step' is a keyword and cannot be a name
      h = step(3)
          ^~~~
)");
  CHECK(mistakes_in("h = a + for") ==
        R"(f.model:2:11: error: 'for' is a keyword and cannot be a name
      h = a + for
              ^~~
)");
  CHECK(mistakes_in("h = f(weight = 3)") ==
        R"(f.model:2:9: error: 'weight' is a keyword and cannot be a name
      h = f(weight = 3)
            ^~~~~~
)");
  CHECK(mistakes_in("for = 3") == R"(f.model:2:3: error: 'for' is a keyword and cannot be a name
      for = 3
      ^~~
)");
  CHECK(mistakes_in("model = 3") == R"(f.model:2:3: error: 'model' is a keyword and cannot be a name
      model = 3
      ^~~~~
)");
  CHECK(mistakes_in("h = a |> output") ==
        R"(f.model:2:12: error: 'output' is a keyword and cannot be a name
      h = a |> output
               ^~~~~~
)");
  CHECK(mistakes(R"(model cell {
}
)") == R"(f.model:1:7: error: 'cell' is a keyword and cannot be a name
    model cell {
          ^~~~
)");
  CHECK(mistakes(R"(model A(step = 3) {
}
)") == R"(f.model:1:9: error: 'step' is a keyword and cannot be a name
    model A(step = 3) {
            ^~~~
)");
  CHECK(mistakes(R"(model A(v = 3, input = 4) {
}
)") == R"(f.model:1:16: error: 'input' is a keyword and cannot be a name
    model A(v = 3, input = 4) {
                   ^~~~~
)");
}

// The trees of what stands between braces, and of what a file holds beside models.

#include <catch2/catch.hpp>

#include "compiler/syntax/parse.hpp"

namespace {

// The tree of `text`, which must be without a mistake.
std::string tree(const std::string& text) {
  const coil::SourceFile file("f.model", text);
  coil::Diagnostics diagnostics(file);
  const coil::ast::File ast = coil::parse(file, diagnostics);
  CHECK(diagnostics.render() == "");
  return coil::print_ast(ast, file);
}

}  // namespace

TEST_CASE("an LSTM by hand") {
  CHECK(tree(R"(model HandLSTM(steps = 8, hidden = 512) {
  input c[steps], d: index(57)
  weight W: real[42, 4 * hidden] = glorot_uniform
  weight b: real[4 * hidden] = uniform(-0.05, high = 0.05)
  state h, s: real[hidden]
  for t in 0..steps {
    i, f = split(c[t] @ W[0:42, :], 2)
    y[t] = i
    y[t + 1], h = f
  }
  output y
}
)") == R"(model HandLSTM  1:1
  parameter steps  1:16
    integer 8  1:24
  parameter hidden  1:27
    integer 512  1:36
  input  2:3
    name c  2:9
      name steps  2:11
    name d  2:19
    index  2:22
      integer 57  2:28
  weight W  3:3
    real  3:13
      integer 42  3:18
      chain  3:22
        integer 4  3:22
        *  3:24
          name hidden  3:26
    initializer glorot_uniform  3:36
  weight b  4:3
    real  4:13
      chain  4:18
        integer 4  4:18
        *  4:20
          name hidden  4:22
    initializer uniform  4:32
      negate  4:40
        real 0.05  4:41
      argument high  4:47
        real 0.05  4:54
  state  5:3
    name h  5:9
    name s  5:12
    real  5:15
      name hidden  5:20
  for t  6:3
    from  6:12
      integer 0  6:12
    to  6:15
      name steps  6:15
    assign  7:5
      target i  7:5
      target f  7:8
      call split  7:12
        chain  7:18
          indexed  7:18
            name c  7:18
            index  7:20
              name t  7:20
          @  7:23
            indexed  7:25
              name W  7:25
              range  7:27
                from  7:27
                  integer 0  7:27
                to  7:29
                  integer 42  7:29
              range  7:33
        integer 2  7:37
    assign  8:5
      target y  8:5
        name t  8:7
      name i  8:12
    assign  9:5
      target y  9:5
        chain  9:7
          name t  9:7
          +  9:9
            integer 1  9:11
      target h  9:15
      name f  9:19
  output  11:3
    name y  11:10
)");
}

TEST_CASE("loops and branches hold statements, and each other") {
  CHECK(tree(R"(model A {
  for t in 1..2 {
    for u in t..3 { h = u }
    if fast { }
  }
  if kind == fast {
    layer a = dense(3)
    for t in 0..1 { }
  } else {
    h = 1
    g = 2
  }
}
)") == R"(model A  1:1
  for t  2:3
    from  2:12
      integer 1  2:12
    to  2:15
      integer 2  2:15
    for u  3:5
      from  3:14
        name t  3:14
      to  3:17
        integer 3  3:17
      assign h  3:21
        name u  3:25
    if fast  4:5
  if kind == fast  6:3
    layer a  7:5
      call dense  7:15
        integer 3  7:21
    for t  8:5
      from  8:14
        integer 0  8:14
      to  8:17
        integer 1  8:17
  else  10:5
    assign h  10:5
      integer 1  10:9
    assign g  11:5
      integer 2  11:9
)");
}

TEST_CASE("an 'else if' is an 'if' in the 'else'") {
  CHECK(tree(R"(model A {
  if a { x = 1 } else if b == c { x = 2 } else { x = 3 }
}
)") == R"(model A  1:1
  if a  2:3
    assign x  2:10
      integer 1  2:14
  else  2:23
    if b == c  2:23
      assign x  2:35
        integer 2  2:39
    else  2:50
      assign x  2:50
        integer 3  2:54
)");
}

TEST_CASE("a cell has parameters with and without a default, and a step") {
  CHECK(tree(R"(cell MinGRU(units, rate = 3 * 2) {
  layer n = dense(units)
  state h: real[units]
  step(x, y) {
    h = n(x) * y
    yield h
  }
  layer after = dense(1)
}

cell Bare { step(x) { yield x } }
)") == R"(cell MinGRU  1:1
  parameter units  1:13
  parameter rate  1:20
    chain  1:27
      integer 3  1:27
      *  1:29
        integer 2  1:31
  layer n  2:3
    call dense  2:13
      name units  2:19
  state  3:3
    name h  3:9
    real  3:12
      name units  3:17
  layer after  8:3
    call dense  8:17
      integer 1  8:23
  step  4:3
    name x  4:8
    name y  4:11
    assign h  5:5
      chain  5:9
        call n  5:9
          name x  5:11
        *  5:14
          name y  5:16
    yield  6:5
      name h  6:11
cell Bare  11:1
  step  11:13
    name x  11:18
    yield  11:23
      name x  11:29
)");
}

TEST_CASE("imports name cells and a path") {
  CHECK(tree(R"(import MinGRU from "cells/mingru.model"
import A,
  B from "../b c.model" model M { }
import C from "c"
)") == R"(import "cells/mingru.model"  1:1
  name MinGRU  1:8
import "../b c.model"  2:1
  name A  2:8
  name B  3:3
model M  3:25
import "c"  4:1
  name C  4:8
)");
}

TEST_CASE("'else { if }' and 'else if' are one tree") {
  const auto without_places = [](const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      out += text.substr(at, text.rfind("  ", end) - at) + "\n";
      at = end + 1;
    }
    return out;
  };
  CHECK(without_places(tree("model A { if a { } else if b { x = 1 } }")) ==
        without_places(tree("model A { if a { } else { if b { x = 1 } } }")));
}

TEST_CASE("keywords of one place are names nowhere, words like them are") {
  CHECK(tree("model A { inner = 1 iffy = 2 fork = 3 stepper = 4 elsewhere = 5 states = 6 }") != "");
  CHECK(tree("model A { true = 1 zeros = 2 real = 3 index = 4 last = 5 }") != "");
}

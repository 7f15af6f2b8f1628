#include <catch2/catch.hpp>

#include "tests/semantics/support.hpp"

using namespace coil;
using namespace coil::testing;

TEST_CASE("An unknown name is shown with what may have been meant") {
  CHECK(messages_of("model Char(vocab = 57) {\n"
                    "  input c1: index(vocab)\n"
                    "  layer embed  = embedding(vocab, 4)\n"
                    "  layer encode = dense(8, relu)\n"
                    "  output enocde(embed(c1))\n"
                    "}\n") ==
        "m.model:5:10: error: unknown name 'enocde'; did you mean 'encode'?\n"
        "      output enocde(embed(c1))\n"
        "             ^~~~~~\n");
}

TEST_CASE("Everything visible may have been meant") {
  const std::string head = "  input entry: real[4]\n  value = entry\n  output ";
  CHECK(headlines_of(head + "entri") ==
        "4:10: error: unknown name 'entri'; did you mean 'entry'?\n");
  CHECK(headlines_of(head + "valeu") ==
        "4:10: error: unknown name 'valeu'; did you mean 'value'?\n");
  CHECK(headlines_of(head + "sigmoyd(entry)") ==
        "4:10: error: unknown name 'sigmoyd'; did you mean 'sigmoid'?\n");
  CHECK(headlines_of(head + "entry |> desne(3)") ==
        "4:19: error: unknown name 'desne'; did you mean 'dense'?\n");
  CHECK(headlines_of(head + "qqqqqqq") == "4:10: error: unknown name 'qqqqqqq'\n");
}

TEST_CASE("A name defined further down is pointed at") {
  CHECK(headlines_of("  input x: real[4]\n  output x + z\n  z = x") ==
        "3:14: error: unknown name 'z'\n"
        "4:3: note: 'z' is defined here, further down; move it before its use\n");
  CHECK(headlines_of("  input x: real[4]\n  output d(x)\n  layer d = dense(3)") ==
        "3:10: error: unknown name 'd'\n"
        "4:9: note: 'd' is defined here, further down; move it before its use\n");
  CHECK(headlines_of("  input x: real[4]\n  h = h + x\n  output h") ==
        "3:7: error: unknown name 'h'\n"
        "3:3: note: 'h' gets its first value here and has none before\n");
}

TEST_CASE("Only values can be given anew") {
  const std::string head = "  input x: real[4]\n  layer d = dense(4)\n  y = x\n";
  const std::string end = "  output d(x) + y";
  const std::string x_here = "2:9: note: 'x' is defined here\n";
  const std::string d_here = "3:9: note: 'd' is defined here\n";
  CHECK(headlines_of(head + "  x = y\n" + end) ==
        "5:3: error: 'x' is an input already; choose another name\n" + x_here);
  CHECK(headlines_of(head + "  d = y\n" + end) ==
        "5:3: error: 'd' is a layer already; choose another name\n" + d_here);
  CHECK(headlines_of(head + "  input x: real[5]\n" + end) ==
        "5:9: error: 'x' is an input already; choose another name\n" + x_here);
  CHECK(headlines_of(head + "  layer d = dense(5)\n" + end) ==
        "5:9: error: 'd' is a layer already; choose another name\n" + d_here);
  CHECK(
      headlines_of(head + "  layer y = dense(5)\n" + end) ==
      "5:9: error: 'y' is a value already; choose another name\n4:3: note: 'y' is defined here\n");
  CHECK(headlines(messages_of("model M(n = 4) {\n  input x: real[n]\n  n = x\n  output x\n}\n")) ==
        "3:3: error: 'n' is a parameter already; choose another name\n"
        "1:9: note: 'n' is defined here\n");
  graph_of("model M() {\n  input x: real[4]\n  y = x\n  y = y + y\n  output y\n}\n");
}

TEST_CASE("A value may change its shape when it is given anew") {
  const Graph graph = graph_of(
      "model M() {\n  input x: real[4]\n  y = x\n  y = zeros(5)\n  output y + 1\n  output x\n}\n");
  CHECK(to_string(graph.type(graph.outputs[0].value)) == "real[batch, 5]");
}

TEST_CASE("Only layers and functions are applied") {
  const std::string head = "  input x: real[4]\n  y = x\n  output ";
  CHECK(headlines_of(head + "y(x)") ==
        "4:10: error: 'y' is a value, and only layers and functions can be applied\n"
        "3:3: note: 'y' is defined here\n");
  CHECK(headlines_of(head + "x |> x") ==
        "4:15: error: 'x' is an input, and only layers and functions can be applied\n"
        "2:9: note: 'x' is defined here\n");
  CHECK(headlines_of("  input x: real[4]\n  tanh = x\n  output tanh(x)") ==
        "4:10: error: 'tanh' is a value, and only layers and functions can be applied\n"
        "3:3: note: 'tanh' is defined here and hides the built-in one; another name would not\n");
}

TEST_CASE("A person's name goes before a built-in one") {
  graph_of("model M(relu = 3) {\n  input x: real[relu]\n  exp = x\n  output exp + x\n}\n");
}

TEST_CASE("One mistake gives one message, and every mistake gives one") {
  CHECK(headlines_of("  input x: real[4]\n"
                     "  a = x + one\n"
                     "  b = a + x\n"
                     "  layer d = dens(3)\n"
                     "  c = d(b + qqqqq)\n"
                     "  a = d(x) + 7 / 2\n"
                     "  output d(c) + tanh(a, b)") ==
        "3:11: error: unknown name 'one'; did you mean 'ones'?\n"
        "5:13: error: unknown layer kind 'dens'; did you mean 'dense'?\n"
        "6:13: error: unknown name 'qqqqq'\n"
        "7:16: error: 7 / 2 is not a whole number; write 7.0 / 2 for a real\n"
        "8:17: error: 'tanh' does not take 2 arguments: tanh(x)\n");
}

TEST_CASE("Nothing is said to be unused beside a mistake") {
  CHECK(headlines_of("  input x: real[4]\n  layer d = dense(3)\n  output eeee(x)") ==
        "4:10: error: unknown name 'eeee'\n");
}

TEST_CASE("What is never used is warned of") {
  const Outcome outcome = elaborate_text(
      "model M(n = 4) {\n  input x, y: real[n]\n  layer d = dense(3)\n  z = x\n  output x\n}\n");
  REQUIRE(outcome.graph);
  CHECK(headlines(outcome.messages) ==
        "2:12: warning: input 'y' is never used\n3:9: warning: layer 'd' is never applied\n");
}

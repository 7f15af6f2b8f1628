#include <catch2/catch.hpp>

#include "tests/semantics/support.hpp"

using namespace coil;
using namespace coil::testing;

namespace {

std::vector<std::string> layer_names(const std::string& lines) {
  std::vector<std::string> names;
  for (const LayerInfo& layer :
       graph_of("model M() {\n  input x: real[4]\n" + lines + "\n}\n").layers) {
    names.push_back(layer.name);
  }
  return names;
}

Op last_op(const std::string& dense) {
  const Graph graph =
      graph_of("model M(act = tanh) {\n  input x: real[4]\n  output x |> " + dense + "\n}\n");
  return graph.node(graph.outputs[0].value.node).op;
}

// Mistakes in `layer d = maker`; columns are those of `  layer d = maker`, line 3.
std::string maker_mistakes(const std::string& maker) {
  return headlines_of("  input x: real[4]\n  layer d = " + maker + "\n  output d(x)");
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("Layers without a name are called as Keras calls them") {
  CHECK(layer_names("output x |> dense(3) |> dense(2) |> dense(1)") ==
        Names{"dense", "dense_1", "dense_2"});
}

TEST_CASE("Names that a person took are left out, also those taken further down") {
  CHECK(layer_names(
            "h = x |> dense(3) |> dense(2)\n  layer dense_1 = dense(1)\n  output dense_1(h)") ==
        Names{"dense", "dense_2", "dense_1"});
  CHECK(layer_names("dense = x + 1\n  y = dense\n  output y") == Names{});
}

TEST_CASE("A layer may be called like its kind, and is itself from then on") {
  CHECK(layer_names("layer dense = dense(3)\n  output x |> dense") == Names{"dense"});
  CHECK(layer_names("layer dense = dense(3)\n  layer b = dense(2)\n  output b(dense(x))") ==
        Names{"dense", "b"});
}

TEST_CASE("dense knows Keras's activations, by position, by name and from a parameter") {
  CHECK(last_op("dense(3)") == Op::add);
  CHECK(last_op("dense(3, none)") == Op::add);
  CHECK(last_op("dense(3, linear)") == Op::add);
  CHECK(last_op("dense(3, relu)") == Op::relu);
  CHECK(last_op("dense(activation = tanh, units = 3)") == Op::tanh);
  CHECK(last_op("dense(3, activation = sigmoid)") == Op::sigmoid);
  CHECK(last_op("dense(3, hard_sigmoid)") == Op::hard_sigmoid);
  CHECK(last_op("dense(3, softmax)") == Op::softmax);
  CHECK(last_op("dense(3, exponential)") == Op::exp);
  CHECK(last_op("dense(3, act)") == Op::tanh);
}

TEST_CASE("dense works on the last of several dimensions") {
  const Graph graph = graph_of("model M() {\n  input x: real[7, 4]\n  output x |> dense(3)\n}\n");
  CHECK(to_string(graph.type(graph.outputs[0].value)) == "real[batch, 7, 3]");
}

TEST_CASE("Weights that nobody uses are not made") {
  const Outcome outcome =
      elaborate_text("model M() {\n  input x: real[4]\n  layer d = dense(3)\n  output x\n}\n");
  REQUIRE(outcome.graph);
  CHECK(leaves(*outcome.graph, Op::weight).empty());
  CHECK(outcome.messages ==
        "m.model:3:9: warning: layer 'd' is never applied\n"
        "      layer d = dense(3)\n"
        "            ^\n");
}

TEST_CASE("A second input of another width is refused with both shapes and their places") {
  CHECK(messages_of("model M() {\n"
                    "  input x: real[4]\n"
                    "  layer wide = dense(5)\n"
                    "  layer mix = dense(8)\n"
                    "  h = mix(x)\n"
                    "  output mix(wide(x)) + h\n"
                    "}\n") ==
        "m.model:6:14: error: layer 'mix' takes real[4] since its first use, and this is real[5]\n"
        "      output mix(wide(x)) + h\n"
        "                 ^~~~~~~\n"
        "m.model:5:7: note: first used here, on real[4]\n"
        "      h = mix(x)\n"
        "          ^~~~~~\n"
        "m.model:3:9: note: layer 'wide' gives real[5]\n"
        "      layer wide = dense(5)\n"
        "            ^~~~\n");
}

TEST_CASE("Mistakes in a layer's arguments") {
  const std::string use = "dense(units, activation = none)";
  CHECK(maker_mistakes("dense()") == "3:13: error: 'dense' needs 'units': " + use + "\n");
  CHECK(maker_mistakes("embedding()") ==
        "3:13: error: 'embedding' needs 'input_dim' and 'output_dim': embedding(input_dim, "
        "output_dim)\n");
  CHECK(maker_mistakes("dense(3, relu, 4, 5)") ==
        "3:28: error: 'dense' takes at most 2 arguments: " + use + "\n");
  CHECK(maker_mistakes("dense(3, activatoin = tanh)") ==
        "3:22: error: 'dense' has no argument 'activatoin': " + use +
            "; did you mean 'activation'?\n");
  CHECK(maker_mistakes("dense(3, units = 4)") ==
        "3:22: error: argument 'units' is given twice\n3:19: note: first given here\n");
  CHECK(maker_mistakes("dense(units = 3, units = 4)") ==
        "3:30: error: argument 'units' is given twice\n3:19: note: first given here\n");
  CHECK(maker_mistakes("dense(units = 3, relu)") ==
        "3:30: error: an argument without a name stands after one with a name; put it first, or "
        "name it too\n");
  const std::string choices =
      "'activation' must be one of none, linear, relu, tanh, sigmoid, hard_sigmoid, softmax, "
      "exponential, and this is ";
  CHECK(maker_mistakes("dense(3, tahn)") ==
        "3:22: error: " + choices + "the name 'tahn'; did you mean 'tanh'?\n");
  CHECK(maker_mistakes("dense(3, 4)") == "3:22: error: " + choices + "the number 4\n");
  CHECK(maker_mistakes("dense(relu)") == "3:19: error: 'relu' is a function; call it: relu(x)\n");
  CHECK(
      maker_mistakes("dense(-3)") ==
      "3:19: error: 'units' must be an integer from 1 to 2147483647, and this is the number -3\n");
  CHECK(maker_mistakes("dense(x)") ==
        "3:19: error: 'units' must be an integer from 1 to 2147483647, and this is real[4]\n"
        "2:9: note: input 'x' is real[4]\n");
  CHECK(maker_mistakes("desne(3)") ==
        "3:13: error: unknown layer kind 'desne'; did you mean 'dense'?\n");
  CHECK(maker_mistakes("tanh(3)") == "3:13: error: unknown layer kind 'tanh'\n");
}

TEST_CASE("What layers do not take") {
  CHECK(
      headlines_of("  input c: index(57)\n  layer d = dense(3)\n  output d(c)") ==
      "4:12: error: layer 'd' takes real values, and this is index(57); apply an embedding to it\n"
      "2:9: note: input 'c' is index(57)\n");
  CHECK(headlines_of("  input x: real[4]\n  output x |> embedding(57, 4)") ==
        "3:10: error: layer 'embedding' looks up an index, and this is real[4]\n"
        "2:9: note: input 'x' is real[4]\n");
  CHECK(headlines_of("  input x: real[4]\n  layer d = dense(3)\n  output d(2) + x") ==
        "4:12: error: layer 'd' takes a value, and this is the number 2\n");
  CHECK(headlines_of("  input c: index(58)\n  layer e = embedding(57, 4)\n  output e(c)") ==
        "4:12: error: layer 'e' has 57 rows, fewer than the 58 values of index(58)\n"
        "2:9: note: input 'c' is index(58)\n"
        "3:9: note: layer 'e' gets its 57 rows here\n");
  CHECK(
      headlines_of(
          "  input x: real[2147483647]\n  layer d = dense(2)\n  y = d(x)\n  output d(x)") ==
      "4:7: error: weight 'd.kernel' would be too large: [2147483647, 2] has more than 2147483648 "
      "elements\n"
      "3:9: note: layer 'd' is made here\n");
  CHECK(headlines_of("  input x: real[65536, 4]\n  output x |> dense(65536)") ==
        "3:15: error: the result of layer 'dense' would be too large: [65536, 65536] has more than "
        "2147483648 elements\n");
}

TEST_CASE("An embedding may have more rows than the index has values") {
  graph_of("model M() {\n  input c: index(50)\n  output c |> embedding(57, 4)\n}\n");
}

TEST_CASE("How layers are applied") {
  const std::string head = "  input x: real[4]\n  layer d = dense(3)\n  output ";
  const std::string here = "\n3:9: note: layer 'd' is defined here\n";
  CHECK(headlines_of(head + "d + x") ==
        "4:10: error: 'd' is a layer, not a value; apply it to one: d(...)" + here);
  CHECK(headlines_of(head + "d(x, x)") ==
        "4:10: error: layer 'd' is applied to one value, and here to 2: write d(x)" + here);
  CHECK(headlines_of(head + "d()") ==
        "4:10: error: layer 'd' is applied to one value, and here to 0: write d(x)" + here);
  CHECK(headlines_of(head + "d(x = x)") ==
        "4:12: error: 'd' takes no argument by name; write the value without 'x ='\n");
  CHECK(headlines_of(head + "x |> d(3)") ==
        "4:15: error: layer 'd' has its arguments already; write '|> d'" + here);
  CHECK(headlines_of(head + "dense(4)") ==
        "4:10: error: 'dense(...)' makes a layer, not a value; write 'layer NAME = dense(...)' and "
        "apply it with NAME(x), or write 'x |> dense(...)'\n");
  CHECK(headlines_of(head + "dense + d(x)") ==
        "4:10: error: 'dense' is a kind of layer; make one first: layer NAME = dense(units, "
        "activation = none)\n");
}

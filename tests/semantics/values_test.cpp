// Operators and functions: what they do not take.

#include <catch2/catch.hpp>

#include "tests/semantics/support.hpp"

using namespace coil;
using namespace coil::testing;

namespace coil::test::values_test {
namespace {

// Mistakes in `  output ` and the expression, line 5.
std::string mistakes_in(const std::string& expression) {
  return headlines_of("  input x: real[4]\n  input y: real[5]\n  input c: index(57)\n  output " +
                      expression);
}

const std::string note_x = "2:9: note: input 'x' is real[4]\n";
const std::string note_y = "3:9: note: input 'y' is real[5]\n";
const std::string note_c = "4:9: note: input 'c' is index(57)\n";

}  // namespace

TEST_CASE("Shapes that do not fit are shown with their origins") {
  CHECK(mistakes_in("x + y") ==
        "5:12: error: '+' needs shapes that fit: the left side is real[4] and the right side "
        "real[5]\n" +
            note_x + note_y);
  CHECK(mistakes_in("x - x - y") ==
        "5:16: error: '-' needs shapes that fit: the left side is real[4] and the right side "
        "real[5]\n"
        "5:10: note: this is real[4]\n" +
            note_y);
  CHECK(mistakes_in("x + ones(2, 4)") ==
        "5:12: error: '+' needs as many dimensions on both sides: the left side is real[4] and the "
        "right side real[2, 4]\n" +
            note_x + "5:14: note: this is real[2, 4]\n");
  CHECK(
      mistakes_in("zeros(65536, 1) * zeros(1, 65536)") ==
      "5:26: error: the result of '*' would be too large: [65536, 65536] has more than 2147483648 "
      "elements\n"
      "5:10: note: this is real[65536, 1]\n"
      "5:28: note: this is real[1, 65536]\n");
}

TEST_CASE("A shape of a variable comes from where it was last given") {
  CHECK(headlines_of("  input x: real[4]\n  h = x\n  h = zeros(5)\n  output h * x") ==
        "5:12: error: '*' needs shapes that fit: the left side is real[5] and the right side "
        "real[4]\n"
        "4:3: note: 'h' is real[5], defined here\n"
        "2:9: note: input 'x' is real[4]\n");
}

TEST_CASE("Shapes stretch over dimensions of one") {
  const Graph graph =
      graph_of("model M() {\n  input x: real[3, 1]\n  input y: real[1, 4]\n  output x * y\n}\n");
  CHECK(to_string(graph.type(graph.outputs[0].value)) == "real[batch, 3, 4]");
}

TEST_CASE("'@' wants a matrix on its right") {
  CHECK(mistakes_in("x @ x") ==
        "5:12: error: the right side of '@' must be a weight matrix, and this is real[4], which "
        "differs from one row of the batch to the next; '*' multiplies element by element\n" +
            note_x);
  CHECK(mistakes_in("2 @ 3") == "5:12: error: '@' multiplies values, and these are numbers\n");
}

TEST_CASE("Indices are no numbers to reckon with") {
  CHECK(mistakes_in("x + c") ==
        "5:14: error: '+' takes real values, and this is index(57); apply an embedding to it\n" +
            note_c);
  CHECK(mistakes_in("-c") ==
        "5:11: error: '-' takes real values, and this is index(57); apply an embedding to it\n" +
            note_c);
  CHECK(mistakes_in("tanh(c)") ==
        "5:15: error: 'tanh' takes real values, and this is index(57); apply an embedding to it\n" +
            note_c);
}

TEST_CASE("Numbers in values") {
  CHECK(mistakes_in("x / 0") == "5:12: error: a division by zero\n");
  CHECK(mistakes_in("x / (2 - 2.0)") == "5:12: error: a division by zero\n");
  CHECK(mistakes_in("x * 1e39") ==
        "5:14: error: 1e+39 is past the largest real that a value can hold, 3.4e38\n");
  CHECK(mistakes_in("x * (1 / 3)") ==
        "5:17: error: 1 / 3 is not a whole number; write 1.0 / 3 for a real\n");
}

TEST_CASE("What functions do not take") {
  CHECK(mistakes_in("tanh(x, y)") == "5:10: error: 'tanh' does not take 2 arguments: tanh(x)\n");
  CHECK(mistakes_in("tanh()") == "5:10: error: 'tanh' does not take 0 arguments: tanh(x)\n");
  CHECK(mistakes_in("x |> tanh(y)") == "5:15: error: 'tanh' does not take 2 arguments: tanh(x)\n");
  CHECK(mistakes_in("zeros()") ==
        "5:10: error: 'zeros' does not take 0 arguments: zeros(size, ...)\n");
  CHECK(mistakes_in("exp(x = x)") ==
        "5:14: error: 'exp' takes no argument by name; write the value without 'x ='\n");
  CHECK(
      mistakes_in("softmax(1)") ==
      "5:18: error: 'softmax' works along the last dimension, and this is the number 1, which has "
      "none\n");
  CHECK(mistakes_in("zeros(x)") ==
        "5:16: error: a size must be an integer from 1 to 2147483647, and this is real[4]\n" +
            note_x);
  CHECK(
      mistakes_in("zeros(0, 2.5)") ==
      "5:16: error: a size must be an integer from 1 to 2147483647, and this is the number 0\n"
      "5:19: error: a size must be an integer from 1 to 2147483647, and this is the number 2.5\n");
  CHECK(mistakes_in("ones(65536, 65536)") ==
        "5:10: error: the value would be too large: [65536, 65536] has more than 2147483648 "
        "elements\n");
  CHECK(mistakes_in("tanh + x") == "5:10: error: 'tanh' is a function; call it: tanh(x)\n");
}

TEST_CASE("What an output cannot be") {
  const std::string head =
      "5:10: error: an output must be a real value computed from the inputs, and this is ";
  CHECK(mistakes_in("3") == head + "the number 3\n");
  CHECK(mistakes_in("exp(3)") == head + "the same for all inputs\n");
  CHECK(mistakes_in("c") == head + "index(57)\n");
}

}  // namespace coil::test::values_test

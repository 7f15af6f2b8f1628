#include <catch2/catch.hpp>

#include "compiler/semantics/elaborate.hpp"
#include "compiler/source/diagnostic.hpp"
#include "compiler/syntax/parse.hpp"

#include "tests/semantics/support.hpp"

using namespace coil;
using namespace coil::testing;

namespace {

std::vector<EffectiveParameter> parameters_of(const std::string& list,
                                              const std::vector<Definition>& definitions = {}) {
  const SourceFile file("m.model", "model M(" + list + ") {\n  input x: real[4]\n  output x\n}\n");
  Diagnostics diagnostics(file);
  const ast::File parsed = parse(file, diagnostics);
  auto parameters = effective_parameters(parsed, "", definitions, diagnostics);
  CHECK(diagnostics.render() == "");
  return parameters;
}

// The headlines for `model M(list) {...}`.
std::string mistakes_in(const std::string& list) {
  return headlines(messages_of("model M(" + list + ") {\n  input x: real[4]\n  output x\n}\n"));
}

std::string refused(const std::string& list, const std::vector<Definition>& definitions) {
  return usage_error("model M(" + list + ") {\n  input x: real[4]\n  output x\n}\n", definitions);
}

using Effective = std::vector<EffectiveParameter>;

std::int64_t integer(std::int64_t value) { return value; }

}  // namespace

TEST_CASE("Parameters may use those before them") {
  const Effective expected = {
      {"hidden", integer(8)},       {"gates", integer(32)},        {"rate", 0.5},
      {"act", std::string("relu")}, {"same", std::string("relu")}, {"third", integer(-3)}};
  CHECK(parameters_of("hidden = 8, gates = 4 * hidden, rate = 2.0 / 4, act = relu, same = act, "
                      "third = -(hidden + 1) / 3") == expected);
}

TEST_CASE("A definition changes what depends on the parameter") {
  const Effective expected = {{"vocab", integer(60)}, {"outputs", integer(60)}};
  CHECK(parameters_of("vocab = 57, outputs = vocab", {{"vocab", "60"}}) == expected);
  const Effective apart = {{"vocab", integer(57)}, {"outputs", integer(56)}};
  CHECK(parameters_of("vocab = 57, outputs = vocab", {{"outputs", "56"}}) == apart);
}

TEST_CASE("Definitions are read as what the default is") {
  const Effective expected = {{"n", integer(-4)}, {"rate", 3.0}, {"act", std::string("tanh")}};
  CHECK(parameters_of("n = 1, rate = 0.5, act = relu",
                      {{"act", "tanh"}, {"n", "-4"}, {"rate", "3"}}) == expected);
}

TEST_CASE("Parameters are shown as the language writes them") {
  CHECK(to_string(ParameterValue(integer(4))) == "4");
  CHECK(to_string(ParameterValue(4.0)) == "4.0");
  CHECK(to_string(ParameterValue(std::string("relu"))) == "relu");
}

TEST_CASE("A definition that does not fit is a usage error") {
  const std::string list = "hidden = 8, rate = 0.5, act = relu";
  CHECK(refused(list, {{"hiden", "9"}}) ==
        "model 'M' has no parameter 'hiden' (it has hidden, rate, act); did you mean 'hidden'?");
  CHECK(refused("", {{"hidden", "9"}}) == "model 'M' has no parameter 'hidden' (it has none)");
  for (const std::string value : {"9.5", "", "nine", "9 ", "+9", "0x9", "9223372036854775808"}) {
    CHECK(refused(list, {{"hidden", value}}) == "-D hidden=" + value +
                                                    ": parameter 'hidden' is an integer (of 64 "
                                                    "bits), and '" +
                                                    value + "' is not");
  }
  for (const std::string value : {"fast", "", "inf", "nan", "1e999", "0.5x"}) {
    CHECK(refused(list, {{"rate", value}}) ==
          "-D rate=" + value + ": parameter 'rate' is a real, and '" + value + "' is not");
  }
  CHECK(refused(list, {{"act", "rellu"}}) ==
        "-D act=rellu: parameter 'act' is a name, and 'rellu' is none of none, linear, relu, tanh, "
        "sigmoid, hard_sigmoid, softmax, exponential; did you mean 'relu'?");
  CHECK(refused(list, {{"hidden", "9"}, {"hidden", "9"}}) ==
        "parameter 'hidden' is set twice, -D hidden=9 and -D hidden=9");
  CHECK(refused(list, {{"hidden", "\x1b[2J"}}).find('\x1b') == std::string::npos);
}

TEST_CASE("Mistakes in defaults") {
  CHECK(mistakes_in("a = 9223372036854775807, b = a + 1, c = b * 2") ==
        "1:40: error: 9223372036854775807 + 1 does not fit in an integer of 64 bits\n");
  CHECK(mistakes_in("a = 7 / 2") ==
        "1:15: error: 7 / 2 is not a whole number; write 7.0 / 2 for a real\n");
  CHECK(mistakes_in("a = 99999999999999999999") ==
        "1:13: error: the number is past the largest integer, 9223372036854775807\n");
  CHECK(mistakes_in("a = rellu") == "1:13: error: unknown name 'rellu'; did you mean 'relu'?\n");
  CHECK(mistakes_in("a = -relu") == "1:14: error: 'relu' is a function; call it: relu(x)\n");
  CHECK(mistakes_in("a = b, b = 3") ==
        "1:13: error: unknown name 'b'\n"
        "1:16: note: 'b' is defined here, further down; move it before its use\n");
  CHECK(mistakes_in("a = a") ==
        "1:13: error: unknown name 'a'\n"
        "1:9: note: 'a' gets its first value here and has none before\n");
  CHECK(mistakes_in("a = 1, a = 2") ==
        "1:16: error: parameter 'a' is defined twice\n1:9: note: first defined here\n");
  CHECK(mistakes_in("a = zeros(3)") ==
        "1:13: error: a parameter must be a number or a name, and this is real[3]\n");
  CHECK(mistakes_in("act = relu, a = act + 1") ==
        "1:25: error: '+' takes values, and this is the name 'relu'\n"
        "1:9: note: parameter 'act' is the name 'relu'\n");
}

TEST_CASE("Sizes are integers from 1 to 2^31 - 1, checked before anything is made") {
  const std::string text = "model M(n = 4.0, act = relu) {\n  input y: real[2]\n";
  const auto size_error = [&](const std::string& given) {
    return headlines(messages_of(text + "input x:real[" + given + "]\n  output x + y\n}\n"));
  };
  const std::string head =
      "3:14: error: a size must be an integer from 1 to 2147483647, and this is ";
  CHECK(size_error("0") == head + "the number 0\n");
  CHECK(size_error("-1") == head + "the number -1\n");
  CHECK(size_error("2147483648") == head + "the number 2147483648\n");
  CHECK(size_error("2.5") == head + "the number 2.5\n");
  CHECK(size_error("n") == head + "the number 4.0\n1:9: note: parameter 'n' is the number 4.0\n");
  CHECK(size_error("act") ==
        head + "the name 'relu'\n1:18: note: parameter 'act' is the name 'relu'\n");
  CHECK(size_error("y") == head + "real[2]\n2:9: note: input 'y' is real[2]\n");
  CHECK(size_error("65536, 65536") ==
        "3:9: error: the input would be too large: [65536, 65536] has more than 2147483648 "
        "elements\n");
  CHECK(size_error("1, 1, 1, 1, 1, 1, 1, 1") ==
        "3:9: error: the input would be too large: 8 dimensions are more than 7\n");
}

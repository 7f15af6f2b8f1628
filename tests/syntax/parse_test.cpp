#include "compiler/syntax/parse.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

namespace coil::test::parse_test {
namespace {

// The tree of `text`, which must be without a mistake.
std::string tree(const std::string& text) {
  const coil::SourceFile file("f.model", text);
  coil::Diagnostics diagnostics(file);
  const coil::ast::File ast = coil::parse(file, diagnostics);
  CHECK(diagnostics.render() == "");
  return coil::print_ast(ast, file);
}

coil::ast::File parsed(const std::string& text) {
  const coil::SourceFile file("f.model", text);
  coil::Diagnostics diagnostics(file);
  coil::ast::File ast = coil::parse(file, diagnostics);
  CHECK(diagnostics.render() == "");
  return ast;
}

// The expression of `output ...`, as a tree without places, in brackets: (+ a (* b c)).
std::string shape(const coil::ast::Expression& expression);

struct Shape {
  std::string operator()(const coil::ast::IntegerLiteral& node) const { return node.digits; }
  std::string operator()(const coil::ast::RealLiteral& node) const {
    return std::to_string(node.value);
  }
  std::string operator()(const coil::ast::NameReference& node) const { return node.name; }
  std::string operator()(const coil::ast::Unary& node) const {
    return fmt::format("(neg {})", shape(*node.operand));
  }
  std::string operator()(const coil::ast::Chain& node) const {
    std::string out = fmt::format("[{}", shape(*node.first));
    for (const auto& term : node.rest) {
      out += fmt::format(" {} {}", "+-*/@"[static_cast<int>(term.op)], shape(*term.operand));
    }
    return out + "]";
  }
  std::string operator()(const coil::ast::Call& node) const {
    return node.callee.name + list(node.arguments);
  }
  std::string operator()(const coil::ast::Pipeline& node) const {
    std::string out = fmt::format("{{{}", shape(*node.source));
    for (const auto& stage : node.stages) {
      out += " |> " + stage.callee.name + (stage.has_arguments ? list(stage.arguments) : "");
    }
    return out + "}";
  }
  std::string operator()(const coil::ast::Indexed& node) const {
    std::string out = shape(*node.base);
    for (const auto& subscript : node.subscripts) {
      out += &subscript == node.subscripts.data() ? '<' : ' ';
      if (subscript.begin) out += shape(*subscript.begin);
      if (subscript.is_range) out += ':';
      if (subscript.end) out += shape(*subscript.end);
    }
    return out + ">";
  }
  static std::string list(const std::vector<coil::ast::Argument>& arguments) {
    std::string out = "(";
    for (const auto& argument : arguments) {
      if (&argument != arguments.data()) out += ", ";
      if (argument.name) out += argument.name->name + ": ";
      out += shape(*argument.value);
    }
    return out + ")";
  }
};

std::string shape(const coil::ast::Expression& expression) {
  return std::visit(Shape(), expression.node);
}

std::string shape_of(const std::string& expression) {
  const coil::ast::File file = parsed("model A { output " + expression + " }");
  const auto& model = std::get<coil::ast::Model>(file.declarations.at(0));
  REQUIRE(model.statements.size() == 1);
  return shape(*std::get<coil::ast::OutputStatement>(model.statements[0].node).value);
}

}  // namespace

TEST_CASE("a whole model as a tree") {
  CHECK(tree(R"(# Three characters in
model Char3(vocab = 57, rate = 0.5) { # and more
  input c1, c2: index(vocab)
  input x: real[4 * 3, (vocab)]

  layer embed = embedding(vocab, 42)
  h = mix(-(h + 2) * embed(c1, rate = 1e-3)) @ (3)
  output (h) |> dense(vocab, softmax) |> last |> drop()
}
model B { }
)") == R"(model Char3  2:1
  parameter vocab  2:13
    integer 57  2:21
  parameter rate  2:25
    real 0.5  2:32
  input  3:3
    name c1  3:9
    name c2  3:13
    index  3:17
      name vocab  3:23
  input  4:3
    name x  4:9
    real  4:12
      chain  4:17
        integer 4  4:17
        *  4:19
          integer 3  4:21
      name vocab  4:25
  layer embed  6:3
    call embedding  6:17
      name vocab  6:27
      integer 42  6:34
  assign h  7:3
    chain  7:7
      call mix  7:7
        chain  7:11
          negate  7:11
            chain  7:13
              name h  7:13
              +  7:15
                integer 2  7:17
          *  7:20
            call embed  7:22
              name c1  7:28
              argument rate  7:32
                real 0.001  7:39
      @  7:46
        integer 3  7:49
  output  8:3
    pipeline  8:10
      name h  8:11
      stage dense()  8:17
        name vocab  8:23
        name softmax  8:30
      stage last  8:42
      stage drop()  8:50
model B  10:1
)");
}

TEST_CASE("operators bind as in arithmetic, and those of one level stand in a row") {
  CHECK(shape_of("a") == "a");
  CHECK(shape_of("(a)") == "a");
  CHECK(shape_of("((a))") == "a");
  CHECK(shape_of("a + b - c") == "[a + b - c]");
  CHECK(shape_of("a * b / c @ d") == "[a * b / c @ d]");
  CHECK(shape_of("a + b * c - d") == "[a + [b * c] - d]");
  CHECK(shape_of("a * b + c * d") == "[[a * b] + [c * d]]");
  CHECK(shape_of("-a * b") == "[(neg a) * b]");
  CHECK(shape_of("a * -b") == "[a * (neg b)]");
  CHECK(shape_of("a - -b") == "[a - (neg b)]");
  CHECK(shape_of("a-b") == "[a - b]");
  CHECK(shape_of("--a") == "(neg (neg a))");
  CHECK(shape_of("-f(a)") == "(neg f(a))");
}

TEST_CASE("a bracket keeps what it holds apart") {
  CHECK(shape_of("(a + b) + c") == "[[a + b] + c]");
  CHECK(shape_of("a + (b + c)") == "[a + [b + c]]");
  CHECK(shape_of("(a + b) * c") == "[[a + b] * c]");
  CHECK(shape_of("(a |> f) |> g") == "{{a |> f} |> g}");
  CHECK(shape_of("((a + b)) - c") == "[[a + b] - c]");
  CHECK(shape_of("-(a + b)") == "(neg [a + b])");
}

TEST_CASE("a pipeline binds weakest") {
  CHECK(shape_of("a + b |> f") == "{[a + b] |> f}");
  CHECK(shape_of("a |> f |> g(1, b = 2) |> h()") == "{a |> f |> g(1, b: 2) |> h()}");
  CHECK(shape_of("f(a |> g)") == "f({a |> g})");
  CHECK(shape_of("a + (b |> f)") == "[a + {b |> f}]");
}

TEST_CASE("calls take arguments by place and by name") {
  CHECK(shape_of("f()") == "f()");
  CHECK(shape_of("f(a)") == "f(a)");
  CHECK(shape_of("f (a , b)") == "f(a, b)");
  CHECK(shape_of("f(a, b = c, d = -1)") == "f(a, b: c, d: (neg 1))");
  CHECK(shape_of("f(\n a = 1,\n b = 2\n)") == "f(a: 1, b: 2)");
  CHECK(shape_of("f(g(h(a)))") == "f(g(h(a)))");
}

TEST_CASE("numbers are kept as written where whole, and read where real") {
  CHECK(shape_of("57") == "57");
  CHECK(shape_of("007") == "007");
  CHECK(shape_of("123456789012345678901234567890") == "123456789012345678901234567890");
  CHECK(shape_of("0.5") == "0.500000");
  CHECK(shape_of("1e-3") == "0.001000");
  CHECK(shape_of("1.5e3") == "1500.000000");
  CHECK(shape_of("1E+2") == "100.000000");
  CHECK(shape_of("2-1") == "[2 - 1]");
  CHECK(shape_of("1e3-1") == "[1000.000000 - 1]");
}

TEST_CASE("words that only begin like a keyword are names") {
  CHECK(shape_of("format + inner + steps + outputs + model_1") ==
        "[format + inner + steps + outputs + model_1]");
  CHECK(shape_of("index(real, relu)") == "index(real, relu)");
}

TEST_CASE("line ends and comments are white space anywhere") {
  const std::string plain = tree("model A{input c:index(3)h=a+f(b)|>g output h}");
  const std::string spread = tree(
      "model # one\r\n A\r\n{ input c # two\n : index\n (3) h # three\n = a\n\n + f # |> x\n (b)\n"
      "|> g\toutput\r\nh #}\n}#end");
  const auto without_places = [](const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      out += text.substr(at, text.rfind("  ", end) - at) + "\n";
      at = end + 1;
    }
    return out;
  };
  CHECK(without_places(plain) == without_places(spread));
  CHECK(plain != spread);
}

TEST_CASE("subscripts stand in one bracket, behind what has a value") {
  CHECK(shape_of("x[t]") == "x<t>");
  CHECK(shape_of("x[t - 1, 0]") == "x<[t - 1] 0>");
  CHECK(shape_of("x[0:n, :, a:, :b + 1]") == "x<0:n : a: :[b + 1]>");
  CHECK(shape_of("f(x)[0]") == "f(x)<0>");
  CHECK(shape_of("(a + b)[0:3]") == "[a + b]<0:3>");
  CHECK(shape_of("x [ y[0] ]") == "x<y<0>>");
  CHECK(shape_of("-x[0] * y[1]") == "[(neg x<0>) * y<1>]");
  CHECK(shape_of("x[0] |> f") == "{x<0> |> f}");
  CHECK(shape_of("f(x[0], units = y[1:])") == "f(x<0>, units: y<1:>)");
}

TEST_CASE("a range is two dots, whatever numbers stand around it") {
  const auto range_of = [](const std::string& range) {
    const coil::ast::File file = parsed("model A { for t in " + range + " { } }");
    const auto& model = std::get<coil::ast::Model>(file.declarations.at(0));
    const auto& loop = std::get<coil::ast::ForStatement>(model.statements.at(0).node);
    return shape(*loop.begin) + " to " + shape(*loop.end);
  };
  CHECK(range_of("0..steps") == "0 to steps");
  CHECK(range_of("0..3") == "0 to 3");
  CHECK(range_of("1 .. n + 1") == "1 to [n + 1]");
  CHECK(range_of("0.5..1.5") == "0.500000 to 1.500000");
  CHECK(range_of("a-1..b*2") == "[a - 1] to [b * 2]");
  CHECK(range_of("-1..-x[0]") == "(neg 1) to (neg x<0>)");
}

TEST_CASE("a name that starts a line and an assignment is the next statement") {
  const coil::ast::File file = parsed(
      "model A {\n x = a\n y[0] = b\n i, f = c\n z[t], g = d\n h = e\n x = f(a,\n b, c = 3)\n}");
  CHECK(std::get<coil::ast::Model>(file.declarations.at(0)).statements.size() == 6);
}

TEST_CASE("a mistake costs its statement and no other") {
  const coil::SourceFile file("f.model", "model A {\n  a = 1\n  b = +\n  c = 3\n}\nmodel B {\n}\n");
  coil::Diagnostics diagnostics(file);
  const coil::ast::File ast = coil::parse(file, diagnostics);
  CHECK(diagnostics.all().size() == 1);
  CHECK(coil::print_ast(ast, file) ==
        "model A  1:1\n  assign a  2:3\n    integer 1  2:7\n"
        "  assign c  4:3\n    integer 3  4:7\nmodel B  6:1\n");
}

}  // namespace coil::test::parse_test

#include "compiler/syntax/format.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "compiler/syntax/format_tokens.hpp"
#include "compiler/syntax/parse.hpp"

#include "tests/support/cases.hpp"
#include "tests/syntax/any_model.hpp"

namespace {

// `text` must be without mistakes.
std::string formatted(const std::string& text) {
  const coil::SourceFile file("f.model", text);
  coil::Diagnostics diagnostics(file);
  const auto result = coil::format(file, diagnostics);
  INFO(diagnostics.render());
  REQUIRE(result.has_value());
  return *result;
}

// The statements as they stand in a formatted model, their indent taken away.
std::string formatted_in(const std::string& statements) {
  const std::string whole = formatted("model A { " + statements + " }");
  const std::string begin = "model A {\n";
  REQUIRE(whole.starts_with(begin));
  REQUIRE(whole.ends_with("}\n"));
  std::string out;
  for (std::size_t at = begin.size(); at + 2 < whole.size();) {
    const std::size_t end = whole.find('\n', at);
    const std::string line = whole.substr(at, end - at);
    CHECK((line.empty() || line.starts_with("  ")));
    out += (line.empty() ? "" : line.substr(2)) + "\n";
    at = end + 1;
  }
  return out;
}

std::string tree_without_places(const std::string& text) {
  const coil::SourceFile file("f.model", text);
  coil::Diagnostics diagnostics(file);
  const std::string tree = coil::print_ast(coil::parse(file, diagnostics), file);
  std::string out = diagnostics.render();
  for (std::size_t at = 0; at < tree.size();) {
    const std::size_t end = tree.find('\n', at);
    out += tree.substr(at, tree.rfind("  ", end) - at) + "\n";
    at = end + 1;
  }
  return out;
}

// Every token and every comment, in order.
std::string content(const std::string& text) {
  std::string out;
  for (const coil::FormatToken& token : coil::read_format_tokens(text)) {
    for (const coil::Comment& comment : token.comments) out += std::string(comment.text) + "\n";
    out += std::string(token.token.text) + "\n";
  }
  return out;
}

void assert_canonical(const std::string& text) {
  const std::string once = formatted(text);
  RC_ASSERT(formatted(once) == once);
  RC_ASSERT(tree_without_places(once) == tree_without_places(text));
  RC_ASSERT(content(once) == content(text));
  RC_ASSERT(once.find(" \n") == std::string::npos);
  RC_ASSERT(once.find("\n\n\n") == std::string::npos);
  RC_ASSERT(once.find('\r') == std::string::npos);
  RC_ASSERT(once.ends_with("\n"));
}

}  // namespace

TEST_CASE("any model is formatted once and for all, and says the same") {
  CHECK(rc::check("format", [] { assert_canonical(*any_model()); }));
}

TEST_CASE("the layout does not depend on the line ends and blanks that were there") {
  CHECK(rc::check("squeezed", [] {
    const std::string text = *any_model();
    std::string squeezed;
    for (const coil::FormatToken& token : coil::read_format_tokens(text)) {
      squeezed += std::string(token.token.text) + ' ';
    }
    std::string spread = squeezed;
    std::replace(spread.begin(), spread.end(), ' ', '\n');
    const auto path = spread.find("\"a/b\n");
    if (path != std::string::npos) spread[path + 4] = ' ';
    const auto without_blank_lines = [](std::string lines) {
      for (std::size_t at = 0; (at = lines.find("\n\n", at)) != std::string::npos;)
        lines.erase(at, 1);
      return lines;
    };
    RC_ASSERT(without_blank_lines(formatted(squeezed)) == without_blank_lines(formatted(spread)));
  }));
}

TEST_CASE("a formatted file stays as it is") {
  const std::string text = R"(# A cell, and who uses it.
#
# Two paragraphs.

import A, B from "a.model"  # from elsewhere
import C from "c.model"

# The model.
model HandLSTM(vocab = 57, steps = 8, hidden = 512, kind = fast) {
  input c[steps], d: index(vocab)

  layer embed  = embedding(vocab, 42)
  layer decode = dense(vocab, softmax, rate = 1e-3)
  weight W: real[42, 4 * hidden] = glorot_uniform
  weight bias: real[4 * hidden]  = lstm_bias  # ones on the forget gate
  weight U: real[hidden, 3]      = uniform(-0.05, 0.05)
  state h: real[hidden]  # outlives the call
  state s: real[hidden]

  # All steps.
  for t in 0..steps - 1 {
    # first
    i, f, g, o = split(embed(c[t]) @ W + -h @ U[0:3, :] + bias, 4)
    y[t] = (i - f) * g

    h = y[t]  # last
    # the end
  }
  if kind == fast {
    x = 1
  } else if slow {
    x = 2
  } else {
  }
  output y |> decode |> last
}

cell MinGRU(units) {
  step(x, y) {
    yield -x
  }
}
)";
  CHECK(formatted(text) == text);
}

TEST_CASE("spaces stand where they always stand") {
  CHECK(formatted_in("h=a+b*-c-(d@e)/f(g,units=4)") ==
        "h = a + b * -c - (d @ e) / f(g, units = 4)\n");
  CHECK(formatted_in("h = - - a - ( - b )") == "h = --a - (-b)\n");
  CHECK(formatted_in("y [ t ],z=x [ 0 : n+1 , : , a : ,-1]") ==
        "y[t], z = x[0:n + 1, :, a:, -1]\n");
  CHECK(formatted_in("for t in( 0 )..-n*2{}") == "for t in (0)..-n * 2 {\n}\n");
  CHECK(formatted_in("if a==b{}else{}output(a)|>f ( )") ==
        "if a == b {\n} else {\n}\noutput (a) |> f()\n");
  CHECK(formatted_in("input c[3 ] ,d :index ( 4 ) weight W : real [ 3,4 ]=zeros") ==
        "input c[3], d: index(4)\nweight W: real[3, 4] = zeros\n");
  CHECK(formatted("cell A ( b,c=1 ){step ( x,y ){yield x}}") ==
        "cell A(b, c = 1) {\n  step(x, y) {\n    yield x\n  }\n}\n");
}

TEST_CASE("neighbours are aligned, and only neighbours") {
  CHECK(formatted_in("layer a=b() layer long=c()\n\nlayer longer=d()") ==
        "layer a    = b()\nlayer long = c()\n\nlayer longer = d()\n");
  CHECK(formatted_in("layer a=b(x=1) weight long:real[n]=c weight w:real[3]=d h=1") ==
        "layer a = b(x = 1)\nweight long: real[n] = c\nweight w: real[3]    = d\nh = 1\n");
  CHECK(formatted_in("layer a=b()\n# c\nlayer long=d()") ==
        "layer a = b()\n# c\nlayer long = d()\n");
  CHECK(formatted_in("h=1# a\nhidden=2#b\ng=3\nk=4#c\n") ==
        "h = 1       # a\nhidden = 2  #b\ng = 3\nk = 4  #c\n");
  CHECK(formatted_in("if a{ # b\nh=1# c\n}# d\n") == "if a {  # b\n  h = 1  # c\n}  # d\n");
}

TEST_CASE("blank lines: one at most, none at the ends of a block, one between declarations") {
  CHECK(formatted("\n\nmodel A {\n\n\nh=1\n\n\n\ng=2\n\n}model B{}import C from \"c\"\n\n\n") ==
        "model A {\n  h = 1\n\n  g = 2\n}\n\nmodel B {\n}\n\nimport C from \"c\"\n");
  CHECK(formatted("import A from \"a\" import B from \"b\"\n\nimport C from \"c\" model M{}") ==
        "import A from \"a\"\nimport B from \"b\"\n\nimport C from \"c\"\n\nmodel M {\n}\n");
  CHECK(formatted("model A{} # a\n# b\nmodel B{}\n# end") ==
        "model A {\n}  # a\n\n# b\nmodel B {\n}\n# end\n");
  CHECK(formatted("model A{\n\n# a\n\n\n# b\n\n}") == "model A {\n  # a\n\n  # b\n}\n");
}

TEST_CASE("what is too long is broken at its weakest place") {
  const std::string a(40, 'a');
  const std::string b(40, 'b');
  const std::string c(40, 'c');
  CHECK(formatted_in("output " + a + "|>f(" + b + ")|>" + c + "(1, x=2)") ==
        "output " + a + "\n    |> f(" + b + ")\n    |> " + c + "(1, x = 2)\n");
  CHECK(formatted_in("h = " + a + "*" + b + "+" + c) ==
        "h = " + a + " * " + b + "\n    + " + c + "\n");
  CHECK(formatted_in("h = " + a + "*" + b + "@" + c + "/d") ==
        "h = " + a + " * " + b + "\n    @ " + c + " / d\n");
  CHECK(formatted_in("h = f(" + a + ", units = " + b + ", " + c + ")") ==
        "h = f(\n    " + a + ",\n    units = " + b + ",\n    " + c + "\n)\n");
  CHECK(formatted_in("h = f(g(" + a + ", " + b + ", " + c + "), 1)") ==
        "h = f(\n    g(\n        " + a + ",\n        " + b + ",\n        " + c +
            "\n    ),\n    1\n)\n");
  CHECK(formatted("model A(" + a + " = 1, " + b + " = 2, " + c + " = 3) {}") ==
        "model A(\n    " + a + " = 1,\n    " + b + " = 2,\n    " + c + " = 3\n) {\n}\n");
  CHECK(formatted_in("h = " + a + b + c) == "h = " + a + b + c + "\n");
}

TEST_CASE("a line of a hundred columns is not too long, one of a hundred and one is") {
  const auto lines_of = [](std::size_t width) {
    const std::string text = formatted_in("h = f(a, " + std::string(width - 12, 'b') + ")");
    return std::count(text.begin(), text.end(), '\n');
  };
  CHECK(lines_of(100) == 1);
  CHECK(lines_of(101) == 4);
}

TEST_CASE("comments inside a statement stay between their tokens") {
  CHECK(formatted_in("h = a + # why\n b") == "h = a\n    +  # why\n    b\n");
  CHECK(formatted_in("h = f(a, # first\n b # second\n)") ==
        "h = f(\n    a,  # first\n    b   # second\n)\n");
  CHECK(formatted_in("h = f(\n# own\na)") == "h = f(\n    # own\n    a\n)\n");
  CHECK(formatted_in("if a { } # b\n else { }") == "if a {\n}  # b\nelse {\n}\n");
  CHECK(formatted_in("if a { }\n # b\n else { }") == "if a {\n}\n# b\nelse {\n}\n");
  CHECK(formatted("model # a\n A # b\n { }") == "model  # a\n    A  # b\n    {\n}\n");
}

TEST_CASE("a file with mistakes is not formatted") {
  const coil::SourceFile file("f.model", "model A {\n  h =\n}\n");
  coil::Diagnostics diagnostics(file);
  CHECK_FALSE(coil::format(file, diagnostics).has_value());
  CHECK(diagnostics.all().size() == 1);
}

TEST_CASE("a wide file is formatted in linear time") {
  std::string text = "model A { x = a";
  for (int i = 0; i < coil::test::length(200000); ++i) text += " + f(a)";
  for (int i = 0; i < coil::test::length(100000); ++i) text += "\nlayer a = f(b) # c";
  text += "\noutput a";
  for (int i = 0; i < coil::test::length(100000); ++i) text += " |> f(a, b)";
  const std::string once = formatted(text + "}");
  CHECK(once.size() > text.size());
}

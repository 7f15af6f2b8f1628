// Input that no person would write: it must end soon, without a crash, and never without a word.

#include <catch2/catch.hpp>
#include <ctime>
#include <rapidcheck.h>

#include "compiler/syntax/parse.hpp"

#include "tests/support/cases.hpp"
#include "tests/syntax/mistakes.hpp"
#include "tests/syntax/places.hpp"

namespace coil::test::hostile_test {
namespace {

const std::string valid = R"(# a model
import A, B from "f.model"

model Char3(vocab = 57, hidden = 2 * 128) {
  input c1[steps], c2: index(vocab)
  input x: real[4, hidden]
  layer embed = embedding(vocab, 42)
  layer mix   = dense(hidden, tanh, rate = 1e-3)
  weight W: real[4, 4 * hidden] = uniform(0.05)
  state h, s: real[hidden]
  for t in 0..steps {
    i, f = split(c1[t] @ W[0:4, :], 2)     # once
    if kind == fast {
      y[t] = -mix(h + embed(c2)) @ (x / 2)
    } else if slow { } else {
      y[t] = h
    }
  }
  output y |> dense(vocab, softmax) |> last
}

cell B(units, rate = 3) {
  step(x) {
    yield x
  }
}
)";

std::string repeat(const std::string& text, int count) {
  std::string out;
  out.reserve(text.size() * static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

void assert_place(const coil::Diagnostic& diagnostic, const coil::SourceFile& file) {
  if (!diagnostic.where.is_somewhere()) return;
  RC_ASSERT(diagnostic.where.begin <= diagnostic.where.end);
  RC_ASSERT(diagnostic.where.end <= file.text().size());
}

// Either a tree whose places hold, or diagnostics whose places do.
void assert_answered(const std::string& text) {
  const coil::SourceFile file("f", text);
  coil::Diagnostics diagnostics(file);
  const coil::ast::File ast = coil::parse(file, diagnostics);
  coil::print_ast(ast, file);
  for (const coil::Diagnostic& diagnostic : diagnostics.all()) assert_place(diagnostic, file);
  if (diagnostics.has_errors()) {
    RC_ASSERT(!diagnostics.render().empty());
  } else {
    RC_ASSERT(!ast.declarations.empty());
    RC_ASSERT(misplaced(ast, file) == "");
  }
}

struct Edit {
  std::size_t at;
  std::size_t removed;
  std::string added;
};

rc::Gen<Edit> any_edit() {
  const auto piece = rc::gen::element<std::string>(
      "", "", "(", ")", "{", "}", "[", "]", "=", ",", ":", ";", "-", "+", "*", "|>", "|", "\n", " ",
      "#", "model ", "input ", "layer ", "output ", "for ", "cell ", "state ", "step ", "in ", "a",
      "if ", "else ", "yield ", "weight ", "import ", "from ", "\"", "==", "for t in 0..3 {",
      "if a {", "57", "1.", "e", "−", "é", "\xff", std::string(1, '\0'), "\r", "\f", "(((((((((((",
      "--------", "..");
  return rc::gen::build<Edit>(
      rc::gen::set(&Edit::at, rc::gen::inRange<std::size_t>(0, valid.size())),
      rc::gen::set(&Edit::removed, rc::gen::inRange<std::size_t>(0, 6)),
      rc::gen::set(&Edit::added, piece));
}

void showValue(const Edit& edit, std::ostream& out) {
  out << edit.at << " -" << edit.removed << " +'" << edit.added << "'";
}

struct Outcome {
  std::string shown;
  double seconds;
};

Outcome timed(const std::string& text) {
  const std::clock_t begin = std::clock();
  Outcome outcome{mistakes(text), 0};
  outcome.seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  return outcome;
}

// How many errors are shown.
int count_errors(const std::string& shown) {
  int count = 0;
  for (std::size_t at = 0; (at = shown.find(": error: ", at)) != std::string::npos; ++at) ++count;
  return count;
}

// Processor seconds; quadratic work takes hours, and minutes on the tenth of a text that sanitizers see.
constexpr double patience = length(30.0);

}  // namespace

TEST_CASE("random bytes are answered") {
  CHECK(rc::check("bytes", [](const std::string& text) { assert_answered(text); }));
}

TEST_CASE("random bytes inside a model are answered") {
  CHECK(rc::check("bytes in a model", [] {
    const auto byte =
        rc::gen::map(rc::gen::inRange(1, 128), [](int c) { return static_cast<char>(c); });
    assert_answered("model A {" + *rc::gen::container<std::string>(byte) + "}");
  }));
}

TEST_CASE("a model with random edits is answered") {
  CHECK(mistakes(valid).empty());
  CHECK(rc::check("edits", [] {
    std::string text = valid;
    for (const Edit& edit : *rc::gen::container<std::vector<Edit>>(any_edit())) {
      const std::size_t at = std::min(edit.at, text.size());
      text.replace(at, edit.removed, edit.added);
    }
    assert_answered(text);
  }));
}

TEST_CASE("a file cut anywhere is answered") {
  const std::size_t import_end = valid.find("\n\nmodel");
  const std::size_t model = valid.find("model Char3");
  const std::size_t model_end = valid.find("\n\ncell");
  const std::size_t cell = valid.find("cell B");
  for (std::size_t size = 0; size + 1 < valid.size(); ++size) {
    const std::string shown = mistakes(valid.substr(0, size));
    const bool is_whole =
        (size >= import_end && size <= model) || (size >= model_end && size <= cell);
    INFO(size);
    CHECK(shown.empty() == is_whole);
    CHECK(count_errors(shown) <= 2);
  }
}

TEST_CASE("a million levels are one mistake, found at once") {
  const int million = length(1000000);
  for (const std::string opener : {"(", "f(", "-", "-(", "−", "（", "f(a=", "1+("}) {
    const Outcome outcome = timed("model A { x = " + repeat(opener, million) + "a }");
    INFO(opener);
    CHECK(outcome.shown.find("this is nested more than 200 levels deep") != std::string::npos);
    CHECK(count_errors(outcome.shown) <= 20);
    CHECK(outcome.seconds < patience);
  }
  for (const std::string opener :
       {"for t in 0..2 {", "if a {", "if a { } else {", "x[", "y = x[0:"}) {
    const Outcome outcome = timed("model A { " + repeat(opener, million));
    INFO(opener);
    CHECK(outcome.shown.find("this is nested more than 200 levels deep") != std::string::npos);
    CHECK(count_errors(outcome.shown) == 1);
    CHECK(outcome.seconds < patience);
  }
  CHECK(count_errors(timed("model A { x = " + repeat("(", million) + "a }").shown) == 1);
  CHECK(count_errors(timed("model A { x = " + repeat("-", million) + "a }").shown) == 1);
}

// No brace tells of these levels: the parser itself counts them, or does not go down.
TEST_CASE("levels without a bracket are bounded too") {
  const int million = length(1000000);
  const Outcome chain = timed("model A { if a { }" + repeat(" else if a { }", million) + " }");
  CHECK(chain.shown.find("this is nested more than 200 levels deep") != std::string::npos);
  CHECK(count_errors(chain.shown) == 1);
  CHECK(timed("model A { if a { }" + repeat(" else if a { }", 150) + " }").shown == "");
  CHECK(timed("model A { x = a" + repeat("[0]", million) + " }").shown.size() < 500);
  for (const std::string line : {"for\n ", "if a\n ", "if a else\n", "for t in 0..2 {\nmodel = 3\n",
                                 "if a {\nimport = 3\n", "for t in 0..2 { cell\n"}) {
    const Outcome outcome = timed("model A {\n" + repeat(line, million / 4));
    INFO(line);
    CHECK(count_errors(outcome.shown) >= 1);
    CHECK(count_errors(outcome.shown) <= 20);
    CHECK(outcome.seconds < patience);
  }
  std::string stairs = "model A {\n";  // each header a column further in, none with its brace
  for (int i = 0; i < 2000; ++i) stairs += std::string(static_cast<std::size_t>(i), ' ') + "for\n";
  CHECK(count_errors(timed(stairs).shown) <= 20);
}

TEST_CASE("a million terms are no mistake, nor are many factors, stages or arguments") {
  CHECK(timed("model A { x = a" + repeat(" + a", length(1000000)) + " }").shown == "");
  for (const std::string separator : {" @ ", " |> ", " - (b) * "}) {
    const Outcome outcome =
        timed("model A { x = a" + repeat(separator + "a", length(200000)) + " }");
    INFO(separator);
    CHECK(outcome.shown == "");
    CHECK(outcome.seconds < patience);
  }
  CHECK(timed("model A { x = f(a" + repeat(", a", length(200000)) + ") }").shown == "");
}

TEST_CASE("many lines, right or wrong, take linear time") {
  const Outcome right =
      timed("model A {\n" + repeat("  h = mix(h + embed(c))\n", length(200000)) + "}");
  CHECK(right.shown == "");
  CHECK(right.seconds < patience);
  for (const std::string line : {"x =\n",
                                 "x = (\n",
                                 "x\n",
                                 ";\n",
                                 "}\n",
                                 "model A {",
                                 "{\n",
                                 "for\n",
                                 "x = \xc3\xa9\n",
                                 "f(a,\n",
                                 "= ",
                                 "a,\n",
                                 "a, ",
                                 "y[\n",
                                 "y[a ",
                                 "x = a +\ny[",
                                 "else {}\n",
                                 "if a {} else\n",
                                 "\"",
                                 "cell A {",
                                 "import A from \"f\"",
                                 "for t in 0..3 {}}\n",
                                 "y[for "}) {
    const Outcome wrong = timed("model A {\n" + repeat(line, length(1000000)));
    INFO(line);
    CHECK(count_errors(wrong.shown) >= 1);
    CHECK(count_errors(wrong.shown) <= 20);
    CHECK(wrong.seconds < patience);
  }
}

TEST_CASE("endless names, numbers, blanks and comments take linear time") {
  const int million = length(1000000);
  CHECK(timed("model A { x = " + repeat("a", 4 * million) + " }").seconds < patience);
  CHECK(timed("model A { " + repeat("a", 4 * million) + " b }").shown.size() < 500);
  CHECK(timed("model A { x = " + repeat("1", 4 * million) + "a }").shown.size() < 500);
  CHECK(timed("model A { x = 0." + repeat("1", 4 * million) + " }").shown == "");
  CHECK(timed("model A { x = ((a #" + repeat("(", 4 * million) + "\n)) }").shown == "");
  CHECK(timed("model A { x = a" + repeat("\n", 4 * million) + "+ b }").shown == "");
}

}  // namespace coil::test::hostile_test

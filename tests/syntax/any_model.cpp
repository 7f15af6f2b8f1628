#include "tests/syntax/any_model.hpp"

#include <vector>

namespace {

// A random file without mistakes. Between its tokens stands `blank()`: nothing, spaces, line ends, comments.
class Writer {
 public:
  explicit Writer(std::vector<int> choices) : choices_(std::move(choices)) {}

  std::string file() {
    if (choose(3) == 1) import();
    if (choose(2) == 1) cell();
    word("model"), put("A"), put("{");
    statements(4, {0, 1, 2, 3, 4, 5, 6, 7});
    put("}");
    if (choose(3) == 1) cell();
    return out_;
  }

 private:
  // Choices run out into zeros, which end every recursion.
  int choose(int count) { return next_ < choices_.size() ? choices_[next_++] % count : 0; }

  void put(const std::string& token) {
    static const std::vector<std::string> blanks{"",       "",           " ",   "\n",
                                                 "\r\n\t", " # x + (\n", "#\n", "\n\n  # y  \n\n"};
    out_ += token + blanks[static_cast<std::size_t>(choose(8))];
  }
  // A word, and what keeps it apart from the next.
  void word(const std::string& text) { put(text), out_ += ' '; }

  void names() {
    put("b");
    for (int i = choose(3); i > 0; --i) put(","), put("b1");
  }

  void import() {
    word("import"), names(), out_ += ' ';
    word("from"), put("\"a/b c.model\""), out_ += ' ';
  }

  void cell() {
    word("cell"), put("C"), put("(");
    for (int i = choose(3); i > 0; --i) {
      put("units");
      if (choose(2) == 1) put("="), expression(2);
      if (i > 1) put(",");
    }
    put(")"), put("{");
    statements(2, {2, 3, 4, 5, 6, 7});
    put("step"), put("("), names(), put(")"), put("{");
    statements(3, {5, 6, 7, 8});
    put("}"), put("}");
  }

  void statements(int depth, const std::vector<int>& kinds) {
    for (int i = choose(4); i > 0; --i) {
      statement(depth, kinds[static_cast<std::size_t>(choose(static_cast<int>(kinds.size())))],
                kinds);
      out_ += ' ';
    }
  }

  void statement(int depth, int kind, const std::vector<int>& kinds) {
    switch (kind) {
      case 0:
        word("output"), expression(4);
        break;
      case 1:
        return input();
      case 2:
        word("layer"), put("l"), put("="), put("dense"), arguments(2);
        break;
      case 3:
        word("weight"), put("w"), put(":"), type(), put("="), put("uniform");
        if (choose(2) == 1) arguments(2);
        break;
      case 4:
        word("state"), names(), put(":"), type();
        break;
      case 5:
        return assign();
      case 6:
        return loop(depth, kinds);
      case 7:
        return branch(depth, kinds);
      default:
        word("yield"), expression(2);
        break;
    }
  }

  void input() {
    word("input"), put("x");
    if (choose(2) == 1) put("["), expression(1), put("]");
    if (choose(2) == 1) put(","), put("y");
    put(":"), type();
  }

  void type() {
    if (choose(2) == 1) {
      put("index"), put("("), expression(1), put(")");
    } else {
      put("real"), put("["), expression(1);
      if (choose(2) == 1) put(","), expression(1);
      put("]");
    }
  }

  void assign() {
    for (int i = choose(3); i >= 0; --i) {
      put("y");
      if (choose(3) == 1) put("["), expression(1), put("]");
      if (i > 0) put(",");
    }
    put("="), expression(3);
  }

  void loop(int depth, const std::vector<int>& kinds) {
    word("for"), word("t"), word("in"), put("0"), put(".."), put(choose(2) == 1 ? "steps" : "3.5");
    put("{");
    std::vector<int> inner;
    for (const int kind : kinds) {
      if (kind >= 5 && kind < 8) inner.push_back(kind);
    }
    if (depth > 0) statements(depth - 1, inner);
    put("}");
  }

  void branch(int depth, const std::vector<int>& kinds) {
    word("if"), put("p");
    if (choose(2) == 1) put("=="), put("fast");
    put("{");
    if (depth > 0) statements(depth - 1, kinds);
    put("}");
    const int rest = depth > 0 ? choose(3) : 0;
    if (rest == 0) return;
    word("else");
    if (rest == 1) return branch(depth - 1, kinds);
    put("{"), statements(depth - 1, kinds), put("}");
  }

  void expression(int depth) {
    static const std::vector<std::string> operators{"+", "-", "*", "/", "@"};
    operand(depth);
    for (int i = choose(4); i > 0; --i) {
      put(operators[static_cast<std::size_t>(choose(5))]);
      operand(depth);
    }
    for (int i = choose(3); i > 0; --i) {
      put("|>"), put("stage");
      if (choose(2) == 1) arguments(depth);
    }
  }

  void subscripts(int depth) {
    put("[");
    for (int i = choose(3); i >= 0; --i) {
      const int kind = choose(5);
      if (kind == 0 || kind == 1 || kind == 4) expression(depth - 1);
      if (kind != 0) put(":");
      if (kind == 2 || kind == 4) expression(depth - 1);
      if (i > 0) put(",");
    }
    put("]");
  }

  void operand(int depth) {
    switch (depth == 0 ? choose(3) : choose(8)) {
      case 0:
        put("a1");
        break;
      case 1:
        put("57");
        break;
      case 2:
        put("1.5e-3");
        break;
      case 3:
        put("-"), operand(depth - 1);
        break;
      case 4:
        put("("), expression(depth - 1), put(")");
        if (choose(3) == 1) subscripts(depth);
        break;
      case 5:
        put("a1"), subscripts(depth);
        break;
      case 6:
        put("f"), arguments(depth), subscripts(depth);
        break;
      default:
        put("f"), arguments(depth);
        break;
    }
  }

  void arguments(int depth) {
    put("(");
    for (int i = depth == 0 ? 0 : choose(4); i > 0; --i) {
      if (choose(2) == 1) put("units"), put("=");
      expression(depth - 1);
      if (i > 1) put(",");
    }
    put(")");
  }

  std::vector<int> choices_;
  std::size_t next_ = 0;
  std::string out_;
};

}  // namespace

rc::Gen<std::string> any_model() {
  const auto choices = rc::gen::container<std::vector<int>>(500, rc::gen::inRange(0, 420));
  return rc::gen::map(choices,
                      [](std::vector<int> made) { return Writer(std::move(made)).file(); });
}

#include "tests/equivalence/random_cell.hpp"

#include <fmt/format.h>

namespace coil::test {
namespace {

// An expression, and as bits the memories of the step before that it needs.
struct Term {
  std::string text;
  unsigned needs = 0;
};

class Writer {
 public:
  explicit Writer(Rng& rng) : rng_(rng) {
    cell_.steps = rng.between(3, 6);
    cell_.in = rng.between(2, 3);
    cell_.units = rng.between(2, 4);
    cell_.carries = rng.between(1, 3);
    cell_.start = rng.pick<Start>({Start::zeros, Start::zeros, Start::given, Start::states});
    // A first value of the elements' size beside inputs of their own would be one of them.
    if (cell_.start == Start::given) cell_.carries = 1, cell_.units = cell_.in + 1;
    cell_.collects = rng.coin();
    cell_.has_layer_for_output = rng.coin();
    cell_.shown = rng.between(0, cell_.carries - 1);
    for (std::int64_t c = 0; c < cell_.carries; ++c)
      memories_.push_back({fmt::format("h{}", c), 1u << c});
  }

  RandomCell write() {
    for (std::int64_t i = rng_.between(0, 2); i > 0; --i) add_helper();
    std::vector<unsigned> needs;
    for (std::int64_t c = 0; c < cell_.carries; ++c) needs.push_back(add_update(c));
    cell_.is_recurrence = is_recurrence(needs);
    return cell_;
  }

 private:
  bool is_recurrence(std::vector<unsigned> needs) const {
    const auto count = static_cast<std::size_t>(cell_.carries);
    for (std::size_t via = 0; via < count; ++via)
      for (unsigned& need : needs)
        if (need >> via & 1) need |= needs[via];
    unsigned wanted = 1u << cell_.shown | needs[static_cast<std::size_t>(cell_.shown)];
    if (cell_.start == Start::states) wanted = ~0u;
    for (std::size_t c = 0; c < count; ++c)
      if ((wanted >> c & 1) && (needs[c] >> c & 1)) return true;
    return false;
  }

  void add_helper() {
    const std::string name = fmt::format("a{}", helpers_.size());
    if (rng_.chance(0.3)) {
      const Term sum = product_sum(2);
      cell_.lines.push_back(fmt::format("{}, {}_ = split({}, 2)", name, name, sum.text));
      helpers_.push_back({name, sum.needs});
      helpers_.push_back({name + "_", sum.needs});
      return;
    }
    const Term value = expression(2);
    cell_.lines.push_back(fmt::format("{} = {}", name, value.text));
    helpers_.push_back({name, value.needs});
  }

  unsigned add_update(std::int64_t c) {
    const Term value = update(memories_[static_cast<std::size_t>(c)]);
    cell_.lines.push_back(fmt::format("h{} = {}", c, value.text));
    memories_[static_cast<std::size_t>(c)].needs = value.needs;
    return value.needs;
  }

  // What stays bounded however often it is repeated.
  Term update(const Term& memory) {
    switch (rng_.between(0, 5)) {
      case 0: {  // a gate between what was and what comes
        const Term gate = activated("sigmoid", product_sum(1)),
                   next = activated(squash(), expression(2));
        const std::string g = fmt::format("g{}", gates_++);
        cell_.lines.push_back(fmt::format("{} = {}", g, gate.text));
        return {fmt::format("{0} * {1} + (1 - {0}) * {2}", g, memory.text, next.text),
                gate.needs | next.needs | memory.needs};
      }
      case 1: {  // what adds up
        const Term next = activated(squash(), expression(2));
        return {fmt::format("{} + {}", memory.text, next.text), memory.needs | next.needs};
      }
      case 2: {
        const Term sum = product_sum(1);
        const Term kept = product(memory);
        return {fmt::format("{}({} + {})", squash(), sum.text, kept.text), sum.needs | kept.needs};
      }
      case 3: {  // something of a layer
        const Term kept = product(memory), next = layer();
        return {fmt::format("{}({} + {})", squash(), next.text, kept.text),
                next.needs | kept.needs};
      }
      default: {
        const Term next = expression(3);
        return {fmt::format("{}({} - {})", squash(), next.text, memory.text),
                next.needs | memory.needs};
      }
    }
  }

  std::string squash() {
    return rng_.pick<std::string>({"tanh", "tanh", "sigmoid", "hard_sigmoid", "tanh"});
  }
  Term activated(const std::string& function, const Term& of) {
    return {fmt::format("{}({})", function, of.text), of.needs};
  }

  Term memory() { return rng_.pick(memories_); }

  // Of the size of the memories.
  Term expression(int depth) {
    if (depth == 0) return leaf();
    switch (rng_.between(0, 7)) {
      case 0:
      case 1: {
        const Term a = expression(depth - 1), b = expression(depth - 1);
        const char* op = rng_.pick<const char*>({"+", "-", "*"});
        return {fmt::format("({} {} {})", a.text, op, b.text), a.needs | b.needs};
      }
      case 2:
        return activated(rng_.pick<std::string>({"tanh", "sigmoid", "relu", "hard_sigmoid"}),
                         expression(depth - 1));
      case 3: {
        const Term a = expression(depth - 1);
        const std::vector<std::string> all = {fmt::format("(1 - {})", a.text),
                                              fmt::format("0.5 * {}", a.text),
                                              fmt::format("({} + 0.25)", a.text), "-" + a.text};
        return {rng_.pick(all), a.needs};
      }
      case 4:
        return product(expression(depth - 1));
      case 5:
        return layer();
      default:
        return product_sum(1);
    }
  }

  Term leaf() {
    if (!helpers_.empty() && rng_.chance(0.4)) return rng_.pick(helpers_);
    if (rng_.chance(0.2)) return {vector(), 0};
    return memory();
  }

  // x @ W + h @ U + b, or over a concatenation; `parts` times as wide as the memories.
  Term product_sum(std::int64_t parts) {
    const Term h = rng_.chance(0.8) ? memory() : leaf();
    const std::int64_t columns = parts * cell_.units;
    const bool has_bias = rng_.coin();
    const std::string bias = has_bias ? " + " + weight("b", {columns}) : "";
    if (rng_.chance(0.25))
      return {fmt::format("(concat($x, {}) @ {}{})", h.text,
                          weight("V", {cell_.in + cell_.units, columns}), bias),
              h.needs};
    if (rng_.chance(0.2))
      return {fmt::format("($x @ {}{})", weight("W", {cell_.in, columns}), bias), 0};
    return {fmt::format("($x @ {} + {} @ {}{})", weight("W", {cell_.in, columns}), h.text,
                        weight("U", {cell_.units, columns}), bias),
            h.needs};
  }

  Term product(const Term& of) {
    return {fmt::format("({} @ {})", of.text, weight("U", {cell_.units, cell_.units})), of.needs};
  }

  // A layer applied to the element or to a memory.
  Term layer() {
    const bool to_x = rng_.coin();
    std::string& known = to_x ? layer_of_x_ : layer_of_h_;
    if (known.empty() || rng_.chance(0.3)) {
      known = fmt::format("d{}", layers_++);
      cell_.weights.push_back(
          fmt::format("layer {} = dense({}{})", known, cell_.units, rng_.coin() ? ", relu" : ""));
    }
    const Term h = memory();
    return {fmt::format("{}({})", known, to_x ? "$x" : h.text), to_x ? 0 : h.needs};
  }

  std::string vector() { return weight("b", {cell_.units}); }

  // A new weight of that shape, or one that is there.
  std::string weight(const std::string& letter, const std::vector<std::int64_t>& dims) {
    const std::string shape = dims.size() == 1 ? fmt::format("real[{}]", dims[0])
                                               : fmt::format("real[{}, {}]", dims[0], dims[1]);
    for (const auto& [name, of] : shapes_)
      if (of == shape && rng_.chance(0.3)) return name;
    const std::string name = fmt::format("{}{}", letter, shapes_.size());
    shapes_.push_back({name, shape});
    cell_.weights.push_back(fmt::format("weight {}: {} = {}", name, shape,
                                        dims.size() == 1 ? "zeros" : "glorot_uniform"));
    return name;
  }

  Rng& rng_;
  RandomCell cell_{};
  std::vector<Term> memories_, helpers_;
  std::vector<std::pair<std::string, std::string>> shapes_;  // of weights, by name
  std::string layer_of_x_, layer_of_h_;
  int layers_ = 0, gates_ = 0;
};

std::string with_x(std::string line, const std::string& x) {
  for (std::size_t at; (at = line.find("$x")) != std::string::npos;) line.replace(at, 2, x);
  return line;
}

std::string indented(const std::vector<std::string>& lines, const std::string& x,
                     const std::string& margin) {
  std::string all;
  for (const std::string& line : lines) all += margin + with_x(line, x) + "\n";
  return all;
}

std::string inputs(const RandomCell& cell, bool separate) {
  std::string text = "model M() {\n";
  if (cell.start == Start::given) text += fmt::format("  input h: real[{}]\n", cell.units);
  if (!separate) return text + fmt::format("  input x[{}]: real[{}]\n", cell.steps, cell.in);
  text += "  input x0";
  for (std::int64_t t = 1; t < cell.steps; ++t) text += fmt::format(", x{}", t);
  return text + fmt::format(": real[{}]\n", cell.in);
}

std::string first_values(const RandomCell& cell) {
  std::string text;
  for (std::int64_t c = 0; c < cell.carries; ++c)
    text += cell.start == Start::zeros   ? fmt::format("  h{} = zeros({})\n", c, cell.units)
            : cell.start == Start::given ? "  h0 = h\n"
                                         : fmt::format("  state h{}: real[{}]\n", c, cell.units);
  return text;
}

// `value` is a memory after the last step, or the collected sequence.
std::string output(const RandomCell& cell, const std::string& value) {
  return fmt::format("  output {}{}\n}}\n", value,
                     cell.has_layer_for_output ? " |> dense(3, softmax)" : "");
}

}  // namespace

RandomCell random_cell(Rng& rng) { return Writer(rng).write(); }

std::string as_pasted(const RandomCell& cell, bool separate_inputs) {
  std::string text =
      inputs(cell, separate_inputs) + indented(cell.weights, "", "  ") + first_values(cell);
  for (std::int64_t t = 0; t < cell.steps; ++t) {
    text += indented(cell.lines, separate_inputs ? fmt::format("x{}", t) : fmt::format("x[{}]", t),
                     "  ");
    if (cell.collects) text += fmt::format("  y[{}] = h{}\n", t, cell.shown);
  }
  return text + output(cell, cell.collects ? "y" : fmt::format("h{}", cell.shown));
}

std::string as_loop(const RandomCell& cell) {
  std::string text = inputs(cell, false) + indented(cell.weights, "", "  ") + first_values(cell);
  text += fmt::format("  for t in 0..{} {{\n", cell.steps) + indented(cell.lines, "x[t]", "    ");
  if (cell.collects) text += fmt::format("    y[t] = h{}\n", cell.shown);
  return text + "  }\n" + output(cell, cell.collects ? "y" : fmt::format("h{}", cell.shown));
}

std::string as_cell(const RandomCell& cell, bool on_elements) {
  const bool given = cell.start == Start::given;
  std::string text = "cell C(units) {\n" + indented(cell.weights, "", "  ");
  for (std::int64_t c = 0; c < cell.carries && !given; ++c)
    text += fmt::format("  state h{}: real[units]\n", c);
  text += given ? "  step(x, h0) {\n" : "  step(x) {\n";
  text += indented(cell.lines, "x", "    ") + fmt::format("    yield h{}\n  }}\n}}\n", cell.shown);
  text += inputs(cell, false);
  text += fmt::format("  layer c = C({}{})\n", cell.units,
                      cell.start == Start::states ? ", stateful = true" : "");
  if (given)
    text += fmt::format("  h0 = h\n  for t in 0..{} {{\n    h0 = c(x[t], h0)\n{}  }}\n", cell.steps,
                        cell.collects ? "    y[t] = h0\n" : "");
  else if (on_elements)
    text += fmt::format("  for t in 0..{} {{\n    y[t] = c(x[t])\n  }}\n", cell.steps);
  else
    text += "  y = x |> c\n";
  if (given) return text + output(cell, cell.collects ? "y" : "h0");
  return text + output(cell, cell.collects ? "y" : "y |> last");
}

}  // namespace coil::test

#include "tests/equivalence/written.hpp"

namespace coil::test {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

std::string as_steps(const Written& written, bool separate) {
  std::string text = written.before + "model M() {\n" + written.head;
  for (int t = 0; t < written.steps; ++t) {
    const auto other = written.other.find(t);
    const std::string number = std::to_string(t);
    const std::string x = separate ? "x" + number : "x[" + number + "]";
    text += replaced(replaced(other == written.other.end() ? written.step : other->second, "$x", x),
                     "$t", number);
  }
  return text + written.tail + "}\n";
}

std::string as_for(const Written& written) {
  return written.before + "model M() {\n" + written.head + "  for t in 0.." +
         std::to_string(written.steps) + " {\n" +
         replaced(replaced(written.step, "$x", "x[t]"), "$t", "t") + "  }\n" + written.tail + "}\n";
}

}  // namespace coil::test

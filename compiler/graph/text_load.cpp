#include "compiler/graph/text_load.hpp"

#include <sstream>
#include <yaml-cpp/eventhandler.h>

#include "compiler/source/run_error.hpp"

namespace coil {
namespace {

// Sees the text before it becomes a tree. Aliases are refused, since a small text could stand for a huge
// graph by them.
class Screen : public YAML::EventHandler {
 public:
  explicit Screen(const std::string& origin) : origin_(origin) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { check(mark, anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override { check(mark, anchor); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string&) override {
    check(mark, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check(mark, anchor);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check(mark, anchor);
  }
  void OnMapEnd() override {}

 private:
  void check(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (anchor == YAML::NullAnchor) return;
    fail(ExitCode::bad_artifact, "{}:{}: not a graph: anchors and aliases are not read", origin_,
         mark.line + 1);
  }

  const std::string& origin_;
};

}  // namespace

YAML::Node load_yaml(const std::string& text, const std::string& origin) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Screen screen(origin);
  // Asked for twice and never in a loop: on a stray `,` the parser finds empty documents for ever.
  const bool has_one = parser.HandleNextDocument(screen);
  if (!has_one || parser.HandleNextDocument(screen))
    fail(ExitCode::bad_artifact, "{}:1: not a graph: {} in place of one YAML document", origin,
         has_one ? "several" : "none");
  return YAML::Load(text);
}

}  // namespace coil

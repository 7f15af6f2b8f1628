#pragma once

#include <map>

#include "compiler/passes/remarks.hpp"
#include "compiler/passes/roll_find.hpp"

namespace coil::rolling {

// The steps that were rolled, the first and the last one; zeros where nothing numbers them.
struct Steps {
  std::int64_t first = 0, last = 0;
};

// Says what was rolled, and what was not and why, at the line that is to blame.
class Explainer {
 public:
  explicit Explainer(Remarks& remarks) : remarks_(remarks) {}

  // Two values that looked like what two steps leave parted here.
  void parted(const Graph& graph, const Seed& seed, const Mismatch& mismatch);
  // Nodes from `original_size` on are not of the text.
  void rolled(const Graph& graph, NodeId original_size, const Recurrence& found);
  // All is known. What parted is told where one side was rolled, or where nothing was.
  void finish();

 private:
  struct Parting {
    Place place;
    std::string message;
    std::size_t progress = 0;
  };
  void tell(const Parting& parting);
  void almost(const Graph& graph, const Pattern& pattern, const std::vector<Value>& expected,
              const std::vector<Value>& candidates, const Steps& steps, std::int64_t number);

  Remarks& remarks_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Parting>
      partings_;  // by place of the later step
  bool any_ = false;
};

}  // namespace coil::rolling

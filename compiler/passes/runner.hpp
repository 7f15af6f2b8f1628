#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compiler/passes/pipeline.hpp"
#include "compiler/passes/remarks.hpp"

namespace coil {

struct PassTiming {
  std::string_view name;
  double milliseconds = 0;
  std::size_t nodes = 0;  // afterwards
};

// Runs rows of the pipeline. It, not the pass, verifies what comes out, times it, shows it to `dump`, and
// names the pass in the InternalError when something does not hold.
class Runner {
 public:
  // Called after each pass.
  std::function<void(const PassRow&, const Graph&)> dump;

  // Rows of a batch that an entry is derived for: a matter of speed alone. 0: not known.
  std::int64_t batch = 0;
  // And how its recurrences are to run.
  Lowering lowering = Lowering::hoisted;
  // What its products are to be computed in.
  Precision precision = Precision::f32;
  // And, for int8, by what scales; null: by none, so that they stay reals.
  std::shared_ptr<const Ranges> ranges;
  // Where given, what tells such ranges becomes outputs of the entry (observe_products), and is noted here.
  Observed* observed = nullptr;

  // Stops after the first row of that name; empty runs all.
  std::string stop_after;
  bool stopped() const { return stopped_; }

  Graph canonicalise(Graph flat);
  Graph derive(Graph canonical, Entry entry);
  Graph run_one(const PassRow& row, const Graph& graph);

  const std::vector<PassTiming>& timings() const { return timings_; }
  // What the passes that ran had to tell.
  const Remarks& remarks() const { return remarks_; }

 private:
  bool stopped_ = false;
  bool weights_stay_ = false;
  std::vector<PassTiming> timings_;
  Remarks remarks_;
};

}  // namespace coil

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/metrics/metrics_row.hpp"

namespace coil {

enum class ChartAxis : std::uint8_t { epoch, step, seconds };

// One training.
struct ChartRun {
  std::string name;
  std::vector<MetricsRow> rows;
};

struct ChartOptions {
  std::string title = "Loss";
  ChartAxis axis = ChartAxis::epoch;
};

// Loss curves as an SVG that needs nothing beside itself: each run in a colour of its own, its epochs as a line
// with dots, single steps pale behind it, the loss on held-out text dashed. Nothing where no row has both a
// loss and a place on the axis.
std::optional<std::string> draw_chart(const std::vector<ChartRun>& runs,
                                      const ChartOptions& options);

}  // namespace coil

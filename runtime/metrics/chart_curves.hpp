#pragma once

// Rows of metrics as curves over one axis.

#include <string>
#include <vector>

#include "runtime/metrics/chart.hpp"
#include "runtime/metrics/svg.hpp"
#include "runtime/metrics/ticks.hpp"

namespace coil {

enum class CurveKind { steps, epochs, validation };

// In the data's own units, x ascending as the rows have it.
struct Curve {
  CurveKind kind = CurveKind::epochs;
  std::vector<SvgPoint> points;
};

// Where the learning rate became another one.
struct RateChange {
  double x = 0;
  double rate = 0;
};

struct RunCurves {
  std::string name;
  std::vector<Curve> curves;  // those that have points: steps, epochs, validation
  std::vector<RateChange> changes;
};

// Rows without a place on the axis are left out. Over epochs, steps stand within theirs: the first epoch goes
// from 0 to 1.
RunCurves curves_of(const ChartRun& run, ChartAxis axis);

// At most two points a column, the lowest and the highest, where there are more than that in `columns`
// columns of equal width: the picture is the same.
std::vector<SvgPoint> thinned(const std::vector<SvgPoint>& points, Interval x, int columns);

}  // namespace coil

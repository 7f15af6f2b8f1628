#include "runtime/metrics/chart_curves.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace coil {
namespace {

// Which steps each epoch is of: from the end of the one before to its own.
class EpochSteps {
 public:
  explicit EpochSteps(const std::vector<MetricsRow>& rows) {
    for (const MetricsRow& row : rows)
      if (row.is_epoch && row.epoch && row.step) ends_[*row.epoch] = *row.step;
  }

  // Of a step within an epoch, as a part of all; an epoch that never ended is as long as the one before it.
  std::optional<double> place(double epoch, double step) const {
    const auto before = ends_.find(epoch - 1);
    const double begin = before == ends_.end() ? 0 : before->second;
    if (before == ends_.end() && epoch != 1) return std::nullopt;
    const auto own = ends_.find(epoch);
    const double length = own != ends_.end() ? own->second - begin : length_before(epoch);
    if (!(length > 0)) return std::nullopt;
    return epoch - 1 + std::min((step - begin) / length, 1.0);
  }

 private:
  double length_before(double epoch) const {
    const auto last = ends_.find(epoch - 1);
    const auto first = ends_.find(epoch - 2);
    if (last == ends_.end()) return 0;
    return last->second - (first == ends_.end() ? 0 : first->second);
  }

  std::map<double, double> ends_;
};

std::optional<double> place(const MetricsRow& row, ChartAxis axis, const EpochSteps& steps) {
  switch (axis) {
    case ChartAxis::step:
      return row.step;
    case ChartAxis::seconds:
      return row.seconds;
    case ChartAxis::epoch:
      if (row.is_epoch || !row.epoch || !row.step) return row.epoch;
      return steps.place(*row.epoch, *row.step);
  }
  __builtin_unreachable();
}

// Past it, differences overflow.
constexpr double largest = 1e30;

void add(Curve& curve, double x, const std::optional<double>& y) {
  if (y && std::abs(*y) < largest) curve.points.push_back({x, *y});
}

}  // namespace

RunCurves curves_of(const ChartRun& run, ChartAxis axis) {
  const EpochSteps ends(run.rows);
  Curve steps{CurveKind::steps, {}};
  Curve epochs{CurveKind::epochs, {}};
  Curve validation{CurveKind::validation, {}};
  RunCurves all{run.name, {}, {}};
  std::optional<double> rate;
  double before = 0;
  for (const MetricsRow& row : run.rows) {
    const auto x = place(row, axis, ends);
    if (!x || !(std::abs(*x) < largest)) continue;
    if (row.is_epoch) {
      add(epochs, *x, row.mean_loss ? row.mean_loss : row.loss);
      add(validation, *x, row.val_loss);
    } else {
      add(steps, *x, row.loss);
    }
    if (rate && row.learning_rate && *rate != *row.learning_rate)
      all.changes.push_back({before, *row.learning_rate});
    if (row.learning_rate) rate = row.learning_rate;
    before = *x;
  }
  for (Curve* curve : {&steps, &epochs, &validation})
    if (!curve->points.empty()) all.curves.push_back(std::move(*curve));
  return all;
}

std::vector<SvgPoint> thinned(const std::vector<SvgPoint>& points, Interval x, int columns) {
  if (points.size() <= 2 * static_cast<std::size_t>(columns) || !(x.length() > 0)) return points;
  const auto column_of = [&](const SvgPoint& point) {
    return static_cast<int>((point.x - x.low) / x.length() * columns);
  };
  const auto lower = [](const SvgPoint& a, const SvgPoint& b) { return a.y < b.y; };
  std::vector<SvgPoint> kept;
  for (auto begin = points.begin(); begin != points.end();) {
    const int column = column_of(*begin);
    const auto end = std::find_if(
        begin, points.end(), [&](const SvgPoint& point) { return column_of(point) != column; });
    auto [low, high] = std::minmax_element(begin, end, lower);
    if (high < low) std::swap(low, high);
    kept.push_back(*low);
    if (high != low) kept.push_back(*high);
    begin = end;
  }
  return kept;
}

}  // namespace coil

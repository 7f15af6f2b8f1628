#include "runtime/metrics/chart.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

#include "runtime/metrics/chart_curves.hpp"
#include "runtime/metrics/svg.hpp"
#include "runtime/metrics/ticks.hpp"

namespace coil {
namespace {

constexpr double height = 520;
constexpr double plot_width = 700;
constexpr double left = 64;
constexpr double top = 78;
constexpr double bottom = 52;
constexpr double legend_gap = 28;
constexpr double row_height = 19;

// Okabe and Ito's, which people see apart whatever colours they see.
constexpr std::string_view colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                        "#e69f00", "#56b4e9", "#555555"};

std::string_view colour_of(std::size_t run) { return colours[run % std::size(colours)]; }

// Letters are about half as wide as high.
double text_width(std::string_view text, double size) {
  return 0.56 * size * static_cast<double>(text.size());
}

std::string_view name_of(CurveKind kind) {
  switch (kind) {
    case CurveKind::steps:
      return "each step";
    case CurveKind::epochs:
      return "loss";
    case CurveKind::validation:
      return "val_loss";
  }
  __builtin_unreachable();
}

std::string_view name_of(ChartAxis axis) {
  switch (axis) {
    case ChartAxis::epoch:
      return "epoch";
    case ChartAxis::step:
      return "step";
    case ChartAxis::seconds:
      return "seconds";
  }
  __builtin_unreachable();
}

std::string line_style(CurveKind kind, std::string_view colour) {
  constexpr std::string_view shape = "stroke-linejoin=\"round\" stroke-linecap=\"round\"";
  switch (kind) {
    case CurveKind::steps:
      return fmt::format("stroke=\"{}\" stroke-width=\"1\" stroke-opacity=\"0.3\" {}", colour,
                         shape);
    case CurveKind::epochs:
      return fmt::format("stroke=\"{}\" stroke-width=\"2.25\" {}", colour, shape);
    case CurveKind::validation:
      return fmt::format("stroke=\"{}\" stroke-width=\"2\" stroke-dasharray=\"6 5\" {}", colour,
                         shape);
  }
  __builtin_unreachable();
}

std::string dot_style(CurveKind kind, std::string_view colour) {
  return kind == CurveKind::validation
             ? fmt::format("fill=\"#ffffff\" stroke=\"{}\" stroke-width=\"1.75\"", colour)
             : fmt::format("fill=\"{}\" stroke=\"#ffffff\" stroke-width=\"1\"", colour);
}

// What the curves span, with room around it.
struct Frame {
  Interval x{std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest()};
  Interval y = x;

  void take(const SvgPoint& point) {
    x = {std::min(x.low, point.x), std::max(x.high, point.x)};
    y = {std::min(y.low, point.y), std::max(y.high, point.y)};
  }
  // Nothing stands on the edge; a single value gets a span of its own.
  void widen() {
    if (x.length() <= 0) x = {x.low - 0.5, x.high + 0.5};
    const double room = y.length() > 0 ? 0.05 * y.length() : 0.05 * std::abs(y.low) + 0.01;
    y = {y.low - room, y.high + room};
  }
};

class ChartDrawing {
 public:
  ChartDrawing(std::vector<RunCurves> runs, Frame frame, const ChartOptions& options)
      : runs_(std::move(runs)),
        frame_(frame),
        options_(options),
        svg_(left + plot_width + legend_gap + legend_width(), height, options.title) {}

  std::string draw() {
    svg_.rectangle({0, 0}, left + plot_width + legend_gap + legend_width(), height,
                   "fill=\"#ffffff\"");
    svg_.text({20, 34}, options_.title, "font-size=\"19\" font-weight=\"600\" fill=\"#111827\"");
    svg_.text({20, 55}, "cross-entropy in nats a character; lower is better",
              "font-size=\"13\" fill=\"#6b7280\"");
    draw_axes();
    if (runs_.size() == 1) draw_changes(runs_.front());
    // Pale lines first, so that they cover none of the others.
    for (const CurveKind kind : {CurveKind::steps, CurveKind::epochs, CurveKind::validation})
      for (std::size_t i = 0; i < runs_.size(); ++i)
        for (const Curve& curve : runs_[i].curves)
          if (curve.kind == kind) draw_curve(curve, colour_of(i));
    draw_legend();
    return svg_.finish();
  }

 private:
  double x_of(double x) const { return left + (x - frame_.x.low) / frame_.x.length() * plot_width; }
  double y_of(double y) const {
    return height - bottom - (y - frame_.y.low) / frame_.y.length() * (height - bottom - top);
  }
  SvgPoint at(const SvgPoint& point) const { return {x_of(point.x), y_of(point.y)}; }

  double legend_width() const {
    double width = text_width("each step   0.0000", 13) + 36;
    for (const RunCurves& run : runs_) width = std::max(width, text_width(shown(run.name), 14));
    return width + 20;
  }

  static std::string shown(const std::string& name) {
    return name.size() <= 28 ? name : "..." + name.substr(name.size() - 25);
  }

  void draw_axes() {
    const Ticks y = ticks_for(frame_.y, 6);
    const bool whole = options_.axis != ChartAxis::seconds;
    const Ticks x = ticks_for(frame_.x, 9, whole ? 1 : 0);
    for (const double value : y.at) {
      svg_.line({left, y_of(value)}, {left + plot_width, y_of(value)}, "stroke=\"#e5e7eb\"");
      svg_.text({left - 10, y_of(value) + 4}, tick_label(value, y.step),
                "font-size=\"12\" fill=\"#4b5563\" text-anchor=\"end\"");
    }
    const double floor = height - bottom;
    svg_.line({left, floor}, {left + plot_width, floor}, "stroke=\"#6b7280\"");
    for (const double value : x.at) {
      svg_.line({x_of(value), floor}, {x_of(value), floor + 5}, "stroke=\"#6b7280\"");
      svg_.text({x_of(value), floor + 20}, tick_label(value, x.step),
                "font-size=\"12\" fill=\"#4b5563\" text-anchor=\"middle\"");
    }
    svg_.text({left + plot_width / 2, floor + 41}, name_of(options_.axis),
              "font-size=\"13\" fill=\"#374151\" text-anchor=\"middle\"");
  }

  void draw_changes(const RunCurves& run) {
    for (const RateChange& change : run.changes) {
      const double x = x_of(change.x);
      svg_.line({x, top}, {x, height - bottom}, "stroke=\"#9ca3af\" stroke-dasharray=\"2 4\"");
      svg_.text({x + 6, top + 10}, fmt::format("learning rate {:g}", change.rate),
                "font-size=\"12\" fill=\"#6b7280\"");
    }
  }

  void draw_curve(const Curve& curve, std::string_view colour) {
    std::vector<SvgPoint> points;
    for (const SvgPoint& point : thinned(curve.points, frame_.x, static_cast<int>(plot_width)))
      points.push_back(at(point));
    svg_.polyline(points, line_style(curve.kind, colour));
    constexpr std::size_t most_dots = 100;
    if (curve.kind == CurveKind::steps || curve.points.size() > most_dots) return;
    for (const SvgPoint& point : curve.points)
      svg_.circle(at(point), 3.5, dot_style(curve.kind, colour),
                  fmt::format("{} {:g}: {} {:.4f}", name_of(options_.axis), point.x,
                              name_of(curve.kind), point.y));
  }

  // Beside the plot: each run's name, and below it what its lines are and where they ended.
  void draw_legend() {
    double y = top + 4;
    const double x = left + plot_width + legend_gap;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      svg_.text({x, y}, shown(runs_[i].name),
                fmt::format("font-size=\"14\" font-weight=\"600\" fill=\"{}\"", colour_of(i)));
      for (const Curve& curve : runs_[i].curves) {
        y += row_height;
        draw_legend_row({x, y}, curve, colour_of(i));
      }
      y += 1.6 * row_height;
    }
  }

  void draw_legend_row(SvgPoint place, const Curve& curve, std::string_view colour) {
    svg_.line({place.x, place.y - 4}, {place.x + 26, place.y - 4}, line_style(curve.kind, colour));
    if (curve.kind != CurveKind::steps)
      svg_.circle({place.x + 13, place.y - 4}, 3.5, dot_style(curve.kind, colour));
    const std::string value = curve.kind == CurveKind::steps
                                  ? std::string()
                                  : fmt::format(" {:.4f}", curve.points.back().y);
    svg_.text({place.x + 34, place.y}, fmt::format("{}{}", name_of(curve.kind), value),
              "font-size=\"13\" fill=\"#374151\"");
  }

  std::vector<RunCurves> runs_;
  Frame frame_;
  const ChartOptions& options_;
  Svg svg_;
};

}  // namespace

std::optional<std::string> draw_chart(const std::vector<ChartRun>& runs,
                                      const ChartOptions& options) {
  std::vector<RunCurves> all;
  Frame frame;
  bool is_empty = true;
  for (const ChartRun& run : runs) {
    all.push_back(curves_of(run, options.axis));
    for (const Curve& curve : all.back().curves)
      for (const SvgPoint& point : curve.points) {
        frame.take(point);
        is_empty = false;
      }
  }
  if (is_empty) return std::nullopt;
  frame.widen();
  return ChartDrawing(std::move(all), frame, options).draw();
}

}  // namespace coil

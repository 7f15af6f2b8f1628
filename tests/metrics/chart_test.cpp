#include "runtime/metrics/chart.hpp"

#include <catch2/catch.hpp>

#include "runtime/metrics/chart_curves.hpp"
#include "runtime/metrics/svg.hpp"
#include "runtime/metrics/ticks.hpp"

namespace coil {
namespace {

MetricsRow row(bool is_epoch, double epoch, double step, double loss) {
  MetricsRow row;
  row.is_epoch = is_epoch;
  row.epoch = epoch;
  row.step = step;
  row.loss = loss;
  if (is_epoch) row.mean_loss = loss;
  row.learning_rate = epoch < 2 ? 0.001 : 0.0001;
  return row;
}

// Two epochs of four steps, and half of a third.
ChartRun some_run() {
  ChartRun run{"slow", {}};
  for (int step = 1; step <= 10; ++step) {
    const int epoch = (step + 3) / 4;
    run.rows.push_back(row(false, epoch, step, 3 - 0.1 * step));
    if (step % 4 == 0) run.rows.push_back(row(true, epoch, step, 3 - 0.5 * epoch));
  }
  run.rows[4].val_loss = 2.75;
  return run;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) ++found;
  return found;
}

}  // namespace

TEST_CASE("ticks are round and inside") {
  CHECK(ticks_for({0.97, 2.31}, 6).at == std::vector<double>{1.0, 1.5, 2.0});
  CHECK(ticks_for({0, 10}, 5).at == std::vector<double>{0, 2, 4, 6, 8, 10});
  CHECK(ticks_for({0, 3}, 9, 1).at == std::vector<double>{0, 1, 2, 3});
  CHECK(ticks_for({1, 1}, 5).at.empty());
  for (double high = 1e-6; high < 1e12; high *= 1.7) {
    const Ticks ticks = ticks_for({0, high}, 6);
    CHECK(ticks.at.size() >= 3);
    CHECK(ticks.at.size() <= 8);
  }
}

TEST_CASE("labels have the decimals that their ticks need") {
  CHECK(tick_label(1.5, 0.5) == "1.5");
  CHECK(tick_label(2, 0.5) == "2.0");
  CHECK(tick_label(0.05, 0.05) == "0.05");
  CHECK(tick_label(20000, 5000) == "20,000");
  CHECK(tick_label(-1234567, 1) == "-1,234,567");
  CHECK(tick_label(-1e-17, 0.1) == "0.0");
}

TEST_CASE("steps stand within their epochs") {
  const RunCurves curves = curves_of(some_run(), ChartAxis::epoch);
  REQUIRE(curves.curves.size() == 3);
  const Curve& steps = curves.curves[0];
  CHECK(steps.kind == CurveKind::steps);
  REQUIRE(steps.points.size() == 10);
  CHECK(steps.points[0].x == 0.25);
  CHECK(steps.points[3].x == 1);
  CHECK(steps.points[9].x == 2.5);  // as if the third epoch were to be as long as the second
  CHECK(curves.curves[1].points[1].x == 2);
  CHECK(curves.curves[1].points[1].y == 2);
  REQUIRE(curves.curves[2].points.size() == 1);
  CHECK(curves.curves[2].points[0].y == 2.75);
  REQUIRE(curves.changes.size() == 1);
  CHECK(curves.changes[0].x == 1);
  CHECK(curves.changes[0].rate == 0.0001);
}

TEST_CASE("over steps a place is the step, and rows without a place are left out") {
  ChartRun run = some_run();
  run.rows[0].step.reset();
  const RunCurves curves = curves_of(run, ChartAxis::step);
  CHECK(curves.curves[0].points.size() == 9);
  CHECK(curves.curves[0].points[0].x == 2);
  CHECK(curves_of(run, ChartAxis::seconds).curves.empty());
}

TEST_CASE("thinning keeps the lowest and the highest of each column") {
  std::vector<SvgPoint> points;
  for (int i = 0; i < 10'000; ++i)
    points.push_back({i / 10'000.0, i == 5'555 ? 100.0 : i == 7'777 ? -100.0 : i % 7});
  const auto kept = thinned(points, {0, 1}, 50);
  CHECK(kept.size() <= 102);
  CHECK(kept.size() >= 100);
  const auto has = [&](double y) {
    return std::any_of(kept.begin(), kept.end(), [&](const SvgPoint& p) { return p.y == y; });
  };
  CHECK(has(100));
  CHECK(has(-100));
  CHECK(std::is_sorted(kept.begin(), kept.end(),
                       [](const SvgPoint& a, const SvgPoint& b) { return a.x < b.x; }));
  CHECK(thinned(points, {0, 1}, 5'000).size() == points.size());
}

TEST_CASE("a chart names what it shows and needs nothing beside itself") {
  ChartRun other = some_run();
  other.name = "<fast> & \"loose\"";
  const auto svg = draw_chart({some_run(), other}, {"Two & two", ChartAxis::epoch});
  REQUIRE(svg.has_value());
  CHECK(svg->find("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ") == 0);
  CHECK(svg->find("</svg>\n") == svg->size() - 7);
  CHECK(count(*svg, "<polyline") == 6);
  CHECK(svg->find("Two &amp; two") != std::string::npos);
  CHECK(svg->find("&lt;fast&gt; &amp; &quot;loose&quot;") != std::string::npos);
  CHECK(svg->find(">loss 2.0000<") != std::string::npos);
  CHECK(svg->find(">val_loss 2.7500<") != std::string::npos);
  CHECK(svg->find("href") == std::string::npos);
  CHECK(svg->find("learning rate") == std::string::npos);  // of one run alone
  const auto one = draw_chart({some_run()}, {});
  CHECK(one->find(">learning rate 0.0001<") != std::string::npos);
}

TEST_CASE("one point, equal points and no point") {
  ChartRun run{"one", {row(true, 1, 1, 2)}};
  CHECK(draw_chart({run}, {})->find("nan") == std::string::npos);
  run.rows.push_back(row(true, 2, 2, 2));
  CHECK(draw_chart({run}, {})->find("nan") == std::string::npos);
  CHECK_FALSE(draw_chart({run}, {"", ChartAxis::seconds}));
  CHECK_FALSE(draw_chart({}, {}));
  run.rows = {row(true, 1, 1, 1e308), row(true, 2, 2, -1e308), row(true, 3, 3, 1e29)};
  CHECK(draw_chart({run}, {})->find("nan") == std::string::npos);
}

TEST_CASE("text in a drawing is harmless") {
  CHECK(xml_escaped("a<b>&\"c\"") == "a&lt;b&gt;&amp;&quot;c&quot;");
  CHECK(xml_escaped(std::string("\x01\xff", 2)).find_first_of("\x01\xff") == std::string::npos);
}

}  // namespace coil

#include "runtime/metrics/svg.hpp"

#include <fmt/format.h>

#include "compiler/source/utf8.hpp"

namespace coil {
namespace {

constexpr std::string_view fonts =
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

// Hundredths of a pixel are finer than anybody sees.
std::string number(double value) {
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text, 200)) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

Svg::Svg(double width, double height, std::string_view label)
    : out_(fmt::format(
          "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
          "height=\"{1}\" role=\"img\" aria-label=\"{2}\" font-family=\"{3}\">\n",
          number(width), number(height), xml_escaped(label), fonts)) {}

void Svg::line(SvgPoint from, SvgPoint to, std::string_view style) {
  out_ += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" {}/>\n", number(from.x),
                      number(from.y), number(to.x), number(to.y), style);
}

void Svg::polyline(const std::vector<SvgPoint>& points, std::string_view style) {
  out_ += fmt::format("<polyline fill=\"none\" {} points=\"", style);
  for (const SvgPoint& point : points)
    out_ += fmt::format("{}{},{}", &point == points.data() ? "" : " ", number(point.x),
                        number(point.y));
  out_ += "\"/>\n";
}

void Svg::circle(SvgPoint centre, double radius, std::string_view style, std::string_view hint) {
  out_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {}", number(centre.x), number(centre.y),
                      number(radius), style);
  out_ += hint.empty() ? "/>\n" : fmt::format("><title>{}</title></circle>\n", xml_escaped(hint));
}

void Svg::rectangle(SvgPoint corner, double width, double height, std::string_view style) {
  out_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {}/>\n", number(corner.x),
                      number(corner.y), number(width), number(height), style);
}

void Svg::text(SvgPoint at, std::string_view text, std::string_view style) {
  out_ += fmt::format("<text x=\"{}\" y=\"{}\" {}>{}</text>\n", number(at.x), number(at.y), style,
                      xml_escaped(text));
}

void Svg::open_group(std::string_view style) { out_ += fmt::format("<g {}>\n", style); }

void Svg::close_group() { out_ += "</g>\n"; }

}  // namespace coil

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace coil {

struct SvgPoint {
  double x = 0;
  double y = 0;
};

// An SVG drawing that needs nothing beside itself, put together element by element. `style` is attributes.
class Svg {
 public:
  Svg(double width, double height, std::string_view label);

  void line(SvgPoint from, SvgPoint to, std::string_view style);
  void polyline(const std::vector<SvgPoint>& points, std::string_view style);
  // `hint` is shown where the pointer rests on it.
  void circle(SvgPoint centre, double radius, std::string_view style, std::string_view hint = "");
  void rectangle(SvgPoint corner, double width, double height, std::string_view style);
  // `text` is escaped.
  void text(SvgPoint at, std::string_view text, std::string_view style);
  void open_group(std::string_view style);
  void close_group();

  std::string finish() const { return out_ + "</svg>\n"; }

 private:
  std::string out_;
};

// Characters that mean something in XML, and those that it forbids, made harmless.
std::string xml_escaped(std::string_view text);

}  // namespace coil

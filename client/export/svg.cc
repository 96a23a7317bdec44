#include "client/export/svg.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/export/html.h"

namespace almanac::client {
namespace {

constexpr double kWidth = 1000;
constexpr double kHeight = 400;

std::string Number(double value) { return absl::StrFormat("%.6g", value); }

// `x,y` of a place in a chart, both from 0 to 1.
std::string Place(double x, double y) {
  return absl::StrFormat("%.1f,%.1f", x * kWidth, (1 - std::clamp(y, 0.0, 1.0)) * kHeight);
}

// How high the parts below `part` and it itself reach together.
int HeightOf(const ChartPoint& point, size_t part) {
  int height = 0;
  for (size_t i = 0; i <= part; ++i) height += point.parts[i].count;
  return height;
}

std::string LineSvg(double x1, double y1, double x2, double y2) {
  return absl::StrFormat("<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", x1 * kWidth,
                         (1 - y1) * kHeight, x2 * kWidth, (1 - y2) * kHeight);
}

}  // namespace

std::string BarSvg(const std::string& description, const std::vector<ChartPart>& parts) {
  int whole = 0;
  for (const ChartPart& part : parts) whole += part.count;
  if (whole <= 0) return "";
  std::string svg = absl::StrCat("<svg class=\"bar\" role=\"img\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\">",
                                 "<title>", Escape(description), "</title>");
  int before = 0;
  for (const ChartPart& part : parts) {
    if (part.count <= 0) continue;
    absl::StrAppend(&svg, "<rect class=\"", part.key, "\" x=\"", Number(100.0 * before / whole), "\" y=\"0\" width=\"",
                    Number(100.0 * part.count / whole), "\" height=\"10\"/>");
    before += part.count;
  }
  return absl::StrCat(svg, "</svg>");
}

std::vector<ChartTick> CountTicks(int top) {
  constexpr int kMost = 5;
  int step = 1;
  for (int i = 0; top / step > kMost; ++i) step = step / (i % 3 == 1 ? 2 : 1) * (i % 3 == 1 ? 5 : 2);
  std::vector<ChartTick> ticks;
  for (int count = 0; count <= top; count += step) {
    ticks.push_back({static_cast<double>(count) / std::max(1, top), absl::StrCat(count)});
  }
  return ticks;
}

std::string AreasSvg(const std::string& title, const std::string& description, const std::vector<ChartPoint>& points,
                     int top, const std::vector<ChartTick>& x_ticks, const std::vector<ChartTick>& y_ticks) {
  std::string svg = absl::StrCat("<svg class=\"areas\" role=\"img\" viewBox=\"0 0 ", Number(kWidth), " ",
                                 Number(kHeight), "\" preserveAspectRatio=\"none\">\n<title>", Escape(title),
                                 "</title>\n<desc>", Escape(description), "</desc>\n");
  const auto y = [top](int height) { return static_cast<double>(height) / std::max(1, top); };
  for (size_t part = 0; !points.empty() && part < points.front().parts.size(); ++part) {
    std::string outline;
    for (const ChartPoint& point : points) {
      absl::StrAppend(&outline, Place(point.x, y(HeightOf(point, part))), " ");
    }
    for (auto point = points.rbegin(); point != points.rend(); ++point) {
      const int below = HeightOf(*point, part) - point->parts[part].count;
      absl::StrAppend(&outline, Place(point->x, y(below)), " ");
    }
    outline.pop_back();
    absl::StrAppend(&svg, "<polygon class=\"", points.front().parts[part].key, "\" points=\"", outline, "\"/>\n");
  }
  for (const ChartTick& tick : x_ticks) absl::StrAppend(&svg, LineSvg(tick.at, 0, tick.at, 1));
  for (const ChartTick& tick : y_ticks) absl::StrAppend(&svg, LineSvg(0, tick.at, 1, tick.at));
  return absl::StrCat(svg, "\n</svg>\n");
}

}  // namespace almanac::client

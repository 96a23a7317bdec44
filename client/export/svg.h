// Charts as SVG inside a page. Colours are the page's: a part with the key `late` has the class `late`.
#ifndef ALMANAC_CLIENT_EXPORT_SVG_H_
#define ALMANAC_CLIENT_EXPORT_SVG_H_

#include <string>
#include <vector>

namespace almanac::client {

// A part of a whole.
struct ChartPart {
  std::string key;
  std::string label;
  int count = 0;
};

// A bar in which each part has its share. `description` is for those who do not see it. Empty if there is nothing.
std::string BarSvg(const std::string& description, const std::vector<ChartPart>& parts);

// What a stacked chart shows at one place.
struct ChartPoint {
  // Where, from 0 at the left to 1 at the right; points go from left to right.
  double x = 0;
  // The same parts in the same order at each point, from the bottom to the top.
  std::vector<ChartPart> parts;
};

// A mark on an axis.
struct ChartTick {
  // Where, from 0 to 1.
  double at = 0;
  std::string label;
};

// The ticks of an axis from 0 to `top`: some whole numbers, the last of which is at most `top`.
std::vector<ChartTick> CountTicks(int top);

// Areas stacked on each other, up to `top`, and lines at the ticks of the axes. It has no text in it but `title` and
// `description`, so that it can be stretched to any shape; the labels of its axes belong around it.
std::string AreasSvg(const std::string& title, const std::string& description, const std::vector<ChartPoint>& points,
                     int top, const std::vector<ChartTick>& x_ticks, const std::vector<ChartTick>& y_ticks);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_EXPORT_SVG_H_

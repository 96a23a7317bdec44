#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace almanac::client {

// A PDF made of words at chosen places, for what no real plan shows.
class PdfBuilder {
 public:
  // Of pages that are so many points wide and high.
  explicit PdfBuilder(int width = 600, int height = 800) : width_(width), height_(height) {}

  // Begins a page.
  PdfBuilder& Page() {
    pages_.emplace_back();
    return *this;
  }

  // Puts ASCII text on the page: 10 points large, `x` from the left, its base line `y` from the top.
  PdfBuilder& Text(double x, double y, const std::string& text) {
    absl::StrAppend(&pages_.back(), "BT /F1 10 Tf ", x, " ", height_ - y, " Td (", text, ") Tj ET\n");
    return *this;
  }

  // Puts a row of a table on the page, whose columns begin at 50, 80, 250, 330 and 420.
  PdfBuilder& Row(double y, const std::vector<std::string>& cells) {
    constexpr double kColumns[] = {50, 80, 250, 330, 420};
    for (size_t i = 0; i < cells.size(); ++i) {
      if (!cells[i].empty()) Text(kColumns[i], y, cells[i]);
    }
    return *this;
  }

  // Puts a filled rectangle on the page.
  PdfBuilder& Rectangle() {
    absl::StrAppend(&pages_.back(), "100 100 200 200 re f\n");
    return *this;
  }

  std::string Build() const {
    std::vector<std::string> objects = {"<< /Type /Catalog /Pages 2 0 R >>", "",
                                        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"};
    std::vector<std::string> kids;
    for (const std::string& content : pages_) {
      objects.push_back(absl::StrCat("<< /Length ", content.size(), " >>\nstream\n", content, "endstream"));
      objects.push_back(absl::StrCat("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ", width_, " ", height_,
                                     "] /Contents ", objects.size(), " 0 R /Resources << /Font << /F1 3 0 R >> >> >>"));
      kids.push_back(absl::StrCat(objects.size(), " 0 R"));
    }
    objects[1] = absl::StrCat("<< /Type /Pages /Count ", kids.size(), " /Kids [", absl::StrJoin(kids, " "), "] >>");
    std::string file = "%PDF-1.4\n";
    std::string places = absl::StrCat("xref\n0 ", objects.size() + 1, "\n0000000000 65535 f \n");
    for (size_t i = 0; i < objects.size(); ++i) {
      absl::StrAppendFormat(&places, "%010d 00000 n \n", file.size());
      absl::StrAppend(&file, i + 1, " 0 obj\n", objects[i], "\nendobj\n");
    }
    return absl::StrCat(file, places, "trailer << /Root 1 0 R /Size ", objects.size() + 1, " >>\nstartxref\n",
                        file.size(), "\n%%EOF\n");
  }

 private:
  const int width_;
  const int height_;
  std::vector<std::string> pages_;
};

}  // namespace almanac::client

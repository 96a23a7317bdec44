#include "client/documents/plan_formats.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace almanac::client {
namespace {

constexpr const char* kFormats[] = {"CSV",  "TSV", "XML",  "JSON", "GeoJSON", "GML",  "KML",  "KMZ",  "XLS", "XLSX",
                                    "ODS",  "PDF", "RDF",  "RSS",  "HTML",    "TXT",  "DOC",  "DOCX", "ZIP", "SHP",
                                    "GPKG", "MDB", "FGDB", "GTFS", "ICS",     "TIFF", "JPEG", "PNG",  "DXF", "DWG"};

// A word ends where no Latin letter or digit goes on: Chinese characters stand beside a format without a space. A point
// between two of them makes the name of a file or of a site.
std::string WordPattern() {
  return absl::StrCat(R"((?<![\p{Latin}\p{Nd}_])(?<![\p{Latin}\p{Nd}]\.)()", absl::StrJoin(kFormats, "|"),
                      R"()(?![\p{Latin}\p{Nd}_])(?!\.[\p{Latin}\p{Nd}]))");
}

}  // namespace

FormatFinder::FormatFinder() : pattern_(WordPattern()) {}

std::vector<std::string> FormatFinder::Find(std::string_view text) const {
  std::vector<std::string> formats;
  for (const TextPattern::Groups& match : pattern_.FindAll(text)) {
    std::string format = absl::AsciiStrToUpper(match.front());
    if (std::find(formats.begin(), formats.end(), format) == formats.end()) formats.push_back(std::move(format));
  }
  return formats;
}

}  // namespace almanac::client

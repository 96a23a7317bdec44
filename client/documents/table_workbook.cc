#include "client/documents/table_workbook.h"

#include <cstddef>
#include <functional>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/documents/table_xml.h"

namespace almanac::client {
namespace {

using Attributes = XmlHandlers::Attributes;

std::string Value(const Attributes& attributes, std::string_view name) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? "" : std::string(found->second);
}

int Number(const std::string& digits, int otherwise) {
  int number = 0;
  return absl::SimpleAtoi(digits, &number) ? number : otherwise;
}

XmlHandlers OnElements(std::function<void(std::string_view element, const Attributes& attributes)> start) {
  return {.start = std::move(start), .end = [](std::string_view) {}, .text = [](std::string_view) {}};
}

// Reads the XML in part `name`, as ReadXml does. Errors name the part.
absl::Status ReadPart(ZipReader* zip, const std::string& name, const XmlHandlers& handlers,
                      const std::function<bool()>& keep_on = {}) {
  const absl::StatusOr<std::string> part = zip->Read(name);
  if (!part.ok()) return absl::InvalidArgumentError(part.status().message());
  const absl::Status status = ReadXml(*part, handlers, keep_on);
  if (status.ok()) return status;
  return absl::InvalidArgumentError(absl::StrCat(name, ": ", status.message()));
}

// A part's relationships, from id to type and target.
struct Relationship {
  std::string type;
  // The name of a part, without a slash before it.
  std::string target;
};

absl::StatusOr<std::map<std::string, Relationship>> ReadRelationships(ZipReader* zip, const std::string& part) {
  const std::size_t slash = part.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : part.substr(0, slash + 1);
  std::map<std::string, Relationship> relationships;
  const auto handlers = OnElements([&](std::string_view element, const Attributes& attributes) {
    if (element != "Relationship") return;
    const std::string target = Value(attributes, "Target");
    relationships[Value(attributes, "Id")] = {
        Value(attributes, "Type"), target.starts_with('/') ? target.substr(1) : absl::StrCat(folder, target)};
  });
  const std::string name = absl::StrCat(folder, "_rels/", part.substr(folder.size()), ".rels");
  if (absl::Status status = ReadPart(zip, name, handlers); !status.ok()) return status;
  return relationships;
}

// The target of the relationship whose type ends with `type`; empty if there is none.
std::string TargetOf(const std::map<std::string, Relationship>& relationships, std::string_view type) {
  for (const auto& [id, relationship] : relationships) {
    if (relationship.type.ends_with(type)) return relationship.target;
  }
  return "";
}

struct Sheet {
  std::string name;
  std::string relationship;
  bool is_hidden = false;
};

absl::StatusOr<Sheet> FindSheet(const std::vector<Sheet>& sheets, std::string_view wanted) {
  for (const Sheet& sheet : sheets) {
    if (wanted.empty() ? !sheet.is_hidden : sheet.name == wanted) return sheet;
  }
  if (wanted.empty()) return absl::InvalidArgumentError("it has no sheet that is not hidden");
  const auto add_name = [](std::string* out, const Sheet& sheet) { absl::StrAppend(out, "\"", sheet.name, "\""); };
  return absl::InvalidArgumentError(absl::StrCat("it has no sheet \"", std::string(wanted), "\"; its sheets are ",
                                                 absl::StrJoin(sheets, ", ", add_name)));
}

// The texts that cells share. A text may be in several runs; how it is pronounced does not belong to it.
absl::Status ReadTexts(ZipReader* zip, const std::string& part, std::vector<std::string>* texts) {
  bool in_text = false;
  bool in_phonetics = false;
  bool has_room = true;
  const XmlHandlers handlers = {
      .start =
          [&](std::string_view element, const Attributes&) {
            has_room = has_room && (element != "si" || texts->size() < kMaxSharedTexts);
            if (element == "si" && has_room) texts->emplace_back();
            if (element == "rPh") in_phonetics = true;
            in_text = element == "t" && !in_phonetics;
          },
      .end =
          [&](std::string_view element) {
            if (element == "rPh") in_phonetics = false;
            in_text = false;
          },
      .text =
          [&](std::string_view text) {
            if (in_text && !texts->empty()) texts->back().append(text);
          },
  };
  const absl::Status status = ReadPart(zip, part, handlers, [&has_room] { return has_room; });
  if (has_room) return status;
  return absl::InvalidArgumentError(
      absl::StrCat(part, ": it has more than ", kMaxSharedTexts, " texts; save the sheet with the plans alone"));
}

absl::Status ReadStyles(ZipReader* zip, const std::string& part, std::vector<DatePrecision>* styles) {
  // Once for each format: a code may be long, and the format of many styles.
  std::map<int, DatePrecision> formats;
  bool in_cell_formats = false;
  XmlHandlers handlers = OnElements([&](std::string_view element, const Attributes& attributes) {
    const int format = Number(Value(attributes, "numFmtId"), 0);
    if (element == "numFmt") formats[format] = PrecisionOf(format, Value(attributes, "formatCode"));
    if (element == "cellXfs") in_cell_formats = true;
    if (element != "xf" || !in_cell_formats) return;
    const auto own = formats.find(format);
    styles->push_back(own != formats.end() ? own->second : PrecisionOf(format, ""));
  });
  handlers.end = [&](std::string_view element) {
    if (element == "cellXfs") in_cell_formats = false;
  };
  return ReadPart(zip, part, handlers);
}

}  // namespace

absl::StatusOr<Workbook> ReadWorkbook(ZipReader* zip, std::string_view sheet) {
  const auto package = ReadRelationships(zip, "");
  if (!package.ok()) return package.status();
  const std::string part = TargetOf(*package, "/officeDocument");
  if (part.empty()) return absl::InvalidArgumentError("it names no workbook");
  Workbook workbook;
  std::vector<Sheet> sheets;
  const auto handlers = OnElements([&](std::string_view element, const Attributes& attributes) {
    if (element == "workbookPr") {
      const std::string from_1904 = Value(attributes, "date1904");
      workbook.from_1904 = from_1904 == "1" || from_1904 == "true";
    } else if (element == "sheet") {
      const std::string state = Value(attributes, "state");
      sheets.push_back({Value(attributes, "name"), Value(attributes, "id"), !state.empty() && state != "visible"});
    }
  });
  if (absl::Status status = ReadPart(zip, part, handlers); !status.ok()) return status;
  const absl::StatusOr<Sheet> found = FindSheet(sheets, sheet);
  if (!found.ok()) return found.status();
  const auto relationships = ReadRelationships(zip, part);
  if (!relationships.ok()) return relationships.status();
  if (const auto target = relationships->find(found->relationship); target != relationships->end()) {
    workbook.sheet_part = target->second.target;
  }
  const std::string texts = TargetOf(*relationships, "/sharedStrings");
  const std::string styles = TargetOf(*relationships, "/styles");
  absl::Status status = texts.empty() ? absl::OkStatus() : ReadTexts(zip, texts, &workbook.texts);
  if (status.ok() && !styles.empty()) status = ReadStyles(zip, styles, &workbook.styles);
  if (!status.ok()) return status;
  return workbook;
}

}  // namespace almanac::client

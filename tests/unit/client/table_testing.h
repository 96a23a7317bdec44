#pragma once

#include <zip.h>

#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/documents/table_file.h"
#include "client/documents/table_plan.h"
#include "gtest/gtest.h"

namespace almanac::client {

// A ZIP archive of these parts, as their names and contents.
inline std::string MakeZip(const std::vector<std::pair<std::string, std::string>>& parts) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(target);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  for (const auto& [name, content] : parts) {
    zip_file_add(archive, name.c_str(), zip_source_buffer(archive, content.data(), content.size(), 0), 0);
  }
  EXPECT_EQ(zip_close(archive), 0);
  zip_source_open(target);
  zip_source_seek(target, 0, SEEK_END);
  std::string bytes(zip_source_tell(target), '\0');
  zip_source_seek(target, 0, SEEK_SET);
  EXPECT_EQ(zip_source_read(target, bytes.data(), bytes.size()), static_cast<zip_int64_t>(bytes.size()));
  zip_source_close(target);
  zip_source_free(target);
  return bytes;
}

// The parts of an .xlsx whose only sheet, `Plans`, has these rows, in XML, and which has these shared strings and cell
// formats, in XML too. The sheet is the last part.
inline std::vector<std::pair<std::string, std::string>> XlsxParts(const std::string& rows,
                                                                  const std::string& strings = "",
                                                                  const std::string& styles = "") {
  const std::string relationship = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
  const auto link = [&](const std::string& id, const std::string& type, const std::string& target) {
    return "<Relationship Id='" + id + "' Type='" + relationship + type + "' Target='" + target + "'/>";
  };
  return {
      {"_rels/.rels", "<Relationships>" + link("r1", "officeDocument", "xl/workbook.xml") + "</Relationships>"},
      {"xl/workbook.xml",
       "<workbook xmlns:r='r'><sheets><sheet name='Plans' sheetId='1' r:id='r1'/></sheets></workbook>"},
      {"xl/_rels/workbook.xml.rels", "<Relationships>" + link("r1", "worksheet", "worksheets/sheet1.xml") +
                                         link("r2", "sharedStrings", "/xl/sharedStrings.xml") +
                                         link("r3", "styles", "styles.xml") + "</Relationships>"},
      {"xl/sharedStrings.xml", "<sst>" + strings + "</sst>"},
      {"xl/styles.xml", "<styleSheet>" + styles + "</styleSheet>"},
      {"xl/worksheets/sheet1.xml", "<worksheet><sheetData>" + rows + "</sheetData></worksheet>"},
  };
}

// What `bytes`, called `file`, are read as; fails the test and returns an empty table if they are refused.
inline SourceTable ReadOrFail(std::string_view bytes, std::string_view file = "t.csv", std::string_view sheet = "",
                              int header_row = 0) {
  absl::StatusOr<SourceTable> table = ReadTable(bytes, file, sheet, header_row);
  EXPECT_TRUE(table.ok()) << table.status();
  return table.ok() ? *std::move(table) : SourceTable();
}

// Why they are refused.
inline std::string ReadRefusal(std::string_view bytes, std::string_view file = "t.csv", std::string_view sheet = "",
                               int header_row = 0) {
  const absl::StatusOr<SourceTable> table = ReadTable(bytes, file, sheet, header_row);
  EXPECT_EQ(table.status().code(), absl::StatusCode::kInvalidArgument) << table.status();
  return std::string(table.status().message());
}

// The plans of a table in CSV by a mapping in YAML.
inline absl::StatusOr<TablePlans> ReadPlans(std::string_view csv, std::string_view yaml) {
  const absl::StatusOr<Mapping> mapping = ParseMapping(yaml, "m.yaml");
  if (!mapping.ok()) return mapping.status();
  const absl::StatusOr<SourceTable> table = ReadTable(csv, "t.csv", mapping->sheet, mapping->header_row);
  if (!table.ok()) return table.status();
  return ReadTablePlans(*table, *mapping);
}

// A text of `count` times `part`.
inline std::string Times(std::size_t count, std::string_view part) {
  std::string text;
  while (count-- > 0) text.append(part);
  return text;
}

}  // namespace almanac::client

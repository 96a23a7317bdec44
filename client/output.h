// What commands print: resources as a table, JSON, YAML, CSV or names.
#ifndef ALMANAC_CLIENT_OUTPUT_H_
#define ALMANAC_CLIENT_OUTPUT_H_

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/table.h"
#include "client/values.h"

namespace almanac::client {

enum class Format { kTable, kJson, kYaml, kCsv, kName };

// The word for a format on the command line: `table`.
std::string_view FormatWord(Format format);

// How cells are made. Tables are for people: names in them are short, as every command takes them. CSV is complete.
struct Style {
  Language language;
  bool for_people = true;
};

// Where a column is shown besides CSV, which has all.
enum class Show { kAlways, kCsvOnly, kWithDeleted };

// One column of the list of resources of type T.
template <typename T>
struct Column {
  TableColumn look;
  std::function<std::string(const T&, const Style&)> cell;
  Show show = Show::kAlways;
};

template <typename T>
using Columns = std::vector<Column<T>>;

// One resource on its way out: the message for JSON, YAML and names, the cells for tables and CSV.
struct Row {
  const google::protobuf::Message* message;
  std::vector<std::string> cells;
};

// Prints a list page by page.
class RowWriter {
 public:
  virtual ~RowWriter() = default;
  virtual void Write(const std::vector<Row>& rows) = 0;
  // Must be called at the end, also of an empty list.
  virtual void Finish() {}
};

// Prints what a command has to say in the format that the user chose. Does not own the stream.
class Printer {
 public:
  // `width` is the terminal's; 0 means unlimited.
  Printer(std::ostream& out, Format format, Language language, int width);

  std::ostream& out() const { return out_; }
  Format format() const { return format_; }
  int width() const { return width_; }
  const Style& style() const { return style_; }

  // Prints one resource: all its fields in a table, else as a list of one, JSON and YAML without the list.
  template <typename T>
  void PrintOne(const T& resource, const Columns<T>& columns) const;

  // Prints one message that is no resource of a list: fields and values in a table or CSV, JSON, YAML. `show_defaults`
  // is for messages whose zeros tell something.
  void PrintMessage(const google::protobuf::Message& message, bool show_defaults = false) const;

  // A writer of a list with these columns, which must not outlive this printer.
  std::unique_ptr<RowWriter> MakeWriter(std::vector<TableColumn> columns) const;

 private:
  std::ostream& out_;
  Format format_;
  Style style_;
  int width_;
};

// A list of resources of type T that is printed page by page.
template <typename T>
class ListOutput {
 public:
  // `with_deleted` says whether deleted resources are among them.
  ListOutput(const Printer& printer, const Columns<T>& columns, bool with_deleted = false) : printer_(printer) {
    std::vector<TableColumn> looks;
    for (const Column<T>& column : columns) {
      const bool shown = column.show == Show::kAlways || (column.show == Show::kWithDeleted && with_deleted);
      if (!shown && printer.format() != Format::kCsv) continue;
      columns_.push_back(column);
      looks.push_back(column.look);
    }
    writer_ = printer.MakeWriter(std::move(looks));
  }

  // `page` is a range of T.
  template <typename Range>
  void Add(const Range& page) {
    std::vector<Row> rows;
    for (const T& resource : page) rows.push_back(RowOf(resource));
    writer_->Write(rows);
  }

  void AddOne(const T& resource) { writer_->Write({RowOf(resource)}); }

  void Finish() { writer_->Finish(); }

 private:
  Row RowOf(const T& resource) const {
    Row row{&resource, {}};
    for (const Column<T>& column : columns_) row.cells.push_back(column.cell(resource, printer_.style()));
    return row;
  }

  const Printer& printer_;
  Columns<T> columns_;
  std::unique_ptr<RowWriter> writer_;
};

template <typename T>
void Printer::PrintOne(const T& resource, const Columns<T>& columns) const {
  if (format_ != Format::kCsv && format_ != Format::kName) return PrintMessage(resource);
  ListOutput<T> list(*this, columns, true);
  list.AddOne(resource);
  list.Finish();
}

// Whether `stream` is standard output or standard error, and that a terminal.
bool IsTerminal(const std::ostream& stream);

// Whether texts on `out` may stand out by a terminal's own means: it is one that has them, and NO_COLOR is not set.
bool MayHighlight(const std::ostream& out);

// The columns of the terminal that `out` is: what it says itself, else COLUMNS. 0, which is unlimited, for anything
// else: what goes into a pipe or a file is never cut.
int TerminalWidth(const std::ostream& out);

// Whether `out` is standard output and its reader has gone, as `head` does: that is no error.
bool ReaderHasGone(const std::ostream& out);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_OUTPUT_H_

#include "client/output.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/csv.h"
#include "client/fields.h"
#include "client/json.h"
#include "client/text_width.h"

namespace almanac::client {
namespace {

constexpr int kIndent = 2;
constexpr int kLeastValueWidth = 20;

class TableWriter : public RowWriter {
 public:
  TableWriter(std::ostream& out, std::vector<TableColumn> columns, int width)
      : out_(out), table_(std::move(columns), width) {}

  void Write(const std::vector<Row>& rows) override {
    std::vector<std::vector<std::string>> cells;
    for (const Row& row : rows) cells.push_back(row.cells);
    table_.Print(cells, out_);
  }

 private:
  std::ostream& out_;
  Table table_;
};

class JsonWriter : public RowWriter {
 public:
  explicit JsonWriter(std::ostream& out) : out_(out) {}

  void Write(const std::vector<Row>& rows) override {
    for (const Row& row : rows) {
      out_ << (empty_ ? "[\n" : ",\n") << "  " << absl::StrReplaceAll(ToJson(*row.message, kIndent), {{"\n", "\n  "}});
      empty_ = false;
    }
  }

  void Finish() override { out_ << (empty_ ? "[]\n" : "\n]\n"); }

 private:
  std::ostream& out_;
  bool empty_ = true;
};

class YamlWriter : public RowWriter {
 public:
  explicit YamlWriter(std::ostream& out) : out_(out) {}

  void Write(const std::vector<Row>& rows) override {
    for (const Row& row : rows) out_ << JsonToYaml(absl::StrCat("[", ToJson(*row.message, -1), "]")) << '\n';
    empty_ = empty_ && rows.empty();
  }

  void Finish() override {
    if (empty_) out_ << "[]\n";
  }

 private:
  std::ostream& out_;
  bool empty_ = true;
};

class CsvWriter : public RowWriter {
 public:
  CsvWriter(std::ostream& out, const std::vector<TableColumn>& columns) : out_(out) {
    for (const TableColumn& column : columns) {
      header_.push_back(absl::StrReplaceAll(absl::AsciiStrToLower(column.header), {{" ", "_"}}));
    }
  }

  void Write(const std::vector<Row>& rows) override {
    WriteHeader();
    for (const Row& row : rows) out_ << CsvRecord(row.cells) << '\n';
  }

  void Finish() override { WriteHeader(); }

 private:
  void WriteHeader() {
    if (!header_.empty()) out_ << CsvRecord(header_) << '\n';
    header_.clear();
  }

  std::ostream& out_;
  std::vector<std::string> header_;
};

class NameWriter : public RowWriter {
 public:
  explicit NameWriter(std::ostream& out) : out_(out) {}

  void Write(const std::vector<Row>& rows) override {
    for (const Row& row : rows) {
      const google::protobuf::FieldDescriptor* name = row.message->GetDescriptor()->FindFieldByName("name");
      if (name != nullptr) out_ << PlainFieldText(*row.message, *name) << '\n';
    }
  }

 private:
  std::ostream& out_;
};

}  // namespace

std::string_view FormatWord(Format format) {
  switch (format) {
    case Format::kTable:
      return "table";
    case Format::kJson:
      return "json";
    case Format::kYaml:
      return "yaml";
    case Format::kCsv:
      return "csv";
    case Format::kName:
      return "name";
  }
  return "";
}

Printer::Printer(std::ostream& out, Format format, Language language, int width)
    : out_(out), format_(format), style_{std::move(language), format == Format::kTable}, width_(width) {}

void Printer::PrintMessage(const google::protobuf::Message& message, bool show_defaults) const {
  if (format_ == Format::kJson) {
    out_ << ToJson(message, kIndent) << '\n';
    return;
  }
  if (format_ == Format::kYaml) {
    out_ << JsonToYaml(ToJson(message, -1)) << '\n';
    return;
  }
  const std::unique_ptr<RowWriter> writer = MakeWriter({{"FIELD"}, {"VALUE", true}});
  const auto fields = FieldsOf(message, style_.language, show_defaults);
  size_t field_width = 0;
  for (const auto& [field, value] : fields) field_width = std::max(field_width, field.size());
  std::vector<Row> rows;
  for (const auto& [field, value] : fields) {
    // Of a single resource nothing is cut: long values go on in the next line.
    const bool wrap = format_ == Format::kTable && width_ > 0;
    const int room = std::max(kLeastValueWidth, width_ - static_cast<int>(field_width) - 2);
    const std::vector<std::string> lines = wrap ? WrapToWidth(OneLine(value), room) : std::vector{value};
    for (const std::string& line : lines) rows.push_back({&message, {&line == &lines.front() ? field : "", line}});
  }
  writer->Write(rows);
  writer->Finish();
}

std::unique_ptr<RowWriter> Printer::MakeWriter(std::vector<TableColumn> columns) const {
  switch (format_) {
    case Format::kTable:
      return std::make_unique<TableWriter>(out_, std::move(columns), width_);
    case Format::kJson:
      return std::make_unique<JsonWriter>(out_);
    case Format::kYaml:
      return std::make_unique<YamlWriter>(out_);
    case Format::kCsv:
      return std::make_unique<CsvWriter>(out_, columns);
    case Format::kName:
      return std::make_unique<NameWriter>(out_);
  }
  return nullptr;
}

bool IsTerminal(const std::ostream& stream) {
  if (&stream == &std::cout) return isatty(STDOUT_FILENO) != 0;
  return &stream == &std::cerr && isatty(STDERR_FILENO) != 0;
}

bool MayHighlight(const std::ostream& out) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool is_dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return IsTerminal(out) && !is_dumb && (no_color == nullptr || *no_color == '\0');
}

int TerminalWidth(const std::ostream& out) {
  if (&out != &std::cout || !IsTerminal(out)) return 0;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* columns = std::getenv("COLUMNS");
  int width = 0;
  return columns != nullptr && absl::SimpleAtoi(columns, &width) && width > 0 ? width : 0;
}

bool ReaderHasGone(const std::ostream& out) {
  pollfd output{STDOUT_FILENO, 0, 0};
  return &out == &std::cout && poll(&output, 1, 0) == 1 && (output.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace almanac::client

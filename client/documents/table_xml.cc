#include "client/documents/table_xml.h"

#include <expat.h>

#include <memory>
#include <type_traits>

#include "absl/strings/str_cat.h"

namespace almanac::client {
namespace {

struct Reading {
  const XmlHandlers& handlers;
  const std::function<bool()>& keep_on;
  XML_Parser parser;
  bool has_doctype = false;
  bool was_ended = false;
};

std::string_view LocalName(const XML_Char* name) {
  const std::string_view whole(name);
  return whole.substr(whole.rfind(':') + 1);
}

void OnStart(void* data, const XML_Char* name, const XML_Char** attributes) {
  XmlHandlers::Attributes values;
  for (; *attributes != nullptr; attributes += 2) values.emplace(LocalName(attributes[0]), attributes[1]);
  static_cast<Reading*>(data)->handlers.start(LocalName(name), values);
}

void OnEnd(void* data, const XML_Char* name) {
  auto* reading = static_cast<Reading*>(data);
  // Once stopped, the parser still reports the end of an empty element.
  if (reading->was_ended) return;
  reading->handlers.end(LocalName(name));
  if (!reading->keep_on || reading->keep_on()) return;
  reading->was_ended = true;
  XML_StopParser(reading->parser, XML_FALSE);
}

void OnText(void* data, const XML_Char* text, int length) {
  static_cast<Reading*>(data)->handlers.text({text, static_cast<std::size_t>(length)});
}

void OnDoctype(void* data, const XML_Char*, const XML_Char*, const XML_Char*, int) {
  auto* reading = static_cast<Reading*>(data);
  reading->has_doctype = true;
  XML_StopParser(reading->parser, XML_FALSE);
}

struct FreeParser {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

}  // namespace

absl::Status ReadXml(std::string_view xml, const XmlHandlers& handlers, const std::function<bool()>& keep_on) {
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, FreeParser> parser(XML_ParserCreate(nullptr));
  if (!parser) return absl::ResourceExhaustedError("no memory to read XML");
  Reading reading{handlers, keep_on, parser.get()};
  XML_SetUserData(parser.get(), &reading);
  XML_SetElementHandler(parser.get(), OnStart, OnEnd);
  XML_SetCharacterDataHandler(parser.get(), OnText);
  XML_SetStartDoctypeDeclHandler(parser.get(), OnDoctype);
  // In one piece: expat reads a token anew for each piece of it.
  const XML_Status status = XML_Parse(parser.get(), xml.data(), static_cast<int>(xml.size()), /*isFinal=*/1);
  if (status == XML_STATUS_OK || reading.was_ended) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("line ", XML_GetCurrentLineNumber(parser.get()), " of its XML: ",
                                                 reading.has_doctype
                                                     ? "a document type, which no spreadsheet has"
                                                     : XML_ErrorString(XML_GetErrorCode(parser.get()))));
}

}  // namespace almanac::client

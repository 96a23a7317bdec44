#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace almanac::client {

// What is done with an XML text, in its order. Names are without their prefixes.
struct XmlHandlers {
  using Attributes = std::map<std::string_view, std::string_view>;

  std::function<void(std::string_view element, const Attributes& attributes)> start;
  std::function<void(std::string_view element)> end;
  // A piece of the text between.
  std::function<void(std::string_view text)> text;
};

// Reads an XML text. `keep_on` is asked after each element; once it says no, reading ends, and that is no error.
// Returns INVALID_ARGUMENT, with the line, if the text is not well-formed or has a document type, which could define
// entities without end.
absl::Status ReadXml(std::string_view xml, const XmlHandlers& handlers, const std::function<bool()>& keep_on = {});

}  // namespace almanac::client

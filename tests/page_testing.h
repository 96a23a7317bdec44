#pragma once

#include <gtest/gtest.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>

#include <memory>
#include <string>
#include <vector>

namespace almanac::testing {

// A page as a strict parser reads it. Fails the test if it is not well-formed.
class Page {
 public:
  explicit Page(const std::string& text)
      : document_(xmlReadMemory(text.data(), static_cast<int>(text.size()), "page.html", "UTF-8",
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING),
                  &xmlFreeDoc) {
    if (document_ != nullptr) return;
    const xmlError* error = xmlGetLastError();
    ADD_FAILURE() << "not well-formed, line " << error->line << ": " << error->message;
  }

  // The texts of the nodes that an XPath finds, white space between words as one space.
  std::vector<std::string> Texts(const std::string& xpath) const {
    std::vector<std::string> texts;
    if (document_ == nullptr) return texts;
    const std::unique_ptr<xmlXPathContext, void (*)(xmlXPathContext*)> context(xmlXPathNewContext(document_.get()),
                                                                               &xmlXPathFreeContext);
    const std::unique_ptr<xmlXPathObject, void (*)(xmlXPathObject*)> found(
        xmlXPathEvalExpression(reinterpret_cast<const xmlChar*>(xpath.c_str()), context.get()), &xmlXPathFreeObject);
    if (found == nullptr || found->nodesetval == nullptr) return texts;
    for (int i = 0; i < found->nodesetval->nodeNr; ++i) {
      xmlChar* content = xmlNodeGetContent(found->nodesetval->nodeTab[i]);
      texts.push_back(Squeezed(reinterpret_cast<const char*>(content)));
      xmlFree(content);
    }
    return texts;
  }

  size_t Count(const std::string& xpath) const { return Texts(xpath).size(); }

 private:
  static std::string Squeezed(const std::string& text) {
    std::string squeezed;
    for (const char c : text) {
      const bool space = c == ' ' || c == '\n' || c == '\t';
      if (!space) squeezed += c;
      if (space && !squeezed.empty() && squeezed.back() != ' ') squeezed += ' ';
    }
    if (!squeezed.empty() && squeezed.back() == ' ') squeezed.pop_back();
    return squeezed;
  }

  std::unique_ptr<xmlDoc, void (*)(xmlDoc*)> document_;
};

}  // namespace almanac::testing

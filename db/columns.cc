#include "db/columns.h"

#include <simdjson.h>

#include <nlohmann/json.hpp>

namespace almanac::db {
namespace {

using nlohmann::json;

json ToObject(const Texts& texts) {
  json object = json::object();
  for (const auto& [language, text] : texts) object[language] = text;
  return object;
}

// Valid until this thread parses another text. Throws if it is none of JSON.
simdjson::dom::element Parse(std::string_view text) {
  static thread_local simdjson::dom::parser parser;
  return parser.parse(text.data(), text.size());
}

std::string Text(simdjson::dom::element value) { return std::string(value.get_string().value()); }

void FromObject(simdjson::dom::object object, Texts* texts) {
  for (const auto [language, text] : object) (*texts)[std::string(language)] = Text(text);
}

}  // namespace

std::string TextsToJson(const Texts& texts) { return ToObject(texts).dump(); }

void TextsFromJson(std::string_view text, Texts* texts) {
  if (text != "{}") FromObject(Parse(text), texts);
}

std::string ListToJson(const Repeated<std::string>& list) {
  return json(std::vector<std::string>(list.begin(), list.end())).dump();
}

void ListFromJson(std::string_view text, Repeated<std::string>* list) {
  if (text == "[]") return;
  for (const simdjson::dom::element value : Parse(text).get_array()) list->Add(Text(value));
}

std::string FormerTitlesToJson(const Repeated<almanac::v1::FormerTitle>& titles) {
  json list = json::array();
  for (const auto& title : titles) list.push_back({{"language", title.language()}, {"text", title.text()}});
  return list.dump();
}

void FormerTitlesFromJson(std::string_view text, Repeated<almanac::v1::FormerTitle>* titles) {
  if (text == "[]") return;
  for (const simdjson::dom::element value : Parse(text).get_array()) {
    auto* title = titles->Add();
    title->set_language(Text(value["language"]));
    title->set_text(Text(value["text"]));
  }
}

std::string SectionsToJson(const Repeated<almanac::v1::PlanSection>& sections) {
  json list = json::array();
  for (const auto& section : sections) {
    list.push_back({{"code", section.code()},
                    {"titles", ToObject(section.titles())},
                    {"notApplicable", section.not_applicable()},
                    {"notes", ToObject(section.notes())}});
  }
  return list.dump();
}

void SectionsFromJson(std::string_view text, Repeated<almanac::v1::PlanSection>* sections) {
  if (text == "[]") return;
  for (const simdjson::dom::element value : Parse(text).get_array()) {
    auto* section = sections->Add();
    section->set_code(Text(value["code"]));
    FromObject(value["titles"], section->mutable_titles());
    section->set_not_applicable(value["notApplicable"].get_bool());
    FromObject(value["notes"], section->mutable_notes());
  }
}

}  // namespace almanac::db

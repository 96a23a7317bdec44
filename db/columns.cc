#include "db/columns.h"

#include <nlohmann/json.hpp>

namespace almanac::db {
namespace {

using nlohmann::json;

json ToObject(const Texts& texts) {
  json object = json::object();
  for (const auto& [language, text] : texts) object[language] = text;
  return object;
}

void FromObject(const json& object, Texts* texts) {
  for (const auto& [language, text] : object.items()) (*texts)[language] = text.get<std::string>();
}

}  // namespace

std::string TextsToJson(const Texts& texts) { return ToObject(texts).dump(); }

void TextsFromJson(const std::string& text, Texts* texts) {
  if (text != "{}") FromObject(json::parse(text), texts);
}

std::string ListToJson(const Repeated<std::string>& list) {
  return json(std::vector<std::string>(list.begin(), list.end())).dump();
}

void ListFromJson(const std::string& text, Repeated<std::string>* list) {
  if (text == "[]") return;
  for (const json& value : json::parse(text)) list->Add(value.get<std::string>());
}

std::string FormerTitlesToJson(const Repeated<almanac::v1::FormerTitle>& titles) {
  json list = json::array();
  for (const auto& title : titles) list.push_back({{"language", title.language()}, {"text", title.text()}});
  return list.dump();
}

void FormerTitlesFromJson(const std::string& text, Repeated<almanac::v1::FormerTitle>* titles) {
  if (text == "[]") return;
  for (const json& value : json::parse(text)) {
    auto* title = titles->Add();
    title->set_language(value["language"].get<std::string>());
    title->set_text(value["text"].get<std::string>());
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

void SectionsFromJson(const std::string& text, Repeated<almanac::v1::PlanSection>* sections) {
  for (const json& value : json::parse(text)) {
    auto* section = sections->Add();
    section->set_code(value["code"].get<std::string>());
    FromObject(value["titles"], section->mutable_titles());
    section->set_not_applicable(value["notApplicable"].get<bool>());
    FromObject(value["notes"], section->mutable_notes());
  }
}

}  // namespace almanac::db

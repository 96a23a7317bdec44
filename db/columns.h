#pragma once

#include <google/protobuf/map.h>
#include <google/protobuf/repeated_ptr_field.h>

#include <string>
#include <string_view>

#include "almanac/v1/dataset.pb.h"
#include "almanac/v1/release_plan.pb.h"

// How repeated fields and maps lie in jsonb columns. The readers take what the writers wrote.
namespace almanac::db {

using Texts = google::protobuf::Map<std::string, std::string>;
template <typename T>
using Repeated = google::protobuf::RepeatedPtrField<T>;

std::string TextsToJson(const Texts& texts);
void TextsFromJson(std::string_view json, Texts* texts);

std::string ListToJson(const Repeated<std::string>& list);
void ListFromJson(std::string_view json, Repeated<std::string>* list);

std::string FormerTitlesToJson(const Repeated<almanac::v1::FormerTitle>& titles);
void FormerTitlesFromJson(std::string_view json, Repeated<almanac::v1::FormerTitle>* titles);

std::string SectionsToJson(const Repeated<almanac::v1::PlanSection>& sections);
void SectionsFromJson(std::string_view json, Repeated<almanac::v1::PlanSection>* sections);

}  // namespace almanac::db

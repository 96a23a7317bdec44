#include "service/changed_fields.h"

#include <set>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "almanac/v1/change.pb.h"
#include "db/change_log.h"
#include "db/errors.h"
#include "service/nearest_word.h"

namespace almanac::service {
namespace {

constexpr int kMaxFields = 20;

std::set<std::string> FieldsOfResources() {
  std::set<std::string> fields;
  const google::protobuf::OneofDescriptor& kinds = *almanac::v1::Resource::descriptor()->oneof_decl(0);
  for (int i = 0; i < kinds.field_count(); ++i) {
    const google::protobuf::Descriptor& kind = *kinds.field(i)->message_type();
    for (int j = 0; j < kind.field_count(); ++j) {
      if (!db::IsBookkeeping(kind.field(j)->name())) fields.insert(kind.field(j)->name());
    }
  }
  return fields;
}

}  // namespace

absl::Status CheckChangedFields(const google::protobuf::RepeatedPtrField<std::string>& fields) {
  if (fields.size() > kMaxFields) {
    return db::InvalidField("changed_fields", absl::StrCat("holds ", fields.size(), " names; at most ", kMaxFields,
                                                           " may be given, or none for all"));
  }
  if (fields.empty()) return absl::OkStatus();
  const std::set<std::string> known = FieldsOfResources();
  for (const std::string& field : fields) {
    if (known.contains(field)) continue;
    return db::InvalidField("changed_fields", absl::StrCat("\"", db::Excerpt(field, 100),
                                                           "\" is no field of a resource whose changes are told; the "
                                                           "nearest is \"",
                                                           NearestWord(field, {known.begin(), known.end()}), "\""));
  }
  return absl::OkStatus();
}

}  // namespace almanac::service

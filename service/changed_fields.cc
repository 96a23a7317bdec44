#include "service/changed_fields.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "almanac/v1/change.pb.h"
#include "db/change_log.h"
#include "db/errors.h"

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

// How many letters have to be changed, added or taken out to make one word of the other.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, changed}));
    }
  }
  return row.back();
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
    // Only the beginning counts: no name of a field is so long.
    const std::string_view wanted = std::string_view(field).substr(0, 64);
    const std::string& nearest = *std::min_element(known.begin(), known.end(), [&](const auto& a, const auto& b) {
      return EditDistance(wanted, a) < EditDistance(wanted, b);
    });
    return db::InvalidField("changed_fields", absl::StrCat("\"", db::Excerpt(field, 100),
                                                           "\" is no field of a resource whose changes are told; the "
                                                           "nearest is \"",
                                                           nearest, "\""));
  }
  return absl::OkStatus();
}

}  // namespace almanac::service

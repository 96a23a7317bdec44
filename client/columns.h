// Columns that the lists of several nouns share.
#ifndef ALMANAC_CLIENT_COLUMNS_H_
#define ALMANAC_CLIENT_COLUMNS_H_

#include <google/protobuf/util/time_util.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/names.h"
#include "client/output.h"

namespace almanac::client {

// The name: short in tables, whole in CSV.
template <typename T>
Column<T> NameColumn(const NamePattern& names) {
  return {{"NAME"}, [names](const T& resource, const Style& style) {
            return style.for_people ? names.Short(resource.name()) : resource.name();
          }};
}

// A time: local in tables, UTC with all its digits in CSV; empty if absent.
inline std::string TimeText(const google::protobuf::Timestamp& time, const Style& style) {
  if (style.for_people) return LocalTime(time);
  const bool absent = time.seconds() == 0 && time.nanos() == 0;
  return absent ? "" : google::protobuf::util::TimeUtil::ToString(time);
}

// The columns at the end of every list: what the server keeps of each resource.
template <typename T>
void AddBookkeepingColumns(Columns<T>& columns) {
  const auto number = [](const T& resource, const Style&) { return absl::StrCat(resource.revision()); };
  columns.push_back({{"REVISION", false, true}, number, Show::kCsvOnly});
  columns.push_back({{"ETAG"}, [](const T& resource, const Style&) { return resource.etag(); }, Show::kCsvOnly});
  columns.push_back({{"CREATED"},
                     [](const T& resource, const Style& style) { return TimeText(resource.create_time(), style); },
                     Show::kCsvOnly});
  columns.push_back({{"UPDATED"},
                     [](const T& resource, const Style& style) { return TimeText(resource.update_time(), style); },
                     Show::kCsvOnly});
  columns.push_back({{"DELETED"},
                     [](const T& resource, const Style& style) { return TimeText(resource.delete_time(), style); },
                     Show::kWithDeleted});
}

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_COLUMNS_H_

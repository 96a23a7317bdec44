#pragma once

#include <string>

#include "absl/strings/str_cat.h"

namespace almanac::testing {

// SQL that adds datasets to a publisher: the server would take long for thousands. `ids` is a SELECT of their ids.
// With `vector`, the text of a tsvector, they are found by it; else once a server has looked for such datasets.
inline std::string AddDatasetsSql(const std::string& publisher, const std::string& ids, const std::string& title = "x",
                                  const std::string& vector = "") {
  return absl::StrCat(
      "with added as (insert into datasets (publisher_id, dataset_id, titles, categories, remarks, former_titles,"
      " frequency, frequency_texts, formats, landing_page, discontinued, update_count, create_time, update_time,"
      " revision) select '",
      publisher, "', id, jsonb_build_object('en', '", title,
      "'), '{}', '{}', '[]', 'DAILY', '{}', '[]', '', false, 0, now(), now(), 1 from (", ids,
      ") ids(id) returning publisher_id, dataset_id)"
      " insert into dataset_search (publisher_id, dataset_id, vector) select publisher_id, dataset_id, $$",
      vector, "$$ from added where ", vector.empty() ? "false" : "true");
}

}  // namespace almanac::testing

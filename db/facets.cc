#include "db/facets.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "db/datasets.h"

namespace almanac::db {
namespace {

using almanac::v1::CountFacetsResponse;
using almanac::v1::Facet;

// How many rows a sample is to have.
constexpr double kSampleRows = 20000;

constexpr std::string_view kFields[] = {"publisher", "categories", "formats", "frequency", "freshness.state"};

// $1 is the language of categories, $2 how many values of a facet are wanted. Of what they count, its rows come first.
constexpr char kListed[] =
    "with listed as materialized (select t.publisher_id, categories, formats, frequency, freshness_state";

constexpr char kOfListed[] =
    "), counted as ("
    "  select 0 as facet, publisher_id::text as value, count(*) as n from listed group by 2"
    "  union all select 1, coalesce(categories ->> $1, (select text from jsonb_each_text(categories) as c(tag, text)"
    "                                                   order by tag limit 1), ''), count(*) from listed group by 2"
    "  union all select 2, coalesce(format, ''), count(*) from listed"
    "   left join lateral jsonb_array_elements_text(formats) as f(format) on true group by 2"
    "  union all select 3, frequency::text, count(*) from listed group by 2"
    "  union all select 4, coalesce(freshness_state::text, ''), count(*) from listed group by 2),"
    " ranked as (select *, row_number() over (partition by facet order by n desc, value) as place from counted)"
    " select -1, '', (select count(*) from listed), 0"
    " union all select facet, value, n, place from ranked where place <= $2::bigint + 1"
    " order by 1, 4";

}  // namespace

CountFacetsResponse CountFacets(Transaction& transaction, const ListQuery& query, const std::string& language,
                                int max_values) {
  CountFacetsResponse answer;
  answer.set_total_size(CountList(transaction, DatasetSource(), query, kMaxFaceted + 1));
  std::string sample;
  if (answer.total_size() > kMaxFaceted) {
    answer.set_is_estimated(true);
    answer.set_total_size(std::max(kMaxFaceted + 1, EstimateList(transaction, DatasetSource(), query)));
    // Always the same one, so that counts do not change from call to call.
    const double percent = std::min(100.0, 100 * kSampleRows / static_cast<double>(answer.total_size()));
    sample = absl::StrCat(" tablesample system (", percent, ") repeatable (1)");
  }
  std::vector<Param> params = {language, max_values};
  const std::string from = FromList(DatasetSource(), query, sample, &params);
  const Rows rows = transaction.Query(absl::StrCat(kListed, from, kOfListed), params);
  for (const std::string_view field : kFields) answer.add_facets()->set_field(std::string(field));
  double scale = 1;
  for (int i = 0; i < rows.size(); ++i) {
    Rows::Reader row = rows[i];
    const int64_t facet = row.Int();
    std::string value = row.Text();
    const int64_t count = row.Int();
    if (facet < 0) {
      if (answer.is_estimated() && count > 0)
        scale = static_cast<double>(answer.total_size()) / static_cast<double>(count);
      if (!answer.is_estimated()) answer.set_total_size(count);
      continue;
    }
    Facet& counted = *answer.mutable_facets(static_cast<int>(facet));
    if (counted.values_size() == max_values) {
      counted.set_has_more(true);
      continue;
    }
    almanac::v1::FacetValue& entry = *counted.add_values();
    entry.set_value(std::move(value));
    entry.set_count(std::llround(static_cast<double>(count) * scale));
  }
  return answer;
}

}  // namespace almanac::db

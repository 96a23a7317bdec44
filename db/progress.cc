#include "db/progress.h"

#include "absl/strings/numbers.h"
#include "db/names.h"

namespace almanac::db {
namespace {

using almanac::v1::SectionProgress;

// What is known of a line by the end of the day, as it comes through TRACED and JUDGED.
#define LINE                                                                                                   \
  "publisher_id, plan_id, place, date, published, superseded, section, original_target_date, first_slip_days," \
  " first_slip_months, last_slip_days, state, target_date, reasoned_moves, moves, was_open"

// The target of line `c` at the end of `day`, after the moves up to then as MOVES sums them up.
#define TARGET                                                                   \
  "case when confirm_date <= day then coalesce(next_from_target, c.target_date)" \
  " else coalesce(to_target, first_target_date) end"
#define MOVES                                                                                                    \
  "(select count(*) filter (where reschedule_date <= day) as reasoned_moves,"                                    \
  "  (array_agg(to_target_date order by ordinal desc) filter (where reschedule_date <= day))[1] as to_target,"   \
  "  (array_agg(from_target_date order by ordinal) filter (where reschedule_date > day))[1] as next_from_target" \
  " from reschedules"                                                                                            \
  " where publisher_id = c.publisher_id and plan_id = c.plan_id and commitment_id = c.commitment_id) m"

// Each line of the editions as it stood at the end of their day. `offset 0` keeps the look-ups by key: a plan that was
// made while the tables were small would join them in a way that takes for ever once they are large.
#define LINES                                                                                                       \
  "with recursive edition as ("                                                                                     \
  " select *, day::date as date, superseded_on <> '' as superseded"                                                 \
  " from unnest($1::text[], $2::text[], $3::text[], $4::bool[], $5::text[])"                                        \
  "  with ordinality as e(publisher_id, plan_id, day, published, superseded_on, place)"                             \
  "), line as ("                                                                                                    \
  " select e.publisher_id, e.plan_id, place, date, published, superseded, section, original_target_date,"           \
  "  first_slip_days, first_slip_months, last_slip_days,"                                                           \
  "  case when first_day(release_date) <= date then 'RELEASED' when cancel_date <= day then 'CANCELLED'"            \
  "   when confirm_date <= day then 'CONFIRMED' else 'PLANNED' end as state,"                                       \
  " " TARGET                                                                                                        \
  " as target_date,"                                                                                                \
  "  reasoned_moves,"                                                                                               \
  "  reasoned_moves + (published and (first_target_date <> before_target) is true)::int as moves,"                  \
  "  superseded and (first_day(release_date) <= nullif(superseded_on, '')::date or cancel_date <= superseded_on)"   \
  "   is not true as was_open,"                                                                                     \
  "  c.plan_id::text as root_plan_id, c.commitment_id::text as root_id, continues_plan_id, continues_commitment_id" \
  " from edition e"                                                                                                 \
  " cross join lateral (select * from commitments where publisher_id = e.publisher_id and plan_id = e.plan_id"      \
  "  and delete_time is null offset 0) c"                                                                           \
  " cross join lateral " MOVES " left join lateral (select " TARGET                                                 \
  " as before_target from (select * from commitments"                                                               \
  "   where publisher_id = e.publisher_id and plan_id = c.continues_plan_id"                                        \
  "   and commitment_id = c.continues_commitment_id offset 0) c cross join lateral " MOVES ") b on true"

// Each line with the one that first made its promise: what it continues, and so on.
#define TRACED                                                                                            \
  "), traced as ("                                                                                        \
  " select " LINE                                                                                         \
  ", root_plan_id, root_id, continues_plan_id, continues_commitment_id from line"                         \
  " union all"                                                                                            \
  " select " LINE                                                                                         \
  ", t.continues_plan_id, t.continues_commitment_id, b.continues_plan_id, b.continues_commitment_id"      \
  " from traced t cross join lateral (select continues_plan_id, continues_commitment_id from commitments" \
  "  where publisher_id = t.publisher_id and plan_id = t.continues_plan_id"                               \
  "  and commitment_id = t.continues_commitment_id offset 0) b"                                           \
  " where t.continues_plan_id is not null"

// What all published editions made of the promise; whether the line repeats that of another published edition, which
// stands for the promise; and whether it is a later one, which carries the promise on, not one for the same years.
#define JUDGED                                                                                                      \
  "), promise as ("                                                                                                 \
  " select " LINE                                                                                                   \
  ", coalesce(place > min(place) filter (where published) over chain, false) as repeated,"                          \
  "  sum(moves) filter (where published) over chain as all_moves,"                                                  \
  "  sum(reasoned_moves) filter (where published) over chain as all_reasoned_moves,"                                \
  "  bool_or(was_open) over chain as was_ever_open"                                                                 \
  " from traced where continues_plan_id is null window chain as (partition by publisher_id, root_plan_id, root_id)" \
  "), judged as ("                                                                                                  \
  " select p.*, carried, counts,"                                                                                   \
  "  case when counts and date > last_day(target_date) then date - last_day(target_date) end as overdue_days"       \
  " from promise p cross join lateral (select repeated and (superseded or not published) as carried) c"             \
  " cross join lateral (select state in ('PLANNED', 'CONFIRMED') and not carried as counts) s)"

// In the order of SectionProgress, and how many were open when a later edition was published.
#define FIGURES(moves, reasoned_moves, was_open)                                                               \
  "count(*), count(*) filter (where state = 'PLANNED'), count(*) filter (where state = 'CONFIRMED'),"          \
  " count(*) filter (where state = 'RELEASED'),"                                                               \
  " count(*) filter (where state = 'RELEASED' and last_slip_days < 0),"                                        \
  " count(*) filter (where state = 'RELEASED' and last_slip_days = 0),"                                        \
  " count(*) filter (where state = 'RELEASED' and last_slip_days > 0),"                                        \
  " count(*) filter (where state = 'CANCELLED'), count(overdue_days), count(*) filter (where " moves           \
  " > 0),"                                                                                                     \
  " max(overdue_days), floor(percentile_cont(0.5) within group (order by overdue_days))::int,"                 \
  " count(*) filter (where state in ('PLANNED', 'CONFIRMED') and carried),"                                    \
  " count(*) filter (where counts and superseded),"                                                            \
  " count(*) filter (where state = 'RELEASED' and first_slip_days < 0),"                                       \
  " count(*) filter (where state = 'RELEASED' and first_slip_days = 0),"                                       \
  " count(*) filter (where state = 'RELEASED' and first_slip_days > 0),"                                       \
  " count(*) filter (where counts and date > last_day(original_target_date)),"                                 \
  " (percentile_cont(0.5) within group (order by first_slip_months) filter (where state = 'RELEASED'))::text," \
  " sum(" moves ")::bigint, sum(" reasoned_moves ")::bigint, count(*) filter (where " was_open ")"

constexpr Statement kCountLines{LINES TRACED JUDGED " select null, plan_id, section, " FIGURES(
    "moves", "reasoned_moves",
    "was_open") " from judged where $6 in (plan_id, '-')"
                " group by grouping sets ((plan_id, section), (plan_id))"};

constexpr Statement kCountPromises{LINES TRACED JUDGED " select publisher_id, null, null, " FIGURES(
    "all_moves", "all_reasoned_moves",
    "was_ever_open") " from judged where published and not repeated"
                     " group by grouping sets ((publisher_id), ())"};

void ReadMedianSlip(Rows::Reader& row, SectionProgress* figures) {
  double months = 0;
  if (absl::SimpleAtod(row.Text(), &months)) figures->set_median_slip_months(months);
}

Counts FromRow(Rows::Reader row) {
  Counts counts;
  counts.publisher = row.Text();
  counts.plan = row.Text();
  counts.section = row.Text();
  const auto next = [&row] { return static_cast<int32_t>(row.Int()); };
  SectionProgress& figures = counts.figures;
  figures.set_section(counts.section);
  figures.set_commitment_count(next());
  figures.set_planned_count(next());
  figures.set_confirmed_count(next());
  figures.set_released_count(next());
  figures.set_early_count(next());
  figures.set_on_time_count(next());
  figures.set_late_count(next());
  figures.set_cancelled_count(next());
  figures.set_overdue_count(next());
  figures.set_moved_count(next());
  figures.set_max_overdue_days(next());
  figures.set_median_overdue_days(next());
  figures.set_carried_count(next());
  figures.set_dropped_count(next());
  figures.set_first_early_count(next());
  figures.set_first_on_time_count(next());
  figures.set_first_late_count(next());
  figures.set_first_overdue_count(next());
  ReadMedianSlip(row, &figures);
  figures.set_move_count(next());
  figures.set_reasoned_move_count(next());
  counts.was_open_count = next();
  return counts;
}

// $1 to $5 of LINES.
std::vector<Param> ToParams(const std::vector<Edition>& editions) {
  std::vector<std::string> publishers, plans, days, published, superseded_on;
  for (const Edition& edition : editions) {
    const std::vector<std::string> ids = IdsOf(edition.plan);
    publishers.push_back(ids[0]);
    plans.push_back(ids[1]);
    days.push_back(edition.day);
    published.emplace_back(edition.published ? "t" : "f");
    superseded_on.push_back(edition.superseded_on);
  }
  return {Param::Array(publishers), Param::Array(plans), Param::Array(days), Param::Array(published),
          Param::Array(superseded_on)};
}

}  // namespace

std::vector<Counts> CountLines(Transaction& transaction, const std::vector<Edition>& editions,
                               const std::string& plan_name) {
  std::vector<Param> params = ToParams(editions);
  params.emplace_back(plan_name.empty() ? "-" : IdsOf(plan_name)[1]);
  return ReadAll(transaction.Exec(kCountLines, params), FromRow);
}

std::vector<Counts> CountPromises(Transaction& transaction, const std::vector<Edition>& editions) {
  return ReadAll(transaction.Exec(kCountPromises, ToParams(editions)), FromRow);
}

#undef LINE
#undef TARGET
#undef MOVES
#undef LINES
#undef TRACED
#undef JUDGED
#undef FIGURES

}  // namespace almanac::db

#pragma once

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "tests/integration/catalogue_fixture.h"

// What the tests of GetProgress share.
namespace almanac::testing {

// How `progress`, whatever message of it, differs from what is expected; rates may differ by rounding. Empty if it does
// not.
template <typename T>
std::string Difference(const T& expected, const T& progress) {
  google::protobuf::util::MessageDifferencer differencer;
  std::string difference;
  differencer.set_float_comparison(google::protobuf::util::MessageDifferencer::APPROXIMATE);
  differencer.ReportDifferencesToString(&difference);
  differencer.Compare(expected, progress);
  return difference;
}

// Expects the figures that `text` says and no others.
inline void ExpectFigures(const almanac::v1::SectionProgress& figures, const std::string& text) {
  almanac::v1::SectionProgress expected;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &expected)) << text;
  EXPECT_EQ(Difference(expected, figures), "");
}

class ProgressTest : public CatalogueTest {
 protected:
  // The catalogue's clock never goes back: set it to later and later times.
  void SetClock(absl::CivilSecond utc) { database_.SetClock(absl::FromCivil(utc, absl::UTCTimeZone())); }

  almanac::v1::Progress At(const std::string& name, const std::string& day) {
    auto request = Named<almanac::v1::GetProgressRequest>(name);
    request.set_as_of(day);
    return Do(request);
  }

  // Moves of a commitment's life that were made `on` a day and are recorded now.
  void Move(const std::string& name, const std::string& target_date, const std::string& on) {
    auto request = ToMove(name, target_date);
    request.set_reschedule_date(on);
    Do(request);
  }
  void Confirm(const std::string& name, const std::string& day, const std::string& on) {
    auto request = ToConfirm(name, day);
    request.set_confirm_date(on);
    Do(request);
  }
  void Cancel(const std::string& name, const std::string& on) {
    auto request = ToCancel(name);
    request.set_cancel_date(on);
    Do(request);
  }

  // Publishes a plan; `published_on` is what its document says, or empty.
  void Publish(const std::string& plan, const std::string& published_on) {
    almanac::v1::UpdateReleasePlanRequest update;
    update.mutable_release_plan()->set_name(plan);
    update.mutable_release_plan()->set_published_on(published_on);
    update.mutable_update_mask()->add_paths("published_on");
    Do(update);
    Do(Named<almanac::v1::PublishPlanRequest>(plan));
  }

  // Makes every line of a published edition that has a target continue the line about the same dataset in the latest
  // earlier edition that has one.
  void LinkEditions() {
    database_.Sql(R"(
      with line as (
        select c.*, p.start_year, p.end_year from commitments c join plans p using (publisher_id, plan_id)
        where p.state <> 'DRAFT' and c.target_date is not null
      ), link as (
        select distinct on (l.publisher_id, l.plan_id, l.commitment_id)
               l.publisher_id, l.plan_id, l.commitment_id, e.plan_id as before_plan, e.commitment_id as before_id,
               first_value(e.first_target_date) over (partition by l.publisher_id, l.plan_id, l.commitment_id
                                                      order by e.start_year, e.end_year) as original
        from line l join line e on e.publisher_id = l.publisher_id and e.dataset_id = l.dataset_id
                                and (e.start_year, e.end_year) < (l.start_year, l.end_year)
        order by l.publisher_id, l.plan_id, l.commitment_id, e.start_year desc, e.end_year desc
      ), later as (
        update commitments c set continues_plan_id = before_plan, continues_commitment_id = before_id,
                                 original_target_date = original
        from link k where (c.publisher_id, c.plan_id, c.commitment_id) = (k.publisher_id, k.plan_id, k.commitment_id)
      )
      select count(*) from link)");
    database_.Sql(R"(
      update commitments c set continued_by_plan_id = l.plan_id, continued_by_commitment_id = l.commitment_id
      from commitments l
      where (l.publisher_id, l.continues_plan_id, l.continues_commitment_id)
            = (c.publisher_id, c.plan_id, c.commitment_id))");
    database_.Sql(R"(
      update plans p set state = 'SUPERSEDED'
      where state = 'PUBLISHED' and exists (
        select from plans l where l.publisher_id = p.publisher_id and l.state <> 'DRAFT'
                                  and (l.start_year, l.end_year) > (p.start_year, p.end_year)))");
  }
};

}  // namespace almanac::testing

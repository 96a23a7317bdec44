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
};

}  // namespace almanac::testing

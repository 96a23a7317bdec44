#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/catalogue_fixture.h"

// What the tests of several editions of a plan share.
namespace almanac::testing {

// The publisher `swd`, without editions; each is for a year and the two after, and known by its first.
class EditionsTest : public CatalogueTest {
 protected:
  EditionsTest() { AddPublisher(); }

  static std::string Plan(int year) { return absl::StrCat("publishers/swd/plans/", year, "-", year + 2); }
  static std::string Line(int year, const std::string& id) { return absl::StrCat(Plan(year), "/commitments/", id); }
  static std::string DatasetOf(const std::string& id) { return "publishers/swd/datasets/" + id; }

  // Adds a line to the draft edition, and the edition and the dataset if they are missing.
  almanac::v1::Commitment Promise(int year, const std::string& section, int number, const std::string& dataset,
                                  const std::string& target_date) {
    return Do(ToAdd(year, section, number, dataset, target_date));
  }

  // The same for a line that the edition lists as released.
  almanac::v1::Commitment ListReleased(int year, const std::string& section, int number, const std::string& dataset,
                                       const std::string& release_date) {
    auto request = ToAdd(year, section, number, dataset, "");
    request.mutable_commitment()->set_release_date(release_date);
    return Do(request);
  }

  almanac::v1::ReleasePlan Publish(int year) { return Do(Named<almanac::v1::PublishPlanRequest>(Plan(year))); }

  static almanac::v1::LinkCommitmentRequest ToLink(const std::string& line, const std::string& dataset) {
    auto request = Named<almanac::v1::LinkCommitmentRequest>(line);
    request.set_dataset(dataset);
    return request;
  }

  static almanac::v1::DiffPlansRequest ToDiff(const std::string& from, const std::string& to) {
    auto request = Named<almanac::v1::DiffPlansRequest>(from);
    request.set_other_plan(to);
    return request;
  }

  // `VERDICT 3 days 1 months` of a slip.
  static std::string Text(const almanac::v1::Slip& slip) {
    return absl::StrCat(almanac::v1::Slip::Verdict_Name(slip.verdict()), " ", slip.days(), " days ", slip.months(),
                        " months");
  }

  // `TYPE the end of the name` of each change after `revision`.
  std::vector<std::string> ChangeTextsAfter(int64_t revision) {
    std::vector<std::string> texts;
    for (const almanac::v1::Change& change : ChangesAfter(revision)) {
      texts.push_back(absl::StrCat(almanac::v1::Change::Type_Name(change.type()), " ",
                                   change.resource().substr(std::string("publishers/swd/").size())));
    }
    return texts;
  }

 private:
  almanac::v1::CreateCommitmentRequest ToAdd(int year, const std::string& section, int number,
                                             const std::string& dataset, const std::string& target_date) {
    if (!Try(Named<almanac::v1::GetReleasePlanRequest>(Plan(year))).ok()) AddPlan("swd", year, year + 2);
    if (!Try(Named<almanac::v1::GetDatasetRequest>(DatasetOf(dataset))).ok()) AddDataset(dataset);
    return NewLine(section, number, DatasetOf(dataset), target_date, Plan(year));
  }
};

}  // namespace almanac::testing

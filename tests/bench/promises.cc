#include "tests/bench/promises.h"

#include <atomic>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace almanac::bench {
namespace {

using almanac::v1::Commitment;
using almanac::v1::ReleasePlan;

constexpr int kPromises = kPublishers * kDatasetsEach;
constexpr int kSlots = 64;
constexpr char kPeriod[] = "2023-2025";
// What is not settled is promised for a year that no clock reaches, lest becoming overdue it writes while others are
// measured; the day of the account lies beyond.
constexpr int kSettledYear = 2023;
constexpr int kOpenYear = 2098;
constexpr char kDayOfAccount[] = "2099-01-01";

// What becomes of a promise, by its place in the plan.
enum Fate { kStays, kReleased, kMoved, kCancelled, kFates };

std::string PlanName(int index) { return absl::StrCat(PublisherName(index % kPublishers), "/plans/", kPeriod); }

// Promise i is about dataset i.
std::string CommitmentName(int index) {
  return absl::StrCat(PlanName(index), "/commitments/a-", index / kPublishers + 1);
}

// The promise with this fate that has the place `nth` among all that have it.
std::string CommitmentWith(Fate fate, int nth) {
  const int row = nth / kPublishers * kFates + fate;
  return CommitmentName(row * kPublishers + nth % kPublishers);
}

// Makes `count` calls, many at a time. `start(i, call, done)` fills the request of the i-th and begins it.
template <typename Request, typename Response, typename Start>
absl::Status CallEach(int count, const Start& start) {
  std::vector<Call<Request, Response>> calls(kSlots);
  std::atomic<int> next = 0;
  return RunLoad(kSlots, {.operations = count},
                 [&](int slot, Done done) {
                   calls[slot].request.Clear();
                   calls[slot].Renew();
                   start(next++, calls[slot],
                         [done = std::move(done)](const grpc::Status& status) { done(FromGrpc(status)); });
                 })
      .status();
}

absl::Status AddPlans(const Server& server) {
  return CallEach<almanac::v1::CreateReleasePlanRequest, ReleasePlan>(
      kPublishers, [&server](int i, auto& call, auto done) {
        call.request.set_parent(PublisherName(i));
        ReleasePlan& plan = *call.request.mutable_release_plan();
        plan.mutable_period()->set_start_year(2023);
        plan.mutable_period()->set_end_year(2025);
        plan.set_published_on("2022-12");
        server.plans().async()->CreateReleasePlan(call.context.get(), &call.request, &call.response, std::move(done));
      });
}

absl::Status AddLines(const Server& server) {
  return CallEach<almanac::v1::CreateCommitmentRequest, Commitment>(kPromises, [&server](int i, auto& call, auto done) {
    call.request.set_parent(PlanName(i));
    Commitment& line = *call.request.mutable_commitment();
    line.set_dataset(DatasetName(i));
    line.set_section("A");
    line.set_number(i / kPublishers + 1);
    const bool is_released = i / kPublishers % kFates == kReleased;
    line.set_target_date(absl::StrFormat("%d-%02d", is_released ? kSettledYear : kOpenYear, 1 + i / kPublishers % 12));
    server.plans().async()->CreateCommitment(call.context.get(), &call.request, &call.response, std::move(done));
  });
}

absl::Status Publish(const Server& server) {
  return CallEach<almanac::v1::PublishPlanRequest, ReleasePlan>(kPublishers, [&server](int i, auto& call, auto done) {
    call.request.set_name(PlanName(i));
    server.plans().async()->PublishPlan(call.context.get(), &call.request, &call.response, std::move(done));
  });
}

absl::Status Release(const Server& server) {
  return CallEach<almanac::v1::ReleaseCommitmentRequest, Commitment>(
      kPromises / kFates, [&server](int i, auto& call, auto done) {
        call.request.set_name(CommitmentWith(kReleased, i));
        call.request.set_release_date("2023-06-15");
        server.plans().async()->ReleaseCommitment(call.context.get(), &call.request, &call.response, std::move(done));
      });
}

absl::Status Move(const Server& server) {
  return CallEach<almanac::v1::RescheduleCommitmentRequest, Commitment>(kPromises / kFates, [&server](int i, auto& call,
                                                                                                      auto done) {
    call.request.set_name(CommitmentWith(kMoved, i));
    call.request.set_target_date(absl::StrCat(kOpenYear + 1));
    call.request.set_reason(Commitment::RESOURCES);
    call.request.set_note("Two posts are vacant.");
    call.request.set_reschedule_date("2023-03-01");
    server.plans().async()->RescheduleCommitment(call.context.get(), &call.request, &call.response, std::move(done));
  });
}

absl::Status Cancel(const Server& server) {
  return CallEach<almanac::v1::CancelCommitmentRequest, Commitment>(
      kPromises / kFates, [&server](int i, auto& call, auto done) {
        call.request.set_name(CommitmentWith(kCancelled, i));
        call.request.set_reason(Commitment::PRIVACY);
        call.request.set_note("Individuals could be told apart.");
        call.request.set_cancel_date("2023-04-01");
        server.plans().async()->CancelCommitment(call.context.get(), &call.request, &call.response, std::move(done));
      });
}

}  // namespace

absl::Status FillPromises(const Server& server) {
  for (const auto step : {&AddPlans, &AddLines, &Publish, &Release, &Move, &Cancel}) {
    if (absl::Status done = step(server); !done.ok()) return done;
  }
  return absl::OkStatus();
}

void Accounts::Start(int slot, Done done) {
  auto& call = calls_[slot];
  call.request.set_name("publishers/-");
  call.request.set_as_of(kDayOfAccount);
  call.response.Clear();
  server_.plans().async()->GetProgress(
      call.Renew(), &call.request, &call.response, [&call, done = std::move(done)](const grpc::Status& status) {
        const auto& total = call.response.total();
        const bool right = call.response.publishers_size() == kPublishers && total.commitment_count() == kPromises &&
                           total.overdue_count() == kPromises / kFates &&
                           total.released_count() == kPromises / kFates && total.move_count() == kPromises / kFates;
        if (!status.ok() || right) return done(FromGrpc(status));
        done(absl::InternalError(absl::StrCat("wrong account: ", total.ShortDebugString())));
      });
}

}  // namespace almanac::bench

// The promises of a publisher as they stood on a day, told through all editions of its plan.
#ifndef ALMANAC_CLIENT_PROMISES_H_
#define ALMANAC_CLIENT_PROMISES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "almanac/v1/commitment.pb.h"
#include "almanac/v1/publisher.pb.h"
#include "almanac/v1/release_plan.pb.h"

namespace almanac::client {

// All that the catalogue has of a publisher's plans.
struct PublisherPlans {
  v1::Publisher publisher;
  std::vector<v1::ReleasePlan> plans;
  std::vector<v1::Commitment> commitments;
};

// One change of a promise's target.
struct Move {
  // When it was decided; empty where it is not known.
  std::string day;
  std::string from;
  std::string to;
  v1::Commitment::Reason reason = v1::Commitment::REASON_UNSPECIFIED;
  std::string note;
  std::string actor;
  // Whether a later edition just said another target, so that no reason is on record.
  bool by_edition = false;
};

// One promise as it stood at the end of a day: what was decided later is not in it. Points into PublisherPlans.
struct Promise {
  // Its lines in the editions that made it, the earliest first; the last is the one that it is judged by. Never empty.
  std::vector<const v1::Commitment*> lines;
  v1::Commitment::State state = v1::Commitment::PLANNED;
  // The day on which the first of its editions was published; empty for a draft.
  std::string promise_date;
  // What was promised first and last; both empty for a line that its plan lists as released.
  std::string first_target;
  std::string target;
  std::vector<Move> moves;
  // Each cancellation, of earlier editions too though a later one took the promise up again; they have no `to`.
  std::vector<Move> cancellations;
  // Each empty unless it happened.
  std::string confirm_date;
  std::string release_date;
  std::string cancel_date;
  // Open, and left out by the next edition without a word.
  bool dropped = false;
  // Open, and carried on by a later edition: only for lines of a plan.
  bool carried = false;
  // The days since the last one of the target; 0 unless it is open and past it.
  int overdue_days = 0;

  const v1::Commitment& line() const { return *lines.back(); }
  bool open() const { return state == v1::Commitment::PLANNED || state == v1::Commitment::CONFIRMED; }
  // The first day on which it was overdue; empty unless it is.
  std::string OverdueSince() const;
};

// The day on which each plan was published, by its name: what the plan says of it, else the day of PublishPlan where
// the publisher is. Drafts are not in it.
std::map<std::string, absl::CivilDay> PublicationDays(const PublisherPlans& all);

// Every promise of the editions that were published by `day`, each once.
std::vector<Promise> PromisesOn(const PublisherPlans& all, absl::CivilDay day);

// Every line of a plan, which may be a draft or published later.
std::vector<Promise> LinesOn(const PublisherPlans& all, const std::string& plan, absl::CivilDay day);

// Where it stands in a few words: `overdue 93 days`, `late by 2 months`, `on time`, `planned`.
std::string StandingText(const Promise& promise);

// `on time`, `late by 3 months`, `early by 12 days`; empty without an outcome.
std::string SlipText(const v1::Slip& slip);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_PROMISES_H_

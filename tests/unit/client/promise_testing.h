#pragma once

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/promises.h"

// A publisher with two editions, for the tests of what is shown of promises.
namespace almanac::client {

template <typename T>
T FromText(const std::string& text) {
  T message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// What became of six lines, by 2025:
//   2022-2024/a-1  June 2022, moved to September, confirmed for the 15th, released on the 20th
//   2022-2024/a-2  2023, carried on by the next edition as
//   2025-2027/a-1  June 2025
//   2022-2024/a-3  the last quarter of 2022, cancelled on 10 February 2023
//   2022-2024/a-4  March 2023, dropped
//   2022-2024/d-1  listed as released
inline PublisherPlans TwoEditions() {
  PublisherPlans all;
  all.publisher = FromText<v1::Publisher>(R"(name: 'publishers/swd' time_zone: 'Asia/Hong_Kong'
    titles { key: 'zh-Hans-HK' value: '社会福利署' } titles { key: 'en' value: 'Social Welfare Department' })");
  all.plans = {FromText<v1::ReleasePlan>(R"(name: 'publishers/swd/plans/2022-2024' state: SUPERSEDED
                 period { start_year: 2022 end_year: 2024 } published_on: '2021-12'
                 sections { code: 'A' titles { key: 'en' value: 'To be released' } } sections { code: 'D' })"),
               FromText<v1::ReleasePlan>(R"(name: 'publishers/swd/plans/2025-2027' state: PUBLISHED
                 period { start_year: 2025 end_year: 2027 } published_on: '2024-12-30'
                 sections { code: 'A' titles { key: 'zh-Hans-HK' value: '将会发放' } })")};
  const auto line = [&all](const std::string& name, const std::string& text) {
    all.commitments.push_back(FromText<v1::Commitment>(text));
    all.commitments.back().set_name("publishers/swd/plans/" + name);
  };
  line("2022-2024/commitments/a-1", R"(section: 'A' number: 1 dataset: 'publishers/swd/datasets/teams'
    titles { key: 'zh-Hans-HK' value: '少数族裔外展队名单' } categories { key: 'zh-Hans-HK' value: '社会福利' }
    first_target_date: '2022-06' target_date: '2022-09-15' confirm_date: '2022-09-01'
    state: RELEASED release_date: '2022-09-20'
    reschedules { from_target_date: '2022-06' to_target_date: '2022-09' reason: RESOURCES
      note: 'Two posts are vacant' actor: 'ling' reschedule_date: '2022-05-20' }
    outcome { against_first_target { verdict: LATE days: 82 months: 3 }
              against_last_target { verdict: LATE days: 5 } }
    create_time { seconds: 1640000000 } update_time { seconds: 1663635600 })");
  line("2022-2024/commitments/a-2", R"(section: 'A' number: 2 titles { key: 'en' value: 'Shelters' }
    first_target_date: '2023' target_date: '2023' state: PLANNED
    continued_by: 'publishers/swd/plans/2025-2027/commitments/a-1' create_time { seconds: 1640000000 })");
  line("2022-2024/commitments/a-3", R"(section: 'A' number: 3 titles { key: 'en' value: 'Case files' }
    first_target_date: '2022-Q4' target_date: '2022-Q4' state: CANCELLED
    cancellation { reason: DATA_QUALITY note: 'Too many gaps' actor: 'siu' cancel_date: '2023-02-10' })");
  line("2022-2024/commitments/a-4", R"(section: 'A' number: 4 titles { key: 'en' value: 'Waiting times' }
    first_target_date: '2023-03' target_date: '2023-03' state: PLANNED)");
  line("2022-2024/commitments/d-1", R"(section: 'D' number: 1 titles { key: 'en' value: 'Offices' }
    state: RELEASED release_date: '2021')");
  line("2025-2027/commitments/a-1", R"(section: 'A' number: 1 titles { key: 'en' value: 'Shelters' }
    first_target_date: '2025-06' target_date: '2025-06' state: PLANNED original_target_date: '2023'
    continues: 'publishers/swd/plans/2022-2024/commitments/a-2' update_time { seconds: 1735500000 })");
  return all;
}

// The same, where 2022-2024/a-2 was cancelled before 2025-2027/a-1 took it up again.
inline PublisherPlans CancelledAndTakenUpAgain() {
  PublisherPlans all = TwoEditions();
  v1::Commitment& line = all.commitments[1];
  line.set_state(v1::Commitment::CANCELLED);
  *line.mutable_cancellation() =
      FromText<v1::Cancellation>("reason: FUNDING note: 'No money' actor: 'mei' cancel_date: '2023-05-02'");
  return all;
}

// The promise whose line is `publishers/swd/plans/{name}`; a default one, and a failure, if it is not among them.
inline Promise Find(const std::vector<Promise>& promises, const std::string& name) {
  for (const Promise& promise : promises) {
    if (promise.line().name() == "publishers/swd/plans/" + name) return promise;
  }
  ADD_FAILURE() << "no promise " << name;
  return {};
}

}  // namespace almanac::client

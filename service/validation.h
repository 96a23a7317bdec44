#pragma once

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/map.h>
#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "almanac/v1/commitment.pb.h"
#include "almanac/v1/dataset.pb.h"
#include "almanac/v1/plan_document.pb.h"
#include "almanac/v1/publisher.pb.h"
#include "almanac/v1/release_plan.pb.h"

// Checks of what clients send. Each returns OK, or INVALID_ARGUMENT with a violation per wrong field, whose paths begin
// with `field` or, for a whole resource, with its name in the request. The limits are those in the protos' comments.
namespace almanac::service {

inline constexpr int kMaxTitle = 1000;
inline constexpr int kMaxRemark = 10000;
inline constexpr int kMaxNote = 4000;
inline constexpr int kMaxUrl = 2000;
inline constexpr int kMaxActor = 256;
inline constexpr int kMaxFormats = 32;
inline constexpr int kMaxLanguages = 32;
inline constexpr int kMaxFormerTitles = 32;
inline constexpr int kMaxDocumentLines = 5000;
inline constexpr int kMaxDocuments = 1000;
inline constexpr int kMaxBatchLines = 20000;
inline constexpr int kMaxBatch = 1000;
inline constexpr int kDefaultPageSize = 100;
inline constexpr int kMaxPageSize = 1000;
// A page ends at so many bytes, whatever its size: a gRPC client that nobody configured takes messages up to 4 MiB.
inline constexpr size_t kMaxPageBytes = 3 << 20;

// `text` is UTF-8 without NUL and at most `max_characters` long.
absl::Status CheckText(std::string_view field, std::string_view text, int max_characters);

// No text anywhere in `message` has a NUL; proto3 has already refused what is not UTF-8. A violation names the field by
// its path, a text in a map by the map's.
absl::Status CheckTexts(const google::protobuf::Message& message);

// At most 100 printable ASCII characters; may be empty.
absl::Status CheckRequestId(std::string_view request_id);

// Between 1 and 1,000 names, each of the form of `pattern`.
absl::Status CheckBatch(const google::protobuf::RepeatedPtrField<std::string>& names, std::string_view pattern);

// How many of something a request gets that asks for `asked`: 0 means `by_default`, more than `at_most` means that,
// less than 0 is refused.
absl::StatusOr<int> CheckSize(std::string_view field, int32_t asked, int by_default, int at_most);
// The same of the pages of a list.
absl::StatusOr<int> PageSize(int32_t page_size);

// A date of any precision.
absl::Status CheckDate(std::string_view field, std::string_view date);
// An exact day.
absl::Status CheckDay(std::string_view field, std::string_view date);
// An exact day, or empty.
absl::Status CheckOptionalDay(std::string_view field, std::string_view date);

// The range that protobuf's Timestamp documents: the years 1 to 9999.
absl::Status CheckTime(std::string_view field, const google::protobuf::Timestamp& time);

// A coded reason and a note, both given.
absl::Status CheckReason(almanac::v1::Commitment::Reason reason, std::string_view note);

absl::Status CheckPublisher(const almanac::v1::Publisher& publisher);
absl::Status CheckDataset(const almanac::v1::Dataset& dataset);
absl::Status CheckPlan(const almanac::v1::ReleasePlan& plan);
absl::Status CheckCommitment(const almanac::v1::Commitment& commitment);
absl::Status CheckDocument(const almanac::v1::PlanDocument& document);

// `current` with the fields that `mask` names taken from `patch` (AIP-134): `*` for all that clients may set, an empty
// mask for those that are set in `patch`. `settable` names the fields that clients may set, separated by spaces; a path
// outside it is refused, naming them.
absl::Status ApplyMask(const google::protobuf::FieldMask& mask, const google::protobuf::Message& patch,
                       std::string_view settable, google::protobuf::Message* current);

}  // namespace almanac::service

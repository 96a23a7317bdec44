// How single values of the catalogue look as text, and how such text is read.
#ifndef ALMANAC_CLIENT_VALUES_H_
#define ALMANAC_CLIENT_VALUES_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>
#include <google/protobuf/map.h>
#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace almanac::client {

// Which text of a map of languages is shown. Tags are compared without regard to case.
class Language {
 public:
  // `tag` is the BCP-47 tag that is wanted; empty for no wish.
  explicit Language(std::string tag = "");

  // The tag of `texts` that is shown, empty for no texts. It is the first of these that there is, the alphabetically
  // first of several: the wanted one; one that begins with it (`zh-Hant-HK` for `zh`); one of the same language and
  // script (`zh-Hant-HK` for `zh-TW`); one of the same language; then, whatever was wanted, zh-Hans-HK, zh-Hant-HK and
  // en, each or one of its language and script; then any. docs/api.md says it to consumers.
  std::string PickTag(const google::protobuf::Map<std::string, std::string>& texts) const;

  // The text under that tag.
  std::string Pick(const google::protobuf::Map<std::string, std::string>& texts) const;

  // Whether the user asked for a language.
  bool IsChosen() const { return !tag_.empty(); }

  // The tag that is looked for first.
  std::string FirstChoice() const;

 private:
  std::string tag_;
};

// An enum value as the command line writes it: `HALF_YEARLY` is `half-yearly`; empty for an unspecified value. A number
// that this client does not know stays a number.
std::string EnumText(const google::protobuf::EnumDescriptor& type, int value);

template <typename Enum>
std::string EnumText(Enum value) {
  return EnumText(*google::protobuf::GetEnumDescriptor<Enum>(), static_cast<int>(value));
}

// The values of an enum as the command line writes them, without the unspecified one, joined by commas.
std::string EnumChoices(const google::protobuf::EnumDescriptor& type);

// The value that `text` names, in lower or upper case, with `-` or `_`. Returns a usage error that lists the choices.
absl::StatusOr<int> ParseEnum(const google::protobuf::EnumDescriptor& type, std::string_view text);

// The time that `text` says in RFC 3339, `2022-07-01T09:00:00+08:00`. INVALID_ARGUMENT if it says none.
absl::StatusOr<google::protobuf::Timestamp> ParseTime(const std::string& text);

// `1,234,567`.
std::string GroupedNumber(int64_t number);

// How many there are: `1,234`, or of an estimate as much as can be known, `about 1,200`.
std::string TotalText(int64_t count, bool is_estimate);

// The percentage that `part` is of `whole` and a bar of ten blocks, both rounded down, so that only all of it is 100 %;
// empty if there is nothing to count.
std::string Bar(int64_t part, int64_t whole);

// RFC 3339 in seconds, in this computer's time zone; empty for an absent (zero) time.
std::string LocalTime(const google::protobuf::Timestamp& time);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_VALUES_H_

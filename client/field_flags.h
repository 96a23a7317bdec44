// Flags that set fields of a resource, described by tables: one line for each field.
#ifndef ALMANAC_CLIENT_FIELD_FLAGS_H_
#define ALMANAC_CLIENT_FIELD_FLAGS_H_

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace almanac::client {

// One flag and the field that it sets. How the flag is written follows from the field's type:
//   map of languages         TAG=TEXT, repeatable; an empty TEXT removes the language
//   FormerTitle, repeated    TAG=TEXT, repeatable; replaces the list
//   PlanSection, repeated    LETTER or LETTER/TAG=TEXT, repeatable; adds to the list
//   Period                   YEAR-YEAR or YEAR
//   strings, repeated        TEXT, repeatable; replaces the list; one empty TEXT empties it
//   enum                     a lower-case word
//   boolean                  true or false
//   string, number           itself; an empty text clears a string
struct FieldFlag {
  std::string flag;   // `--title`
  std::string field;  // `titles`
  std::string help;
};

class FieldFlags {
 public:
  // Adds the flags to `command`, which must not outlive this object. `type` is the resource's.
  FieldFlags(CLI::App& command, const google::protobuf::Descriptor& type, std::vector<FieldFlag> flags);

  FieldFlags(const FieldFlags&) = delete;
  FieldFlags& operator=(const FieldFlags&) = delete;

  // Sets the fields whose flags were given and adds them to `mask`. Returns a usage error for a value that is not
  // written as its field needs.
  absl::Status Apply(google::protobuf::Message& resource, google::protobuf::FieldMask& mask) const;

  // The flags, joined by commas.
  std::string List() const;

 private:
  struct Bound {
    FieldFlag flag;
    const google::protobuf::FieldDescriptor* field;
    CLI::Option* option = nullptr;
    std::vector<std::string> values;
  };

  std::vector<Bound> bound_;
};

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_FIELD_FLAGS_H_

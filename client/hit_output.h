#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "almanac/v1/dataset_service.pb.h"
#include "client/output.h"
#include "client/program.h"

namespace almanac::client {

// A field of a dataset as people say it: `title en` for `titles.en`, `former title` for `former_titles[0]`.
std::string FieldWords(const std::string& field);

// Prints what a search found. For people it is each dataset's name, and below it its title and the texts in which the
// words are, with the field that each is in: of a text in several languages the one that is shown, if the words are in
// that. CSV has the first of these texts.
class HitOutput {
 public:
  // `highlight` says whether the words may stand out as a terminal can make them.
  HitOutput(Session& session, bool highlight);

  // Tells people what else was searched for.
  void BeginPage(const v1::SearchDatasetsResponse& page);
  void Add(const google::protobuf::RepeatedPtrField<v1::DatasetHit>& hits);
  void Finish();

 private:
  void PrintBlock(const v1::DatasetHit& hit) const;
  // Its lines stand below each other, behind the label.
  void PrintText(const std::string& label, const google::protobuf::RepeatedPtrField<v1::TextPiece>& text) const;

  Session& session_;
  const bool highlight_;
  bool told_corrections_ = false;
  std::unique_ptr<RowWriter> writer_;  // Of every format but the table.
};

// Prints that nothing was found, and tells people what to try.
absl::Status PrintNone(Session& session, HitOutput& output);

}  // namespace almanac::client

#include "client/documents/pdf_boxes.h"

#include <poppler-document.h>
#include <poppler-global.h>
#include <poppler-page.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

constexpr std::string_view kHeader = "%PDF-";
constexpr std::string_view kEnd = "%%EOF";
// Readers look for both marks so far from the ends of the file.
constexpr std::size_t kMarkDistance = 1024;
// More than any page that people can read.
constexpr std::size_t kMaxBoxesOfPage = 5000;

// Whether a PDF has this character for another one that looks the same: a radical for the Chinese character, a ligature
// for its letters.
bool IsLookAlike(UChar32 character) {
  return (character >= 0x2F00 && character <= 0x2FD5) || (character >= 0xF900 && character <= 0xFAFF) ||
         (character >= 0xFB00 && character <= 0xFB06);
}

// `text` as people would write it: without control characters, and with those characters that were meant.
std::string Clean(std::string_view text) {
  std::string clean;
  const auto length = static_cast<int32_t>(text.size());
  for (int32_t offset = 0; offset < length;) {
    const int32_t start = offset;
    UChar32 character = 0;
    U8_NEXT(text.data(), offset, length, character);
    if (character < ' ' || character == 0x7F) continue;
    const std::string_view bytes = text.substr(start, offset - start);
    clean.append(IsLookAlike(character) ? FoldWidth(bytes) : std::string(bytes));
  }
  return clean;
}

PdfPage ReadPage(const poppler::page& page) {
  PdfPage boxes;
  for (const poppler::text_box& word : page.text_list()) {
    const poppler::byte_array bytes = word.text().to_utf8();
    const std::string text = Clean({bytes.data(), bytes.size()});
    if (word.rotation() != 0 || TrimSpaces(text).empty()) continue;
    const poppler::rectf place = word.bbox();
    boxes.push_back({.left = place.left(),
                     .top = place.top(),
                     .right = place.right(),
                     .bottom = place.bottom(),
                     .text = std::string(TrimSpaces(text)),
                     .has_space_after = word.has_space_after()});
  }
  return boxes;
}

// The document, which points into `bytes`.
absl::StatusOr<std::unique_ptr<poppler::document>> Open(std::string_view bytes) {
  // What poppler has to say of a damaged file is not for the user's terminal.
  poppler::set_debug_error_function([](const std::string&, void*) {}, nullptr);
  // A file that was cut off can be opened, and would give a part of the plan for the whole.
  const std::size_t tail = bytes.size() - std::min(bytes.size(), kMarkDistance);
  if (bytes.substr(tail).find(kEnd) == std::string_view::npos) {
    return absl::InvalidArgumentError("the PDF is cut off: its end is missing; fetch the file again");
  }
  std::unique_ptr<poppler::document> document(
      poppler::document::load_from_raw_data(bytes.data(), static_cast<int>(bytes.size())));
  if (document == nullptr) return absl::InvalidArgumentError("the PDF is damaged and cannot be read; fetch it again");
  if (document->is_locked()) {
    return absl::InvalidArgumentError(
        "the PDF is locked by a password; save a copy without one, for example by qpdf --decrypt --password=...");
  }
  if (document->pages() < 1) return absl::InvalidArgumentError("the PDF has no pages that can be read; fetch it again");
  if (document->pages() > kMaxPdfPages) {
    return absl::InvalidArgumentError(absl::StrCat("the PDF has ", document->pages(), " pages; at most ", kMaxPdfPages,
                                                   " are read: is it a plan? Take the plan's pages out of it"));
  }
  return document;
}

}  // namespace

bool IsPdf(std::string_view bytes) { return bytes.substr(0, kMarkDistance).find(kHeader) != std::string_view::npos; }

absl::StatusOr<std::vector<PdfPage>> ReadPdfBoxes(std::string_view bytes) {
  const auto document = Open(bytes);
  if (!document.ok()) return document.status();
  std::vector<PdfPage> pages;
  bool has_text = false;
  for (int i = 0; i < (*document)->pages(); ++i) {
    const std::unique_ptr<poppler::page> page((*document)->create_page(i));
    if (page == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("page ", i + 1, " of the PDF is damaged; fetch it again"));
    }
    pages.push_back(ReadPage(*page));
    if (pages.back().size() > kMaxBoxesOfPage) {
      return absl::InvalidArgumentError(
          absl::StrCat("page ", i + 1, " of the PDF has more than ", kMaxBoxesOfPage, " words: that is no plan"));
    }
    has_text |= !pages.back().empty();
  }
  if (!has_text) {
    return absl::InvalidArgumentError(
        "the PDF has pictures but no text: it was scanned; have its text recognised first, for example by ocrmypdf, "
        "and read the result over");
  }
  return pages;
}

}  // namespace almanac::client

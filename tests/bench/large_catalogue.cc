#include "tests/bench/large_catalogue.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "db/names.h"
#include "db/transaction.h"
#include "tests/bench/places.h"

namespace almanac::bench {
namespace {

using almanac::v1::Dataset;
using almanac::v1::Publisher;

constexpr uint64_t kDatasetStream = 1;

constexpr absl::CivilDay kFirstRelease(2012, 1, 1);
constexpr absl::CivilDay kLastDay(2026, 6, 30);

constexpr size_t kMaxId = 63;

// Of a hundred datasets; those that are discontinued are released besides.
constexpr int kReleased = 90;
constexpr int kRemarked = 60;
constexpr int kRetitled = 3;
constexpr int kDiscontinued = 5;
constexpr int kDeleted = 2;
constexpr int kLandingPage = 50;
// Of those that are released, so that they are 60 of all.
constexpr int kUpdated = 66;
// Of the datasets of a publisher, those in its own category.
constexpr int kOwnCategory = 85;

struct CountedFormats {
  int count;
  const char* formats;
};

// Of the 97 lines of the plans and the table in tests/data.
constexpr CountedFormats kFormats[] = {{85, "CSV"}, {7, "XML"},     {2, "CSV, JSON"},
                                       {1, "JSON"}, {1, "GEOJSON"}, {1, "XLSX"}};

template <typename Counted>
std::vector<uint64_t> Counts(const Counted& list) {
  std::vector<uint64_t> counts;
  for (const auto& item : list) counts.push_back(item.count);
  return counts;
}

std::vector<uint64_t> PublisherSizes(int publishers) {
  std::vector<uint64_t> sizes;
  for (uint64_t rank = 0; rank < static_cast<uint64_t>(publishers); ++rank) {
    sizes.push_back((uint64_t{1} << 36) / ((rank + 20) * (rank + 20)));
  }
  return sizes;
}

// A place, a category and a kind of body: each combination once.
MadeText PublisherTitle(size_t index) {
  const Phrase& category = Categories()[index % Categories().size()];
  index /= Categories().size();
  const Phrase& body = Bodies()[index % Bodies().size()];
  index /= Bodies().size();
  MadeText title;
  if (index > 0) {
    title = PlaceAt(index - 1);
    title.en.append(" ");
  }
  title.Append(category.en, category.hans, category.hant);
  title.Append(" ", "", "");
  title.Append(body.en, body.hans, body.hant);
  return title;
}

// `text`, which is in English, as part of a resource id of at most `limit` characters.
std::string ToId(const std::string& text, size_t limit) {
  std::string id;
  for (const char c : text) {
    if (absl::ascii_isalnum(c)) {
      id.push_back(absl::ascii_tolower(c));
    } else if (!id.empty() && id.back() != '-') {
      id.push_back('-');
    }
  }
  if (id.size() > limit) id.resize(id.rfind('-', limit));
  return std::string(absl::StripSuffix(id, "-"));
}

// When the change with this revision was made: all after the last day that datasets speak of.
google::protobuf::Timestamp TimeOf(int64_t revision) {
  return db::ToTimestamp(absl::FromCivil(kLastDay + 1, absl::UTCTimeZone()) + absl::Milliseconds(revision));
}

template <typename Resource>
void Stamp(int64_t revision, Resource* resource) {
  *resource->mutable_create_time() = TimeOf(revision);
  *resource->mutable_update_time() = TimeOf(revision);
  resource->set_revision(revision);
  resource->set_etag(db::EtagOf(revision));
}

std::string FormatDate(absl::CivilDay day, KeyedRandom& random) {
  const uint64_t percentile = random.Below(100);
  if (percentile < 70) return absl::StrFormat("%04d-%02d", day.year(), day.month());
  if (percentile < 85) return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
  if (percentile < 93) return absl::StrFormat("%04d-Q%d", day.year(), (day.month() + 2) / 3);
  return absl::StrFormat("%04d", day.year());
}

// A day from `first` to the last one, which is the more often the later it is.
absl::CivilDay LaterDay(absl::CivilDay first, KeyedRandom& random) {
  const uint64_t back = random.Below(kLastDay - first + 1);
  return kLastDay - static_cast<int64_t>(random.Below(back + 1));
}

// Unless it is the title that the dataset has.
void AddFormerTitle(const MadeText& title, Dataset* dataset) {
  if (title.en == dataset->titles().at("en")) return;
  for (const auto& [language, text] : title.ByLanguage()) {
    auto& former = *dataset->add_former_titles();
    former.set_language(language);
    former.set_text(text);
  }
}

void AddHistory(KeyedRandom& random, Dataset* dataset) {
  dataset->set_discontinued(random.Chance(kDiscontinued));
  if (!dataset->discontinued() && !random.Chance(kReleased)) return;
  const auto days = static_cast<uint64_t>(kLastDay - kFirstRelease + 1);
  const absl::CivilDay release = kFirstRelease + static_cast<int64_t>(random.Below(days));
  dataset->set_release_date(FormatDate(release, random));
  const absl::CivilDay update = LaterDay(release, random);
  if (dataset->discontinued()) dataset->set_last_update_date(FormatDate(update, random));
  if (!random.Chance(kUpdated)) return;
  *dataset->mutable_last_update_time() =
      db::ToTimestamp(absl::FromCivil(update, absl::UTCTimeZone()) + absl::Seconds(random.Below(86400)));
  dataset->set_update_count(1);
}

}  // namespace

LargeCatalogue::LargeCatalogue(uint64_t seed, int publishers)
    : seed_(seed),
      publishers_(publishers),
      sizes_(PublisherSizes(publishers)),
      categories_(Weights::Zipf(Categories().size(), 2)),
      frequencies_(Counts(Frequencies())),
      formats_(Counts(kFormats)) {}

Publisher LargeCatalogue::MakePublisher(int index) const {
  Publisher publisher;
  const MadeText title = PublisherTitle(index);
  title.AddTo(publisher.mutable_titles());
  publisher.set_name(db::PublisherName(ToId(title.en, kMaxId)));
  publisher.set_time_zone("Asia/Hong_Kong");
  publisher.set_homepage(absl::StrCat("https://www.example.hk/", index));
  Stamp(index + 1, &publisher);
  return publisher;
}

Dataset LargeCatalogue::MakeDataset(int64_t index) const {
  KeyedRandom random(seed_, kDatasetStream, index);
  const auto publisher = index < publishers_ ? static_cast<int>(index) : static_cast<int>(sizes_.Pick(random));
  Dataset dataset;
  const MadeText subject = titles_.Subject(random);
  const MadeText title = titles_.Title(random, subject);
  title.AddTo(dataset.mutable_titles());
  if (random.Chance(kRetitled)) AddFormerTitle(titles_.Title(random, subject), &dataset);
  // Titles repeat; the number keeps the ids apart.
  const std::string number = absl::StrCat("-", index);
  dataset.set_name(
      db::DatasetName(ToId(PublisherTitle(publisher).en, kMaxId), ToId(title.en, kMaxId - number.size()) + number));
  Describe(random, publisher, &dataset);
  if (random.Chance(kLandingPage)) dataset.set_landing_page(absl::StrCat("https://data.example.hk/datasets/", index));
  AddHistory(random, &dataset);
  Stamp(publishers_ + index + 1, &dataset);
  if (random.Chance(kDeleted)) *dataset.mutable_delete_time() = dataset.update_time();
  return dataset;
}

void LargeCatalogue::Describe(KeyedRandom& random, int publisher, Dataset* dataset) const {
  const size_t category = random.Chance(kOwnCategory) ? publisher % Categories().size() : categories_.Pick(random);
  ToText(Categories()[category]).AddTo(dataset->mutable_categories());
  const CountedFrequency& frequency = Frequencies()[frequencies_.Pick(random)];
  dataset->set_frequency(frequency.value);
  ToText(frequency.words).AddTo(dataset->mutable_frequency_texts());
  const std::string formats = kFormats[formats_.Pick(random)].formats;
  for (const absl::string_view format : absl::StrSplit(formats, ", ")) dataset->add_formats(std::string(format));
  if (!random.Chance(kRemarked)) return;
  titles_.Remark(random, formats).AddTo(dataset->mutable_remarks());
}

}  // namespace almanac::bench

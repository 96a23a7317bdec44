#include <pqxx/pqxx>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/integration/watch_stream.h"

// A client knows of each write where it ends before it hears of the next, whatever its filter, wherever it starts, and
// however often its stream breaks.
namespace almanac::testing {
namespace {

using almanac::v1::Change;
using almanac::v1::WatchRequest;

constexpr int kPublishers = 3;
constexpr const char* kFields[] = {"titles", "remarks", "formats", "frequency", "target_date"};

using Random = std::mt19937;

int Upto(Random& random, int most) { return std::uniform_int_distribution<int>(0, most)(random); }

// A resource of some kind. The names of a kind go with it.
void SetResource(Random& random, Change& change) {
  const std::string publisher = absl::StrCat("publishers/p", Upto(random, kPublishers - 1));
  const std::string below[] = {"", "/datasets/d", "/plans/2022", "/plans/2022/commitments/c"};
  const int kind = Upto(random, 3);
  change.set_kind(static_cast<almanac::v1::ResourceKind>(almanac::v1::PUBLISHER + kind));
  change.set_resource(publisher + below[kind]);
}

// A change log made by chance, and the writes that made it.
class RandomLog {
 public:
  RandomLog(const std::string& url, Random& random) : connection_(url), random_(random) {}

  // Commits a write of so many changes.
  void Write(int count) {
    pqxx::work work(connection_);
    const auto head = static_cast<int64_t>(changes_.size());
    work.exec_params("update head set revision = $1", head + count);
    work.exec_params("select add_change_partitions($1)", head + count);
    for (int i = 1; i <= count; ++i) {
      Change change;
      change.set_revision(head + i);
      change.set_request_id(absl::StrCat("write-", writes_));
      change.set_type(static_cast<Change::Type>(1 + Upto(random_, 3)));
      change.set_last_of_write(i == count);
      SetResource(random_, change);
      std::set<std::string> fields;
      for (int j = Upto(random_, 2); j >= 0; --j) fields.insert(kFields[Upto(random_, 4)]);
      for (const std::string& field : fields) change.add_changed_fields(field);
      const std::string entry = change.SerializeAsString();
      work.exec_params(
          "insert into changes values ($1, now(), 'tester', $2, $3, $4, $5, $6, $7, $8)", change.revision(),
          change.request_id(), static_cast<int>(change.kind()), static_cast<int>(change.type()), change.resource(),
          absl::StrCat("{", absl::StrJoin(fields, ","), "}"), change.last_of_write(), pqxx::binarystring(entry));
      changes_.push_back(change);
      ends_.push_back(head + count);
    }
    ++writes_;
    work.commit();
  }

  int64_t head() const { return static_cast<int64_t>(changes_.size()); }
  const Change& at(int64_t revision) const { return changes_[revision - 1]; }
  // The last revision of the write to which this one belongs.
  int64_t EndOf(int64_t revision) const { return ends_[revision - 1]; }

 private:
  pqxx::connection connection_;
  Random& random_;
  int writes_ = 0;
  std::vector<Change> changes_;
  std::vector<int64_t> ends_;
};

WatchRequest RandomFilter(Random& random) {
  WatchRequest filter;
  if (Upto(random, 1) == 0) {
    Change change;
    SetResource(random, change);
    filter.set_resource_prefix(change.resource());
  }
  for (int i = Upto(random, 3) - 1; i > 0; --i) {
    filter.add_kinds(static_cast<almanac::v1::ResourceKind>(1 + Upto(random, 3)));
  }
  for (int i = Upto(random, 3) - 1; i > 0; --i) filter.add_types(static_cast<Change::Type>(1 + Upto(random, 3)));
  for (int i = Upto(random, 3) - 1; i > 0; --i) filter.add_changed_fields(kFields[Upto(random, 4)]);
  return filter;
}

// What the contract says of filters, in plain words.
bool Passes(const WatchRequest& filter, const Change& change) {
  const auto holds = [](const auto& values, const auto& value) {
    return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
  };
  const bool has_field = filter.changed_fields().empty() ||
                         std::any_of(change.changed_fields().begin(), change.changed_fields().end(),
                                     [&](const std::string& field) { return holds(filter.changed_fields(), field); });
  const std::string& prefix = filter.resource_prefix();
  const bool is_below = prefix.empty() || change.resource() == prefix || change.resource().rfind(prefix + "/", 0) == 0;
  return has_field && is_below && holds(filter.kinds(), change.kind()) && holds(filter.types(), change.type());
}

// What one client knows that began after `start`.
class Knowledge {
 public:
  Knowledge(const RandomLog& log, const WatchRequest& filter, int64_t start)
      : log_(log), filter_(filter), known_(start) {
    // As if an earlier stream had brought what is at `start`.
    if (start > 0 && Passes(filter, log.at(start))) last_ = start;
  }

  void Take(const almanac::v1::WatchResponse& response) {
    if (response.has_change()) return TakeChange(response.change().revision());
    const int64_t revision = response.bookmark().revision();
    ExpectNonePassed(known_, revision);
    if (IsOpen() && revision != last_) {
      EXPECT_GE(revision, log_.EndOf(last_)) << "a bookmark within the write of " << last_;
    }
    known_ = std::max(known_, revision);
  }

  int64_t known() const { return known_; }

 private:
  void TakeChange(int64_t revision) {
    ASSERT_GT(revision, known_) << "told again, or late";
    ExpectNonePassed(known_, revision - 1);
    EXPECT_TRUE(Passes(filter_, log_.at(revision))) << revision;
    if (IsOpen()) {
      EXPECT_LE(revision, log_.EndOf(last_)) << "nobody said that the write of " << last_ << " was over";
    }
    known_ = last_ = revision;
  }

  // Whether the client does not know yet that it has all of a write.
  bool IsOpen() const { return last_ > 0 && !log_.at(last_).last_of_write() && known_ < log_.EndOf(last_); }

  void ExpectNonePassed(int64_t after, int64_t up_to) const {
    for (int64_t i = after + 1; i <= up_to; ++i) EXPECT_FALSE(Passes(filter_, log_.at(i))) << i << " was left out";
  }

  const RandomLog& log_;
  const WatchRequest filter_;
  int64_t known_;
  int64_t last_ = 0;
};

class WholeWritesTest : public ::testing::TestWithParam<int> {
 protected:
  static service::Server::Options Options(size_t ring_size) {
    service::Server::Options options;
    options.feed.ring_size = ring_size;
    options.feed.tick = absl::Milliseconds(20);
    options.feed.bookmark_interval = absl::Milliseconds(60);
    return options;
  }

  void WriteSome() {
    for (int i = 0; i < 60; ++i) log_.Write(1 + Upto(random_, 6));
    // More than a page of a watcher, and more than the feed reads at once.
    log_.Write(260);
    for (int i = 0; i < 10; ++i) log_.Write(1 + Upto(random_, 6));
    log_.Write(1100);
    for (int i = 0; i < 60; ++i) log_.Write(1 + Upto(random_, 6));
  }

  // Reads on to the head; the stream breaks now and then, and goes on at any server.
  void Follow(std::vector<Client*> clients, WatchRequest request, std::unique_ptr<WatchStream> watch,
              Knowledge& knowledge) {
    std::string token;
    while (knowledge.known() < log_.head()) {
      const auto response = watch->Next();
      ASSERT_TRUE(response) << watch->Finish().error_message();
      knowledge.Take(*response);
      if (HasFailure()) return;
      token = response->resume_token();
      if (Upto(random_, 30) > 0) continue;
      request.set_resume_token(token);
      const auto any = static_cast<size_t>(Upto(random_, static_cast<int>(clients.size()) - 1));
      watch = std::make_unique<WatchStream>(*clients[any], request);
    }
  }

  Random random_{static_cast<Random::result_type>(GetParam())};
  TestDatabase database_;
  RandomLog log_{database_.url(), random_};
};

TEST_P(WholeWritesTest, NoWriteIsSplitUnseen) {
  TestServer from_ring(database_.url(), Options(16384));
  TestServer from_both(database_.url(), Options(16));
  const auto ring = from_ring.NewClient();
  const auto both = from_both.NewClient();
  WriteSome();
  // These are told as it happens.
  std::vector<WatchRequest> filters;
  std::vector<std::unique_ptr<WatchStream>> live;
  const int64_t live_from = log_.head();
  for (int i = 0; i < 20; ++i) {
    filters.push_back(RandomFilter(random_));
    WatchRequest request = filters.back();
    request.set_after_revision(live_from);
    live.push_back(std::make_unique<WatchStream>(i % 2 == 0 ? *ring : *both, request));
  }
  for (const auto& watch : live) ASSERT_TRUE(watch->Next());
  WriteSome();
  TestServer from_database(database_.url(), Options(16384));
  const auto late = from_database.NewClient();
  const std::vector<Client*> clients = {ring.get(), both.get(), late.get()};
  for (size_t i = 0; i < live.size() && !HasFailure(); ++i) {
    SCOPED_TRACE(filters[i].ShortDebugString());
    Knowledge knowledge(log_, filters[i], live_from);
    Follow(clients, filters[i], std::move(live[i]), knowledge);
  }
  for (int i = 0; i < 40 && !HasFailure(); ++i) {
    WatchRequest request = RandomFilter(random_);
    const int64_t start = Upto(random_, static_cast<int>(log_.head()) - 1);
    SCOPED_TRACE(absl::StrCat("from ", start, ", ", request.ShortDebugString()));
    Knowledge knowledge(log_, request, start);
    request.set_after_revision(start);
    Follow(clients, request, std::make_unique<WatchStream>(*clients[i % 3], request), knowledge);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, WholeWritesTest, ::testing::Range(1, 4));

// The smallest case, of which it is plain what comes.
TEST(WriteEndTest, ABookmarkTellsThatAWriteIsOver) {
  TestDatabase database;
  Random random(1);
  RandomLog log(database.url(), random);
  log.Write(3);
  service::Server::Options options;
  options.feed.bookmark_interval = absl::Hours(1);
  TestServer server(database.url(), options);
  const auto client = server.NewClient();
  const std::string first_only = log.at(1).resource();
  WatchRequest request;
  request.set_resource_prefix(first_only);
  request.add_types(log.at(1).type());
  request.set_after_revision(0);
  WatchStream watch(*client, request);
  ASSERT_EQ(watch.Next()->bookmark().revision(), 0);
  ASSERT_EQ(watch.Next()->change().revision(), 1);
  int64_t last = 1;
  while (last < 3) {
    const auto response = watch.Next();
    ASSERT_TRUE(response) << watch.Finish().error_message();
    last = response->has_change() ? response->change().revision() : response->bookmark().revision();
  }
}

// A bookmark that is greater than the last change says that the write of that change is over; so there is none before.
TEST(WriteEndTest, BookmarksWithinALongWriteGoNoFurtherThanWhatWasSent) {
  TestDatabase database;
  database.Sql("select add_change_partitions(70000)");
  database.Sql(
      "with write as (insert into changes"
      "               select n, now(), 'tester', 'write', 2, case n when 1 then 1 else 2 end, "
      "'publishers/p/datasets/d',"
      "                      '{titles}', n = 70000, '' from generate_series(1, 70000) as n)"
      " update head set revision = 70000");
  service::Server::Options options;
  options.feed.tick = absl::Milliseconds(1);
  options.feed.bookmark_interval = absl::Milliseconds(1);
  TestServer server(database.url(), options);
  const auto client = server.NewClient();
  WatchRequest request = After(0);
  request.add_types(Change::CREATED);
  WatchStream watch(*client, request);
  int64_t sent = 0;
  int64_t told = 0;
  while (told < 70'000) {
    const auto response = watch.Next();
    ASSERT_TRUE(response) << watch.Finish().error_message();
    if (response->has_change()) {
      EXPECT_EQ(std::exchange(sent, 1), 0) << "only the first passes";
    } else {
      told = response->bookmark().revision();
      EXPECT_TRUE(told == sent || told == 70'000) << told;
    }
  }
  EXPECT_EQ(sent, 1);
}

}  // namespace
}  // namespace almanac::testing

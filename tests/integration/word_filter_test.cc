#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/dataset_service.h"
#include "tests/integration/dataset_rows.h"
#include "tests/integration/list_query_fixture.h"

// Lists of datasets by filters that ask for words.
namespace almanac::testing {
namespace {

using almanac::v1::Dataset;
using almanac::v1::ListDatasetsRequest;
using almanac::v1::ListDatasetsResponse;
using almanac::v1::UpdateDatasetRequest;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

class WordFilterTest : public ListQueryFixture {
 protected:
  WordFilterTest() {
    AddPublisher("emsd");
    AddPublisher("td");
  }

  void AddBySql(const std::string& ids, const std::string& title, const std::string& vector) {
    database_.Sql(AddDatasetsSql("emsd", ids, title, vector));
  }

  // Whether the last statement that looked for words read what they find before anything else.
  bool IsFoundFirst() {
    return database_
               .Sql(
                   "select query ~ '^with found' from pg_stat_activity where datname = current_database()"
                   " and pid <> pg_backend_pid() and query ~ 'dataset_search' order by query_start desc limit 1")
               .front() == "t";
  }
};

TEST_F(WordFilterTest, FewAreReadFirstAndManyInTheOrderOfTheList) {
  AddBySql(absl::StrCat("select 'd' || n from generate_series(1, ", service::kMaxFoundFirst, ") n"), "Many lifts",
           "'many':1A 'lifts':2A");
  AddBySql("select 'h' || n from generate_series(1, 100) n", "Homes", "'homes':1A");
  ListDatasetsRequest request = Query("titles:\"many lifts\"");
  for (const bool is_few : {true, false}) {
    if (!is_few) AddBySql("values ('d0'), ('d00')", "Many lifts", "'many':1A 'lifts':2A");
    EXPECT_THAT(Ids(Query("titles:\"many lifts\" AND dataset = d4711"), 10), ElementsAre("d4711"));
    EXPECT_EQ(IsFoundFirst(), is_few);
    // It lies behind those that are read first, of which none meets the filter: a page without a row has no count.
    EXPECT_EQ(Ids(Query("titles:\"many lifts\" AND dataset = d00"), 10).size(), is_few ? 0U : 1U);
    EXPECT_THAT(Ids(Query("titles:\"many lifts\" AND landing_page = nowhere"), 10), IsEmpty());
    const std::string first = is_few ? "d1" : "d0";
    for (const auto& [order_by, id] : {std::pair("", first), std::pair("create_time", std::string("d1"))}) {
      request.set_order_by(order_by);
      const ListDatasetsResponse page = Do(request);
      EXPECT_EQ(IsFoundFirst(), is_few) << order_by;
      ASSERT_GT(page.datasets_size(), 1);
      EXPECT_EQ(page.datasets(0).name(), "publishers/emsd/datasets/" + id) << order_by;
    }
    EXPECT_EQ(Ids(request, 1000).size(), service::kMaxFoundFirst + (is_few ? 0 : 2));
  }
  // A single word of which the statistics say that many have it is not looked for in vain.
  database_.Sql("analyze dataset_search");
  const TestServer server(database_.url());
  client_ = server.NewClient();
  EXPECT_THAT(Ids(Query("titles:lifts AND dataset = d4711"), 10), ElementsAre("d4711"));
  EXPECT_FALSE(IsFoundFirst());
  EXPECT_EQ(Ids(Query("titles:homes"), 100).size(), 100U);
  EXPECT_TRUE(IsFoundFirst());
}

TEST_F(WordFilterTest, TheTotalIsThatOfTheFilter) {
  AddBySql("select 'd' || n from generate_series(1, 20) n", "Lifts", "'lifts':1A");
  ListDatasetsRequest request = Query("titles:lifts AND dataset != d7");
  request.set_page_size(2);
  request.set_include_total_size(true);
  EXPECT_EQ(Do(request).total_size(), 19);
  request.set_filter("titles:lifts");
  EXPECT_EQ(Do(request).total_size(), 20);
  Do(Named<almanac::v1::DeleteDatasetRequest>("publishers/emsd/datasets/d3"));
  EXPECT_EQ(Do(request).total_size(), 19);
  request.set_show_deleted(true);
  EXPECT_EQ(Do(request).total_size(), 20);
  request.set_parent("publishers/td");
  EXPECT_EQ(Do(request).total_size(), 0);
}

// What is not yet read is retitled, so that it is found no more, or only now; the walk sees what there was at its
// start.
TEST_F(WordFilterTest, AWalkSeesWhatWasThereThroughoutOnce) {
  const auto titled = [](const std::string& title) {
    Dataset dataset;
    (*dataset.mutable_titles())["en"] = title;
    return dataset;
  };
  std::vector<std::string> expected;
  for (int i = 10; i < 40; ++i) {
    Add(absl::StrCat("d", i), titled(i % 2 == 0 ? "Lifts" : "Homes"), "emsd");
    if (i % 2 == 0) expected.push_back(absl::StrCat("d", i));
  }
  ListDatasetsRequest request = Query("titles:lifts", "update_time");
  request.set_page_size(3);
  const std::vector<Dataset> seen = Walk(request, [&](int step) {
    UpdateDatasetRequest update;
    for (const auto& [id, title] : {std::pair(38 - 2 * step, "Homes"), std::pair(39 - 2 * step, "Lifts")}) {
      *update.mutable_dataset() = titled(title);
      update.mutable_dataset()->set_name(absl::StrCat("publishers/emsd/datasets/d", id));
      Do(update);
    }
  });
  EXPECT_THAT(IdsOf(seen), ElementsAreArray(expected));
  for (const Dataset& dataset : seen) EXPECT_EQ(dataset.titles().at("en"), "Lifts");
}

// A filter, and whether a dataset meets it.
struct Predicate {
  std::string filter;
  std::function<bool(const Dataset&)> holds;
};

class PredicateMaker {
 public:
  explicit PredicateMaker(uint32_t seed) : random_(seed) {}

  Predicate Make(int depth) {
    const int kind = depth == 0 ? 3 : Below(5);
    if (kind >= 3) return Leaf();
    const Predicate a = Make(depth - 1);
    if (kind == 2) return {absl::StrCat("NOT (", a.filter, ")"), [a](const Dataset& d) { return !a.holds(d); }};
    const Predicate b = Make(depth - 1);
    if (kind == 1) {
      return {absl::StrCat("((", a.filter, ") OR (", b.filter, "))"),
              [a, b](const Dataset& d) { return a.holds(d) || b.holds(d); }};
    }
    return {absl::StrCat("(", a.filter, ") AND (", b.filter, ")"),
            [a, b](const Dataset& d) { return a.holds(d) && b.holds(d); }};
  }

  int Below(int end) { return static_cast<int>(random_() % static_cast<uint32_t>(end)); }
  std::string Word() { return std::vector<std::string>{"alpha", "beta", "gamma", "delta"}[Below(4)]; }
  // Some words, each at most once.
  std::string Text() {
    std::set<std::string> words;
    for (int i = Below(4); i > 0; --i) words.insert(Word());
    return absl::StrJoin(words, " ");
  }

 private:
  Predicate Leaf() {
    const std::string word = Word();
    switch (Below(4)) {
      case 0:
        return {"frequency = DAILY", [](const Dataset& d) { return d.frequency() == almanac::v1::DAILY; }};
      case 1:
        return {"remarks:" + word, [word](const Dataset& d) { return Has(d.remarks(), word); }};
      case 2: {
        const std::string other = Word();
        return {absl::StrCat("titles:\"", word, " ", other, "\""),
                [word, other](const Dataset& d) { return Has(d.titles(), word) && Has(d.titles(), other); }};
      }
      default:
        return {"titles:" + word, [word](const Dataset& d) { return Has(d.titles(), word); }};
    }
  }
  static bool Has(const google::protobuf::Map<std::string, std::string>& texts, const std::string& word) {
    return texts.contains("en") && texts.at("en").find(word) != std::string::npos;
  }

  std::mt19937 random_;
};

TEST_F(WordFilterTest, MeanWhatTheySayInAnyCombinationAndOrder) {
  PredicateMaker maker(7);
  for (int i = 0; i < 60; ++i) {
    Dataset dataset;
    (*dataset.mutable_titles())["en"] = absl::StrCat("Title ", maker.Text());
    if (const std::string remark = maker.Text(); !remark.empty()) (*dataset.mutable_remarks())["en"] = remark;
    dataset.set_frequency(maker.Below(2) == 0 ? almanac::v1::DAILY : almanac::v1::YEARLY);
    Add(absl::StrCat("d", i), dataset, maker.Below(3) == 0 ? "td" : "emsd");
  }
  for (const int deleted : {3, 14, 15, 41}) {
    const std::string name = absl::StrCat("publishers/emsd/datasets/d", deleted);
    const auto deletion = Named<almanac::v1::DeleteDatasetRequest>(name);
    if (Try(Named<almanac::v1::GetDatasetRequest>(name)).ok()) Do(deletion);
  }
  ListDatasetsRequest all = Query("");
  all.set_page_size(100);
  all.set_show_deleted(true);
  const ListDatasetsResponse page = Do(all);
  const std::vector<Dataset> by_name(page.datasets().begin(), page.datasets().end());
  ASSERT_EQ(by_name.size(), 60U);
  std::vector<Dataset> by_creation = by_name;
  std::stable_sort(by_creation.begin(), by_creation.end(), [](const Dataset& a, const Dataset& b) {
    return std::pair(a.create_time().seconds(), a.create_time().nanos()) <
           std::pair(b.create_time().seconds(), b.create_time().nanos());
  });
  int nonempty = 0;
  for (int i = 0; i < 150; ++i) {
    const Predicate predicate = maker.Make(3);
    const int order = maker.Below(4);
    ListDatasetsRequest request =
        Query(predicate.filter, std::vector<std::string>{"", "name desc", "create_time", "create_time desc"}[order]);
    request.set_show_deleted(maker.Below(2) == 0);
    const std::string publisher = maker.Below(3) == 0 ? "td" : "-";
    request.set_parent("publishers/" + publisher);
    std::vector<std::string> expected;
    for (const Dataset& dataset : order < 2 ? by_name : by_creation) {
      const bool is_of_parent = publisher == "-" || dataset.name().starts_with(request.parent() + "/");
      const bool is_shown = request.show_deleted() || !dataset.has_delete_time();
      if (is_of_parent && is_shown && predicate.holds(dataset)) {
        expected.push_back(IdOf(dataset));
      }
    }
    if (order % 2 == 1) std::reverse(expected.begin(), expected.end());
    EXPECT_THAT(Ids(request, 1 + maker.Below(20)), ElementsAreArray(expected)) << request.ShortDebugString();
    nonempty += expected.empty() ? 0 : 1;
  }
  EXPECT_GT(nonempty, 100);
}

}  // namespace
}  // namespace almanac::testing

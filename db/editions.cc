#include "db/editions.h"

#include "absl/status/statusor.h"
#include "db/commitments.h"
#include "db/names.h"

namespace almanac::db {
namespace {

using almanac::v1::Commitment;

constexpr Statement kListAbout{
    "select plan_id, commitment_id from commitments"
    " where publisher_id = $1 and dataset_id = any($2::text[]) and delete_time is null"
    " order by plan_id, section, number, commitment_id"};

constexpr Statement kListUnsettled{
    "select dataset_id from commitments where publisher_id = $1"
    " group by dataset_id having bool_and(candidate_datasets <> '[]'::jsonb)"};

}  // namespace

std::vector<Commitment> ListLinesAbout(Transaction& transaction, const std::string& publisher_name,
                                       const std::vector<std::string>& dataset_names) {
  const std::string publisher = IdsOf(publisher_name)[0];
  std::vector<std::string> datasets;
  for (const std::string& name : dataset_names) datasets.push_back(IdsOf(name)[1]);
  std::vector<std::string> lines =
      ReadAll(transaction.Exec(kListAbout, {publisher, Param::Array(datasets)}), [&](Rows::Reader row) {
        const std::string plan = row.Text();
        return CommitmentName(publisher, plan, row.Text());
      });
  return *ReadCommitments(transaction, lines);  // rows are never removed
}

std::set<std::string> ListUnsettledDatasets(Transaction& transaction, const std::string& publisher_name) {
  const std::string publisher = IdsOf(publisher_name)[0];
  const Rows rows = transaction.Exec(kListUnsettled, {publisher});
  std::set<std::string> names;
  for (int i = 0; i < rows.size(); ++i) names.insert(DatasetName(publisher, rows[i].Text()));
  return names;
}

}  // namespace almanac::db

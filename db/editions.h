#pragma once

#include <set>
#include <string>
#include <vector>

#include "almanac/v1/commitment.pb.h"
#include "db/transaction.h"

// What is asked about the lines of all editions of a publisher's plan together.
namespace almanac::db {

// The live lines of a publisher, of drafts too, that are about one of these datasets of his.
std::vector<almanac::v1::Commitment> ListLinesAbout(Transaction& transaction, const std::string& publisher_name,
                                                    const std::vector<std::string>& dataset_names);

// The names of the publisher's datasets about which there are only lines with candidates, deleted ones included:
// datasets that such a line got until somebody says which one it is about.
std::set<std::string> ListUnsettledDatasets(Transaction& transaction, const std::string& publisher_name);

}  // namespace almanac::db

#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/integration/catalogue_fixture.h"

// What the tests of lists by filters and orders share.
namespace almanac::testing {

class ListQueryFixture : public CatalogueTest {
 protected:
  // Creates `publishers/{publisher}/datasets/{id}`, with its id as its title if it has none.
  void Add(const std::string& id, almanac::v1::Dataset dataset, const std::string& publisher = "swd") {
    almanac::v1::CreateDatasetRequest request;
    request.set_parent("publishers/" + publisher);
    request.set_dataset_id(id);
    if (dataset.titles().empty()) (*dataset.mutable_titles())["en"] = id;
    *request.mutable_dataset() = std::move(dataset);
    Do(request);
  }

  static almanac::v1::ListDatasetsRequest Query(const std::string& filter, const std::string& order_by = "") {
    almanac::v1::ListDatasetsRequest request;
    request.set_parent("publishers/-");
    request.set_filter(filter);
    request.set_order_by(order_by);
    return request;
  }

  static std::string IdOf(const almanac::v1::Dataset& dataset) {
    return dataset.name().substr(dataset.name().rfind('/') + 1);
  }
  static std::vector<std::string> IdsOf(const std::vector<almanac::v1::Dataset>& datasets) {
    std::vector<std::string> ids;
    for (const almanac::v1::Dataset& dataset : datasets) ids.push_back(IdOf(dataset));
    return ids;
  }

  // What a list has, page by page, of twenty pages at most; after each of them, `between` is called with its number
  // from 0 on.
  std::vector<almanac::v1::Dataset> Walk(almanac::v1::ListDatasetsRequest request,
                                         const std::function<void(int)>& between) {
    std::vector<almanac::v1::Dataset> seen;
    for (int i = 0; i == 0 || (i < 20 && !request.page_token().empty()); ++i) {
      const almanac::v1::ListDatasetsResponse page = Do(request);
      seen.insert(seen.end(), page.datasets().begin(), page.datasets().end());
      request.set_page_token(page.next_page_token());
      between(i);
    }
    return seen;
  }

  // The ids of what a list has, in its order, in pages of this size.
  std::vector<std::string> Ids(const almanac::v1::ListDatasetsRequest& request, int page_size = 2) {
    std::vector<std::string> ids;
    for (const std::string& name : NamesInPages(request, page_size, &almanac::v1::ListDatasetsResponse::datasets)) {
      ids.push_back(name.substr(name.rfind('/') + 1));
    }
    return ids;
  }
  std::vector<std::string> Ids(const std::string& filter, const std::string& order_by = "") {
    return Ids(Query(filter, order_by));
  }
};

}  // namespace almanac::testing

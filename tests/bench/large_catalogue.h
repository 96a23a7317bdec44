#pragma once

#include <cstdint>

#include "almanac/v1/dataset.pb.h"
#include "almanac/v1/publisher.pb.h"
#include "tests/bench/keyed_random.h"
#include "tests/bench/made_titles.h"

namespace almanac::bench {

// Up to so many, even the last is picked for datasets now and then.
inline constexpr int kMaxPublishers = 100'000;

// A catalogue as large as one likes, of which every resource follows from the seed, the number of publishers and its
// own index: it is the same on every machine, in whatever order and by however many threads it is made, and a larger
// catalogue begins with the smaller ones. What it is like:
//
// - titles, remarks and how they are made: see MadeTitles
// - the datasets of publishers fall off with the square of the rank: of 1,000,000 the first of 2,000 publishers has
//   some 50,000, the last some five; none has none while there are as many datasets as publishers
// - frequencies and formats in the proportions of the plans
// - 90 % are released, from 2012 to June 2026, mostly in a known month; an update was reported of 60 % of all
// - 5 % are discontinued, 2 % deleted; 60 % have a remark, 3 % had another title before
//
// Publishers are the same for every seed. They have the revisions from 1 on and datasets those that follow, each one,
// in order. Resources are complete but for `freshness`, which depends on what the time is.
class LargeCatalogue {
 public:
  LargeCatalogue(uint64_t seed, int publishers);

  int publishers() const { return publishers_; }

  // `index` counts from 0, to publishers() - 1.
  almanac::v1::Publisher MakePublisher(int index) const;

  // `index` counts from 0.
  almanac::v1::Dataset MakeDataset(int64_t index) const;

 private:
  void Describe(KeyedRandom& random, int publisher, almanac::v1::Dataset* dataset) const;

  const uint64_t seed_;
  const int publishers_;
  const MadeTitles titles_;
  const Weights sizes_;
  const Weights categories_;
  const Weights frequencies_;
  const Weights formats_;
};

}  // namespace almanac::bench

#pragma once

#include "tests/bench/keyed_random.h"
#include "tests/bench/made_text.h"

namespace almanac::bench {

// Makes titles and remarks with the statistics of the sample plan's.
//
// Its 88 titles were taken apart into phrases that are the same in all three languages (what is said, the subject, what
// kind of it, for whom, under which scheme), and are put together anew with places and years, each language in its own
// order. Steps from word to word, after Markov, would not do: the order of words differs between the languages, so that
// a title would no longer mean the same in all of them.
class MadeTitles {
 public:
  MadeTitles();

  // What a title is about, for example `Integrated Services Centres for the Elderly in Sha Tin`.
  MadeText Subject(KeyedRandom& random) const;
  // A title about it. Others about the same subject may be former titles.
  MadeText Title(KeyedRandom& random, const MadeText& subject) const;
  // What a row holds, and the formats: `Name of agency, address (CSV)`. Now and then empty.
  MadeText Remark(KeyedRandom& random, const std::string& formats) const;

 private:
  const Weights frames_, subjects_, modifiers_, groups_, schemes_, systems_, breakdowns_, notes_, places_;
};

}  // namespace almanac::bench

#pragma once

#include <cstdint>
#include <ostream>
#include <string>

#include "absl/time/time.h"

namespace almanac::client {

// How many resources a list has on all pages, as far as is known.
struct ListTotal {
  int64_t count = 0;  // 0 if it is not known.
  bool is_estimate = false;
};

// How far a list has come: `12,000 of about 300,000`, or `12,000` if the total is not known.
std::string FarText(int64_t count, const ListTotal& total);

// Tells people how far a list has come that goes where they do not see it: on a terminal in one line that is written
// anew, else in a new line every now and then; nothing of a list that is there at once.
class ListProgress {
 public:
  // `begin` is when the list was asked for.
  ListProgress(std::ostream& notes, bool on_terminal, absl::Time begin);
  // Takes the line off the terminal.
  ~ListProgress() { Clear(); }

  ListProgress(const ListProgress&) = delete;
  ListProgress& operator=(const ListProgress&) = delete;

  // Tells it, if it is time to.
  void Tell(int64_t count, const ListTotal& total, absl::Time now);
  // Takes the line off the terminal, so that something else can be told.
  void Clear();

 private:
  std::ostream& notes_;
  const bool on_terminal_;
  absl::Time next_;
  bool told_ = false;
};

}  // namespace almanac::client

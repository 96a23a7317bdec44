#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "client/interrupt.h"
#include "client/list_progress.h"
#include "client/program.h"

namespace almanac::client {

// How much of a list is printed.
struct ListExtent {
  // At most so many.
  int64_t limit = std::numeric_limits<int64_t>::max();
  // Whether to ask, with the first page, how many there are.
  bool with_total = false;
  // If the limit is not the user's own: how to get what it leaves out, which is told if it leaves out anything.
  std::string how_to_get_more = {};
};

// The way through the pages of a list, until there are no more, the limit is reached, or nobody wants more: the reader
// of the output has gone, or the user pressed Ctrl-C. Ctrl-C ends the process at once while no page has come yet.
class ListWalk {
 public:
  ListWalk(Session& session, const ListExtent& extent);

  // How many to ask for with the next page.
  int32_t NextPageSize() const;
  // Whether to ask with the next page how many there are.
  bool WantsTotal() const { return extent_.with_total && !interrupted_scope_.has_value(); }
  void SetTotal(const ListTotal& total) { total_ = total; }

  // To be called for each page that has come, before it is printed.
  void AddPage(int64_t size, bool is_last);

  // Whether to ask for another page.
  bool GoesOn() const;
  bool was_interrupted() const { return interrupted_; }
  // How many resources there were on the pages.
  int64_t count() const { return count_; }

  // Tells what was left out. Returns an error if the user ended the list.
  absl::Status Finish();
  // The error of a page, with how far the list had come.
  absl::Status Explain(const absl::Status& status);

 private:
  Session& session_;
  const ListExtent extent_;
  // None where the user sees the rows themselves.
  std::optional<ListProgress> progress_;
  ListTotal total_;
  int64_t count_ = 0;
  bool has_more_ = true;
  std::atomic<bool> interrupted_ = false;
  // Once a page has come. Last, so that nothing of this is used when it is gone.
  std::optional<Interrupt::Scope> interrupted_scope_;
};

}  // namespace almanac::client

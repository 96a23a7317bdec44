#include "client/list_walk.h"

#include <algorithm>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/errors.h"
#include "client/output.h"
#include "client/pages.h"
#include "client/values.h"

namespace almanac::client {

ListWalk::ListWalk(Session& session, const ListExtent& extent) : session_(session), extent_(extent) {
  if (!IsTerminal(session.printer.out())) progress_.emplace(session.notes, IsTerminal(session.notes), absl::Now());
}

int32_t ListWalk::NextPageSize() const {
  return static_cast<int32_t>(std::min<int64_t>(kMaxPageSize, extent_.limit - count_));
}

void ListWalk::AddPage(int64_t size, bool is_last) {
  count_ += size;
  has_more_ = !is_last;
  if (!interrupted_scope_.has_value()) {
    interrupted_scope_.emplace(session_.interrupt, [this] {
      interrupted_ = true;
      session_.connection.Cancel();
    });
  }
  if (progress_.has_value() && GoesOn()) progress_->Tell(count_, total_, absl::Now());
}

bool ListWalk::GoesOn() const {
  return has_more_ && count_ < extent_.limit && !interrupted_ && session_.printer.out().good();
}

absl::Status ListWalk::Finish() {
  if (progress_.has_value()) progress_->Clear();
  if (interrupted_ && has_more_) return InterruptedError(absl::StrCat("interrupted after ", FarText(count_, total_)));
  const bool was_cut = has_more_ && count_ >= extent_.limit;
  if (was_cut && !extent_.how_to_get_more.empty()) {
    session_.notes << "the first " << FarText(count_, total_) << (total_.count > 0 ? "" : ", and there are more")
                   << "; " << extent_.how_to_get_more << "\n";
  }
  return absl::OkStatus();
}

absl::Status ListWalk::Explain(const absl::Status& status) {
  if (progress_.has_value()) progress_->Clear();
  if (count_ == 0) return status;
  return AddLine(status, absl::StrCat("the list is not whole: it ends after ", FarText(count_, total_)));
}

}  // namespace almanac::client

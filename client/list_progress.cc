#include "client/list_progress.h"

#include "absl/strings/str_cat.h"
#include "client/values.h"

namespace almanac::client {
namespace {

constexpr absl::Duration kFirstOnTerminal = absl::Seconds(1);
constexpr absl::Duration kEachOnTerminal = absl::Milliseconds(200);
constexpr absl::Duration kEachElsewhere = absl::Seconds(10);

constexpr char kClearLine[] = "\x1b[K";

}  // namespace

std::string FarText(int64_t count, const ListTotal& total) {
  if (total.count <= 0) return GroupedNumber(count);
  return absl::StrCat(GroupedNumber(count), " of ", TotalText(total.count, total.is_estimate));
}

ListProgress::ListProgress(std::ostream& notes, bool on_terminal, absl::Time begin)
    : notes_(notes), on_terminal_(on_terminal), next_(begin + (on_terminal ? kFirstOnTerminal : kEachElsewhere)) {}

void ListProgress::Tell(int64_t count, const ListTotal& total, absl::Time now) {
  if (now < next_) return;
  const std::string text = absl::StrCat(FarText(count, total), total.count > 0 ? "" : " so far");
  if (on_terminal_) {
    // Whatever else is told meanwhile overwrites it.
    notes_ << kClearLine << text << '\r' << std::flush;
  } else {
    notes_ << text << std::endl;
  }
  next_ = now + (on_terminal_ ? kEachOnTerminal : kEachElsewhere);
  told_ = true;
}

void ListProgress::Clear() {
  if (on_terminal_ && told_) notes_ << kClearLine << std::flush;
  told_ = false;
}

}  // namespace almanac::client

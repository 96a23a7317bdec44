#include "service/rules/continuation.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <tuple>
#include <utility>

#include "service/rules/dates.h"
#include "service/rules/lifecycle.h"

namespace almanac::service::rules {
namespace {

using almanac::v1::Commitment;
using almanac::v1::Period;

// The lines of one period, first to last; the first stands for the promise.
struct Edition {
  Period period;
  std::vector<Commitment> lines;
};

using EditionIterator = std::vector<Edition>::const_iterator;

// Whether the plan itself says that it was released, without a promise of its own.
bool ListsRelease(const Commitment& line) { return line.state() == Commitment::RELEASED && line.target_date().empty(); }

// Whether two release dates can be of the same day.
bool CanBeTheSame(const std::string& a, const std::string& b) {
  const Span first = *ParseDate(a);
  const Span second = *ParseDate(b);
  return first.first <= second.last && second.first <= first.last;
}

// The lines without their links, by edition.
std::vector<Edition> ToEditions(std::vector<EditionLine> lines) {
  std::stable_sort(lines.begin(), lines.end(), [](const EditionLine& a, const EditionLine& b) {
    if (IsEarlier(a.period, b.period) || IsEarlier(b.period, a.period)) return IsEarlier(a.period, b.period);
    return a.line.name() < b.line.name();
  });
  std::vector<Edition> editions;
  for (EditionLine& line : lines) {
    if (editions.empty() || IsEarlier(editions.back().period, line.period)) editions.push_back({line.period, {}});
    line.line.clear_continues();
    line.line.clear_continued_by();
    line.line.set_original_target_date(line.line.first_target_date());
    editions.back().lines.push_back(std::move(line.line));
  }
  return editions;
}

// Whether `line`, which promises what `earlier` has kept, was kept by that same release: of the editions after it, from
// `later` to `end`, the first that does not promise the same lists it.
bool WasKeptToo(const Commitment& earlier, const Commitment& line, EditionIterator later, EditionIterator end) {
  const auto same_release = [&](const Commitment& other) {
    return other.state() == Commitment::RELEASED && CanBeTheSame(other.release_date(), earlier.release_date());
  };
  const auto can_be_kept = [&](const Commitment& other) { return IsOpen(other) || same_release(other); };
  if (!earlier.has_outcome() || !can_be_kept(line)) return false;
  const auto last = std::find_if(later, end, [&](const Edition& edition) {
    return ListsRelease(edition.lines.front()) || !can_be_kept(edition.lines.front());
  });
  return last != end && ListsRelease(last->lines.front()) && same_release(last->lines.front());
}

Commitment Released(Commitment line, const std::string& release_date) {
  const std::string continued_by = line.continued_by();
  line.clear_continued_by();  // with it, an officer's release is refused
  line = *Release(std::move(line), release_date);
  line.set_continued_by(continued_by);
  return line;
}

// Judges a released line anew; `earlier` is the line that it continues, or null.
void JudgeRelease(const Commitment* earlier, Commitment* line) {
  if (line->state() != Commitment::RELEASED) return;
  if (line->original_target_date().empty()) return line->clear_outcome();
  if (ListsRelease(*line) && earlier->has_outcome()) {
    *line->mutable_outcome() = earlier->outcome();
    return;
  }
  const std::string& last_target = ListsRelease(*line) ? earlier->target_date() : line->target_date();
  *line->mutable_outcome()->mutable_against_first_target() = SlipOf(line->original_target_date(), line->release_date());
  *line->mutable_outcome()->mutable_against_last_target() = SlipOf(last_target, line->release_date());
}

// Makes `line` continue `earlier` if the two are one promise. The editions after it are those from `later` to `end`.
void Continue(Commitment& earlier, EditionIterator later, EditionIterator end, Commitment* line) {
  const bool is_new = IsNewPromise(earlier, *line);
  if (is_new && !WasKeptToo(earlier, *line, later, end)) return JudgeRelease(nullptr, line);
  line->set_continues(earlier.name());
  line->set_original_target_date(earlier.original_target_date());
  if (is_new && IsOpen(*line)) *line = Released(*line, earlier.release_date());
  if (ListsRelease(*line) && IsOpen(earlier)) earlier = Released(earlier, line->release_date());
  if (earlier.continued_by().empty()) earlier.set_continued_by(line->name());
  JudgeRelease(&earlier, line);
}

}  // namespace

bool IsEarlier(const Period& a, const Period& b) {
  return std::make_tuple(a.start_year(), a.end_year()) < std::make_tuple(b.start_year(), b.end_year());
}

bool IsNewPromise(const Commitment& earlier, const Commitment& later) {
  return earlier.state() == Commitment::RELEASED && !later.target_date().empty();
}

Commitment WithEndOf(Commitment line, const Commitment& last) {
  if (IsOpen(last)) return line;
  line.set_state(last.state());
  line.set_release_date(last.release_date());
  if (last.has_cancellation()) *line.mutable_cancellation() = last.cancellation();
  return line;
}

std::vector<Commitment> LinkLines(std::vector<EditionLine> lines) {
  std::vector<Edition> editions = ToEditions(std::move(lines));
  for (size_t i = 0; i < editions.size(); ++i) {
    for (Commitment& line : editions[i].lines) {
      if (i == 0) {
        JudgeRelease(nullptr, &line);
      } else {
        Continue(editions[i - 1].lines.front(), editions.cbegin() + static_cast<std::ptrdiff_t>(i) + 1, editions.cend(),
                 &line);
      }
    }
  }
  std::vector<Commitment> linked;
  for (Edition& edition : editions) std::move(edition.lines.begin(), edition.lines.end(), std::back_inserter(linked));
  return linked;
}

}  // namespace almanac::service::rules

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "db/change_log.h"
#include "db/database.h"
#include "db/readers.h"

namespace almanac::db {

// Lets a read run once the database that it reads from is as fresh as was asked for. Thread-safe, and blocks nobody:
// reads that wait are held in lists, one look at the head of that database serves all of them, and a thread of its own
// ends those whose time is over or whose client has gone.
//
// Where reads go to the primary, only AT_LEAST has anything to wait for. A copy is checked for every read, on the
// connection that then runs it: what was seen of it on another may have been another host, or the same before it was
// replaced. See docs/decisions/0012-reads-are-gated-by-the-head.md.
class ReadGate {
 public:
  using Fn = absl::AnyInvocable<absl::Status(Transaction&)>;
  using Done = absl::AnyInvocable<void(absl::Status)>;

  // Reads run on `reading`. If that is a copy, `primary` asks the primary for its head, and refuses nobody; else it is
  // null. Both must outlive the call of Stop, and this both of them.
  ReadGate(Readers& reading, Readers* primary, size_t max_waiting);
  ~ReadGate();

  // Runs `fn`, then `done`, as Readers::Run does, once the freshness that `context` asks for is there.
  // REVISION_NOT_REACHED if it is not in time, RESOURCE_EXHAUSTED if too many reads wait, READ_DATABASE_MISMATCH if the
  // copy is none of the catalogue as it is now.
  void Run(ReadContext context, Fn fn, Done done);

  // Refuses whoever waits and whoever would wait from now on; to be called before either of the readers ends.
  void Stop();

 private:
  using Clock = std::chrono::steady_clock;
  enum class Verdict { kRun, kWait, kForeign };

  struct Request {
    ReadContext context;
    Fn fn;
    Done done;
    // When it is told that it was not in time.
    Clock::time_point end;
    // The revision that must be there; none for any. Of a strong read, what the primary had after it came.
    std::optional<int64_t> wanted;
    // By the head that its connection saw last.
    Verdict verdict = Verdict::kRun;
  };
  using Requests = std::vector<std::shared_ptr<Request>>;

  // Runs a request if the head that its connection sees is fresh enough; else it waits on.
  void Begin(std::shared_ptr<Request> request);
  void Hold(std::shared_ptr<Request> request, Requests& where);
  // How many of `requests` ask for a revision: of what is held they may be half, since they may wait in vain.
  static size_t CountForRevisions(const Requests& requests);
  // Begins to ask the primary for its head, for all that have gathered until now, unless that is being asked already.
  void Check();
  void OnChecked(const absl::Status& status, const Head& head);
  // Looks whether what waits can run.
  void Poll();
  void OnPolled(const absl::Status& status, const Head& head);

  void Work();
  // Each with mutex_ held.
  Verdict Judge(const Request& request, const Head& head);
  bool Holds() const { return !gathering_.empty() || !checking_.empty() || !waiting_.empty(); }
  void Wait(std::unique_lock<std::mutex>& lock);
  Requests TakeOver();

  Readers& reading_;
  Readers* const primary_;
  const size_t max_waiting_;

  // Of the standard library, whose timed waits do not follow the wall clock when it is set.
  std::mutex mutex_;
  std::condition_variable changed_;
  // All under mutex_: strong reads that came since a check of the primary began; those for which it was made; and reads
  // that wait for a revision.
  Requests gathering_, checking_, waiting_;
  size_t held_for_revisions_ = 0;
  bool is_checking_ = false;
  bool is_polling_ = false;
  bool stopping_ = false;
  Clock::time_point next_check_;
  std::optional<Head> known_;  // the primary's, where reads go to a copy
  int64_t seen_ = 0;           // the newest revision that a read was seen to have
  std::thread thread_;
};

}  // namespace almanac::db

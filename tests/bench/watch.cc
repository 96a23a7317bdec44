#include "tests/bench/watch.h"

#include <atomic>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/types/span.h"

namespace almanac::bench {
namespace {

using almanac::v1::WatchResponse;

constexpr int kWriters = 64;

// One stream. It keeps the time at which each event arrived.
class Subscriber : public grpc::ClientReadReactor<WatchResponse> {
 public:
  // At most `max_events` are expected; a stalled one reads nothing after its bookmark.
  Subscriber(bool is_echo, bool is_stalled, const std::shared_ptr<grpc::Channel>& channel, int64_t max_events)
      : is_echo_(is_echo),
        is_stalled_(is_stalled),
        stub_(almanac::v1::ChangeService::NewStub(channel)),
        times_(is_stalled ? 0 : max_events) {
    stub_->async()->Watch(&context_, &request_, this);
    StartRead(&response_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    Take();
    if (!is_stalled_) StartRead(&response_);
  }

  void OnDone(const grpc::Status& status) override {
    status_ = FromGrpc(status);
    finished_.Notify();
  }

  void Cancel() { context_.TryCancel(); }

  // What went wrong, once the stream has ended.
  absl::Status WaitForEnd() {
    finished_.WaitForNotification();
    if (!failure_.ok()) return failure_;
    // A server may end the stream of who does not read.
    return is_stalled_ || absl::IsCancelled(status_) ? absl::OkStatus() : status_;
  }

  bool ready() const { return ready_; }
  bool finished() const { return finished_.HasBeenNotified(); }
  // How many events arrived.
  int64_t events() const { return events_.load(std::memory_order_acquire); }
  // To be read only up to events().
  double time(int64_t event) const { return times_[event]; }

 private:
  void Take() {
    if (response_.has_bookmark()) {
      ready_ = true;
      return;
    }
    const int64_t revision = response_.change().revision();
    const int64_t event = events_.load(std::memory_order_relaxed);
    if (revision == 0 || (!is_echo_ && event > 0 && revision != revision_ + 1)) {
      failure_ = absl::InternalError(absl::StrCat("a watcher got revision ", revision, " after ", revision_));
    }
    if (event >= static_cast<int64_t>(times_.size())) {
      failure_ = absl::InternalError("a watcher got more events than were written");
      return;
    }
    revision_ = revision;
    times_[event] = Now();
    events_.store(event + 1, std::memory_order_release);
  }

  const bool is_echo_;
  const bool is_stalled_;
  const std::unique_ptr<almanac::v1::ChangeService::Stub> stub_;
  grpc::ClientContext context_;
  almanac::v1::WatchRequest request_;
  WatchResponse response_;
  std::atomic<bool> ready_ = false;
  std::atomic<int64_t> events_ = 0;
  std::vector<double> times_;
  int64_t revision_ = 0;
  absl::Status failure_;
  absl::Status status_;
  absl::Notification finished_;
};

class Measurement {
 public:
  Measurement(const Server& server, const Processes& processes, const WatchOptions& options)
      : server_(server), processes_(processes), options_(options), updates_(server, kWriters) {}

  absl::StatusOr<WatchResult> Run(const Server& catalogue) {
    if (absl::Status loaded = updates_.Load(catalogue); !loaded.ok()) return loaded;
    WatchResult result;
    absl::Status status = Open();
    result.bytes_per_watcher = (ReadResidentBytes(processes_.server) - resident_before_) / options_.watchers;
    if (status.ok()) status = Burst(result);
    if (status.ok()) status = Pace(result);
    result.resident_bytes = ReadResidentBytes(processes_.server);
    for (const auto& subscriber : subscribers_) subscriber->Cancel();
    for (const auto& subscriber : subscribers_) {
      // The more telling error is the stream's.
      if (absl::Status end = subscriber->WaitForEnd(); !end.ok()) status = end;
    }
    if (!status.ok()) return status;
    return result;
  }

 private:
  absl::Status Open() {
    const int64_t expected = options_.burst_writes + options_.paced_writes;
    resident_before_ = ReadResidentBytes(processes_.server);
    std::shared_ptr<grpc::Channel> channel;
    for (int i = 0; i < options_.watchers; ++i) {
      const bool is_stalled = i < options_.stalled;
      // Who reads and who does not never share a connection.
      const int place = is_stalled ? i : i - options_.stalled;
      if (place % options_.streams_per_connection == 0) channel = NewChannel(server_.address(), is_stalled);
      subscribers_.push_back(std::make_unique<Subscriber>(server_.is_echo(), is_stalled, channel, expected));
    }
    return WaitFor("every stream to begin", subscribers_,
                   [](const Subscriber& subscriber) { return subscriber.ready(); });
  }

  absl::Status Burst(WatchResult& result) {
    const CpuTime before = ReadCpuTime(processes_);
    const double begin = Now();
    const auto written = RunLoad(kWriters, {.operations = options_.burst_writes},
                                 [this](int slot, Done done) { updates_.Start(slot, std::move(done)); });
    if (!written.ok()) return written.status();
    if (absl::Status received = WaitForEvents(options_.burst_writes); !received.ok()) return received;
    double end = begin;
    for (const auto& reader : readers()) end = std::max(end, reader->time(options_.burst_writes - 1));
    result.burst_cpu = ReadCpuTime(processes_) - before;
    result.burst.operations = static_cast<int64_t>(options_.burst_writes) * (options_.watchers - options_.stalled);
    result.burst.seconds = end - begin;
    return absl::OkStatus();
  }

  absl::Status Pace(WatchResult& result) {
    absl::InsecureBitGen random;
    std::vector<double> answered;
    for (int i = 0; i < options_.paced_writes; ++i) {
      // Not in step with any timer of the server.
      absl::SleepFor(options_.pause * absl::Uniform(random, 0.5, 1.5));
      const double begin = Now();
      absl::Notification done;
      absl::Status status;
      double answer = 0;
      updates_.Start(0, [&](absl::Status written) {
        answer = Now();
        status = std::move(written);
        done.Notify();
      });
      done.WaitForNotification();
      if (!status.ok()) return status;
      answered.push_back(answer);
      result.write_ms.push_back((answer - begin) * 1000);
    }
    if (absl::Status received = WaitForEvents(options_.burst_writes + options_.paced_writes); !received.ok()) {
      return received;
    }
    for (const auto& reader : readers()) {
      for (int i = 0; i < options_.paced_writes; ++i) {
        result.lags_ms.push_back((reader->time(options_.burst_writes + i) - answered[i]) * 1000);
      }
    }
    return absl::OkStatus();
  }

  // All but those that stalled.
  absl::Span<const std::unique_ptr<Subscriber>> readers() const {
    return absl::MakeConstSpan(subscribers_).subspan(options_.stalled);
  }

  absl::Status WaitForEvents(int64_t count) {
    return WaitFor(absl::StrCat("every watcher to get ", count, " events"), readers(),
                   [count](const Subscriber& subscriber) { return subscriber.events() >= count; });
  }

  template <typename Condition>
  absl::Status WaitFor(const std::string& what, absl::Span<const std::unique_ptr<Subscriber>> subscribers,
                       const Condition& condition) {
    const absl::Time deadline = absl::Now() + options_.timeout;
    for (const auto& subscriber : subscribers) {
      while (!condition(*subscriber)) {
        if (subscriber->finished()) return absl::AbortedError(absl::StrCat("a stream ended while waiting for ", what));
        if (absl::Now() > deadline) return absl::DeadlineExceededError(absl::StrCat("waited in vain for ", what));
        absl::SleepFor(absl::Milliseconds(1));
      }
    }
    return absl::OkStatus();
  }

  const Server& server_;
  const Processes processes_;
  const WatchOptions options_;
  Updates updates_;
  int64_t resident_before_ = 0;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;  // those that stall first
};

}  // namespace

absl::StatusOr<WatchResult> MeasureWatch(const Server& server, const Server& catalogue, const Processes& processes,
                                         const WatchOptions& options) {
  Measurement measurement(server, processes, options);
  return measurement.Run(catalogue);
}

}  // namespace almanac::bench

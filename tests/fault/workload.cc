#include "tests/fault/workload.h"

#include "absl/strings/str_cat.h"
#include "tests/fault/reader.h"
#include "tests/fault/watcher.h"
#include "tests/fault/writer.h"

namespace almanac::fault {
namespace {

template <typename Client>
std::thread Begin(std::shared_ptr<Client> client) {
  return std::thread([client = std::move(client)] { client->Work(); });
}

}  // namespace

Workload::Workload(const Options& options, Recorder& recorder)
    : options_(options), traffic_(recorder, options.addresses), scribe_(recorder, options.database_url) {}

absl::StatusOr<std::unique_ptr<Workload>> Workload::Start(const Options& options, Recorder& recorder) {
  std::unique_ptr<Workload> workload(new Workload(options, recorder));
  Traffic& traffic = workload->traffic_;
  if (absl::Status made = Writer(traffic, options.seed, 0).Prepare(); !made.ok()) return made;
  std::vector<std::thread>& threads = workload->threads_;
  for (int i = 1; i <= options.writers; ++i) {
    threads.push_back(Begin(std::make_shared<Writer>(traffic, options.seed, i)));
  }
  for (int i = 1; i <= options.readers; ++i) {
    threads.push_back(Begin(std::make_shared<Reader>(traffic, absl::StrCat("reader-", i), options.seed)));
  }
  for (int i = 1; i <= options.watchers; ++i) {
    threads.push_back(Begin(std::make_shared<Watcher>(traffic, absl::StrCat("watcher-", i), options.seed)));
  }
  return workload;
}

Workload::~Workload() { Stop(); }

void Workload::Stop() {
  traffic_.stopping = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

absl::Status Workload::ReadAll() {
  constexpr int kAttempts = 5;
  Reader reader(traffic_, "final", options_.seed);
  Watcher watcher(traffic_, "final", options_.seed);
  for (int i = 0; i < kAttempts; ++i) {
    const absl::StatusOr<Final> before = Scribe::ReadHead(options_.database_url);
    if (!before.ok()) return before.status();
    bool is_read = true;
    for (int replica = 0; replica < traffic_.size() && is_read; ++replica) {
      is_read = reader.ReadAll(replica, before->oldest_revision(), before->head_revision()) &&
                watcher.WatchAll(replica, before->oldest_revision() - 1, before->head_revision());
    }
    const absl::StatusOr<Final> after = Scribe::ReadHead(options_.database_url);
    if (!after.ok()) return after.status();
    // The clock of the servers may have changed something meanwhile, or retention taken something.
    if (is_read && after->SerializeAsString() == before->SerializeAsString()) return absl::OkStatus();
  }
  return absl::UnavailableError("at the end not all could be read from every server");
}

absl::Status Workload::WriteToAll() {
  Writer writer(traffic_, options_.seed, options_.writers + 1);
  for (int replica = 0; replica < traffic_.size(); ++replica) {
    if (writer.WriteTo(replica)) continue;
    return absl::UnavailableError(absl::StrCat("at the end server ", replica, " takes no writes"));
  }
  return absl::OkStatus();
}

absl::Status Workload::Finish() {
  Stop();
  if (absl::Status written = WriteToAll(); !written.ok()) return written;
  if (absl::Status read = ReadAll(); !read.ok()) return read;
  if (absl::Status copied = scribe_.Finish(); !copied.ok()) return copied;
  return traffic_.recorder.Flush();
}

}  // namespace almanac::fault

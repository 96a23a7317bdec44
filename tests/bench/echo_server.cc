// The floor: a gRPC server of the same calls that answers bytes it read from files, with no database and no protobuf.
// UpdateDataset also makes it send one event to each of its watchers.
#include <grpcpp/grpcpp.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "almanac/v1/change_service.grpc.pb.h"
#include "almanac/v1/dataset_service.grpc.pb.h"

namespace almanac::bench {
namespace {

using Context = grpc::CallbackServerContext;
using Reactor = grpc::ServerUnaryReactor;

grpc::ByteBuffer ReadAnswer(const std::string& directory, const std::string& name) {
  std::ifstream file(directory + "/" + name, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (bytes.empty()) {
    std::fprintf(stderr, "almanac_bench_echo: %s/%s is missing or empty\n", directory.c_str(), name.c_str());
    std::exit(1);
  }
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

class EchoStream;

// Who watches, and how many events there were.
class Hub {
 public:
  void Add(std::shared_ptr<EchoStream> stream) {
    absl::MutexLock lock(&mutex_);
    streams_.insert(std::move(stream));
  }
  void Remove(const std::shared_ptr<EchoStream>& stream) {
    absl::MutexLock lock(&mutex_);
    streams_.erase(stream);
  }
  int64_t events() {
    absl::MutexLock lock(&mutex_);
    return events_;
  }
  void Publish();

 private:
  absl::Mutex mutex_;
  int64_t events_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unordered_set<std::shared_ptr<EchoStream>> streams_ ABSL_GUARDED_BY(mutex_);
};

// A bookmark at once, then one message for each event, one in flight.
class EchoStream : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  static EchoStream* Start(Hub& hub, const grpc::ByteBuffer& bookmark, const grpc::ByteBuffer& event) {
    std::shared_ptr<EchoStream> stream(new EchoStream(hub, event));
    absl::MutexLock lock(&stream->mutex_);
    stream->self_ = stream;
    hub.Add(stream);
    stream->writing_ = true;
    stream->StartWrite(&bookmark);
    return stream.get();
  }

  void Wake() {
    absl::MutexLock lock(&mutex_);
    if (writing_ || finished_ || sent_ >= hub_.events()) return;
    ++sent_;
    writing_ = true;
    buffer_ = event_;
    StartWrite(&buffer_);
  }

  void OnWriteDone(bool) override {
    {
      absl::MutexLock lock(&mutex_);
      writing_ = false;
    }
    Wake();
  }

  void OnCancel() override {
    absl::MutexLock lock(&mutex_);
    finished_ = true;
    Finish(grpc::Status::CANCELLED);
  }

  void OnDone() override {
    std::shared_ptr<EchoStream> self;
    {
      absl::MutexLock lock(&mutex_);
      self = std::move(self_);
    }
    hub_.Remove(self);
  }

 private:
  EchoStream(Hub& hub, const grpc::ByteBuffer& event) : hub_(hub), event_(event), sent_(hub.events()) {}

  Hub& hub_;
  const grpc::ByteBuffer& event_;
  absl::Mutex mutex_;
  std::shared_ptr<EchoStream> self_ ABSL_GUARDED_BY(mutex_);
  int64_t sent_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ByteBuffer buffer_ ABSL_GUARDED_BY(mutex_);
};

void Hub::Publish() {
  std::vector<std::shared_ptr<EchoStream>> streams;
  {
    absl::MutexLock lock(&mutex_);
    ++events_;
    streams.assign(streams_.begin(), streams_.end());
  }
  for (const auto& stream : streams) stream->Wake();
}

using v1::ChangeService;
using v1::DatasetService;

class EchoDatasets final
    : public DatasetService::WithRawCallbackMethod_GetDataset<DatasetService::WithRawCallbackMethod_ListDatasets<
          DatasetService::WithRawCallbackMethod_UpdateDataset<DatasetService::Service>>> {
 public:
  EchoDatasets(const std::string& directory, Hub& hub)
      : hub_(hub),
        get_(ReadAnswer(directory, "GetDataset")),
        list_(ReadAnswer(directory, "ListDatasets")),
        update_(ReadAnswer(directory, "UpdateDataset")) {}

  Reactor* GetDataset(Context* context, const grpc::ByteBuffer*, grpc::ByteBuffer* response) override {
    return Answer(context, get_, response);
  }
  Reactor* ListDatasets(Context* context, const grpc::ByteBuffer*, grpc::ByteBuffer* response) override {
    return Answer(context, list_, response);
  }
  Reactor* UpdateDataset(Context* context, const grpc::ByteBuffer*, grpc::ByteBuffer* response) override {
    hub_.Publish();
    return Answer(context, update_, response);
  }

 private:
  static Reactor* Answer(Context* context, const grpc::ByteBuffer& answer, grpc::ByteBuffer* response) {
    *response = answer;
    Reactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  Hub& hub_;
  const grpc::ByteBuffer get_, list_, update_;
};

class EchoChanges final : public ChangeService::WithRawCallbackMethod_Watch<ChangeService::Service> {
 public:
  EchoChanges(const std::string& directory, Hub& hub)
      : hub_(hub), bookmark_(ReadAnswer(directory, "Bookmark")), event_(ReadAnswer(directory, "Watch")) {}

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Watch(Context*, const grpc::ByteBuffer*) override {
    return EchoStream::Start(hub_, bookmark_, event_);
  }

 private:
  Hub& hub_;
  const grpc::ByteBuffer bookmark_, event_;
};

int Serve(const std::string& directory) {
  Hub hub;
  EchoDatasets datasets(directory, hub);
  EchoChanges changes(directory, hub);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&datasets);
  builder.RegisterService(&changes);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    std::fputs("almanac_bench_echo: cannot listen on 127.0.0.1\n", stderr);
    return 1;
  }
  std::printf("almanac_bench_echo listening on 127.0.0.1:%d\n", port);
  std::fflush(stdout);
  server->Wait();
  return 0;
}

}  // namespace
}  // namespace almanac::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("Usage: almanac_bench_echo DIR, where DIR holds the answers that `almanac_bench prepare` wrote\n",
               stderr);
    return 2;
  }
  return almanac::bench::Serve(argv[1]);
}

#include "tests/bench/workloads.h"

#include <unistd.h>

#include <atomic>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace almanac::bench {
namespace {

constexpr int kConnections = 4;
constexpr int kDatasets = kPublishers * kDatasetsEach;
constexpr int kFillSlots = 64;

absl::Status Unexpected(const std::string& what, const google::protobuf::Message& answer) {
  return absl::InternalError(absl::StrCat("wrong answer to ", what, ": ", answer.ShortDebugString().substr(0, 300)));
}

almanac::v1::Dataset NewDataset(int index) {
  almanac::v1::Dataset dataset;
  auto& titles = *dataset.mutable_titles();
  titles["en"] = absl::StrCat("Waiting list and waiting time of residential care places, service ", index);
  titles["zh-Hans-HK"] = absl::StrCat("安老院舍照顾服务的轮候人数及轮候时间 ", index);
  (*dataset.mutable_categories())["en"] = "Elderly services";
  (*dataset.mutable_categories())["zh-Hans-HK"] = "安老服务";
  (*dataset.mutable_remarks())["en"] = "Figures are as at the end of the month.";
  dataset.set_frequency(almanac::v1::MONTHLY);
  (*dataset.mutable_frequency_texts())["zh-Hans-HK"] = "每月";
  dataset.add_formats("CSV");
  dataset.add_formats("XML");
  dataset.set_landing_page(absl::StrCat("https://data.example.hk/datasets/", index));
  dataset.set_release_date("2022-06");
  return dataset;
}

template <typename Request, typename Response>
grpc::ClientContext* Renew(Call<Request, Response>& call) {
  call.response.Clear();
  return call.Renew();
}

}  // namespace

std::string PublisherName(int index) { return absl::StrCat("publishers/", kFirstPublisher + index); }

std::string DatasetName(int index) {
  return absl::StrCat(PublisherName(index % kPublishers), "/datasets/", kFirstDataset + index);
}

std::shared_ptr<grpc::Channel> NewChannel(const std::string& address, bool fixed_window) {
  grpc::ChannelArguments arguments;
  // Channels to one address would otherwise share a connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  if (fixed_window) arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

absl::Status FromGrpc(const grpc::Status& status) {
  return {static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
}

Server::Server(std::string address, bool is_echo) : address_(std::move(address)), is_echo_(is_echo) {
  const auto channel = NewChannel(address_);
  publishers_ = almanac::v1::PublisherService::NewStub(channel);
  plans_ = almanac::v1::ReleasePlanService::NewStub(channel);
  changes_ = almanac::v1::ChangeService::NewStub(channel);
  for (int i = 0; i < kConnections; ++i) {
    datasets_.push_back(almanac::v1::DatasetService::NewStub(NewChannel(address_)));
  }
}

absl::Status Fill(const Server& server) {
  for (int i = 0; i < kPublishers; ++i) {
    Call<almanac::v1::CreatePublisherRequest, almanac::v1::Publisher> call;
    call.request.set_publisher_id(absl::StrCat(kFirstPublisher + i));
    (*call.request.mutable_publisher()->mutable_titles())["en"] = absl::StrCat("Publisher ", i);
    const grpc::Status status = server.publishers().CreatePublisher(call.Renew(), call.request, &call.response);
    if (!status.ok()) return FromGrpc(status);
  }
  std::vector<Call<almanac::v1::CreateDatasetRequest, almanac::v1::Dataset>> calls(kFillSlots);
  std::atomic<int> next = 0;
  return RunLoad(kFillSlots, {.operations = kDatasets},
                 [&](int slot, Done done) {
                   const int index = next++;
                   auto& call = calls[slot];
                   call.request.set_parent(PublisherName(index % kPublishers));
                   call.request.set_dataset_id(absl::StrCat(kFirstDataset + index));
                   *call.request.mutable_dataset() = NewDataset(index);
                   server.datasets(slot).async()->CreateDataset(
                       Renew(call), &call.request, &call.response,
                       [done = std::move(done)](const grpc::Status& status) { done(FromGrpc(status)); });
                 })
      .status();
}

void Gets::Start(int slot, Done done) {
  auto& call = calls_[slot];
  call.request.set_name(DatasetName(absl::Uniform(random_[slot], 0, kDatasets)));
  server_.datasets(slot).async()->GetDataset(
      Renew(call), &call.request, &call.response, [this, &call, done = std::move(done)](const grpc::Status& status) {
        const auto& answer = call.response;
        const bool right = server_.is_echo() ? !answer.etag().empty() : answer.name() == call.request.name();
        done(status.ok() && !right ? Unexpected("GetDataset", answer) : FromGrpc(status));
      });
}

void Lists::Start(int slot, Done done) {
  auto& call = calls_[slot];
  call.request.set_parent(PublisherName(absl::Uniform(random_[slot], 0, kPublishers)));
  call.request.set_page_size(kDatasetsEach);
  server_.datasets(slot).async()->ListDatasets(
      Renew(call), &call.request, &call.response, [this, &call, done = std::move(done)](const grpc::Status& status) {
        const auto& answer = call.response;
        const bool right =
            answer.datasets_size() == kDatasetsEach &&
            (server_.is_echo() || absl::StartsWith(answer.datasets(0).name(), call.request.parent() + "/"));
        done(status.ok() && !right ? Unexpected("ListDatasets", answer) : FromGrpc(status));
      });
}

Updates::Updates(const Server& server, int slots, bool with_request_ids)
    : server_(server),
      with_request_ids_(with_request_ids),
      calls_(slots),
      next_(slots),
      count_(slots),
      etags_(kDatasets) {
  for (int slot = 0; slot < slots; ++slot) next_[slot] = slot;
}

absl::Status Updates::Load(const Server& catalogue) {
  std::map<std::string, std::string> etags;
  Call<almanac::v1::ListDatasetsRequest, almanac::v1::ListDatasetsResponse> call;
  call.request.set_parent("publishers/-");
  call.request.set_page_size(1000);
  do {
    const grpc::Status status = catalogue.datasets(0).ListDatasets(Renew(call), call.request, &call.response);
    if (!status.ok()) return FromGrpc(status);
    for (const auto& dataset : call.response.datasets()) etags[dataset.name()] = dataset.etag();
    call.request.set_page_token(call.response.next_page_token());
  } while (!call.request.page_token().empty());
  for (int i = 0; i < kDatasets; ++i) {
    etags_[i] = etags[DatasetName(i)];
    if (etags_[i].empty()) return absl::InternalError(absl::StrCat("the list lacks ", DatasetName(i)));
  }
  return absl::OkStatus();
}

void Updates::Start(int slot, Done done) {
  const int index = next_[slot];
  const auto slots = static_cast<int>(calls_.size());
  next_[slot] = index + slots < kDatasets ? index + slots : slot;
  auto& call = calls_[slot];
  auto& dataset = *call.request.mutable_dataset();
  dataset.set_name(DatasetName(index));
  dataset.set_etag(etags_[index]);
  // No two are alike: one that changes nothing would not be written.
  (*dataset.mutable_remarks())["en"] =
      absl::StrFormat("Figures are as at the end of the month. Note %012d.", absl::GetCurrentTimeNanos() / 1000);
  call.request.mutable_update_mask()->clear_paths();
  call.request.mutable_update_mask()->add_paths("remarks");
  if (with_request_ids_) call.request.set_request_id(absl::StrCat("bench-", getpid(), "-", slot, "-", ++count_[slot]));
  server_.datasets(slot).async()->UpdateDataset(
      Renew(call), &call.request, &call.response,
      [this, index, &call, done = std::move(done)](const grpc::Status& status) {
        const auto& answer = call.response;
        if (!status.ok()) return done(FromGrpc(status));
        if (server_.is_echo())
          return done(answer.etag().empty() ? Unexpected("UpdateDataset", answer) : absl::OkStatus());
        const bool right = answer.name() == call.request.dataset().name() && answer.etag() != etags_[index] &&
                           answer.remarks().at("en") == call.request.dataset().remarks().at("en");
        etags_[index] = answer.etag();
        done(right ? absl::OkStatus() : Unexpected("UpdateDataset", answer));
      });
}

}  // namespace almanac::bench

#include "tests/bench/bare_answers.h"

#include "absl/strings/str_cat.h"
#include "almanac/v1/dataset_service.grpc.pb.h"

namespace almanac::bench {

using almanac::v1::DatasetService;

class BareAnswers::Service final : public DatasetService::WithRawCallbackMethod_ListDatasets<
                                       DatasetService::WithRawCallbackMethod_SearchDatasets<DatasetService::Service>> {
 public:
  grpc::ServerUnaryReactor* ListDatasets(grpc::CallbackServerContext* context, const grpc::ByteBuffer*,
                                         grpc::ByteBuffer* response) override {
    return Answer(context, response);
  }
  grpc::ServerUnaryReactor* SearchDatasets(grpc::CallbackServerContext* context, const grpc::ByteBuffer*,
                                           grpc::ByteBuffer* response) override {
    return Answer(context, response);
  }

  grpc::ByteBuffer answer;

 private:
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context, grpc::ByteBuffer* response) {
    *response = answer;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

BareAnswers::BareAnswers() : service_(std::make_unique<Service>()) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
  if (server_ != nullptr && port != 0) address_ = absl::StrCat("127.0.0.1:", port);
}

BareAnswers::~BareAnswers() {
  if (server_ != nullptr) server_->Shutdown();
}

void BareAnswers::Set(const std::string& answer) {
  const grpc::Slice slice(answer);
  service_->answer = grpc::ByteBuffer(&slice, 1);
}

}  // namespace almanac::bench

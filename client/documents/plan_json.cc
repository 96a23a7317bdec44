#include "client/documents/plan_json.h"

#include <google/protobuf/util/json_util.h>

namespace almanac::client {

std::string PlanDocumentToJson(const v1::PlanDocument& document) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  std::string json;
  // It fails only on Any, Timestamp and their like, which a PlanDocument does not hold.
  static_cast<void>(google::protobuf::util::MessageToJsonString(document, &json, options));
  return json;
}

}  // namespace almanac::client

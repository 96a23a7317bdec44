#include "client/json.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver.h>
#include <google/protobuf/util/type_resolver_util.h>
#include <yaml-cpp/yaml.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace almanac::client {
namespace {

using Json = nlohmann::ordered_json;

// Maps are sorted: protobuf's own order differs from run to run.
std::string Serialize(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializePartialToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

// Whether a YAML reader takes the plain `text` for a string. Texts that begin with a letter are, but for the words
// that YAML 1.1 or 1.2 give another meaning.
bool IsPlainString(const std::string& text) {
  if (text.empty() || (text[0] >= 0 && !absl::ascii_isalpha(static_cast<unsigned char>(text[0])))) return false;
  const std::string lower = absl::AsciiStrToLower(text);
  for (const char* word : {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}) {
    if (lower == word) return false;
  }
  return true;
}

void Emit(const Json& value, YAML::Emitter& out) {
  if (value.is_object()) {
    if (value.empty()) out << YAML::Flow;
    out << YAML::BeginMap;
    for (const auto& [key, member] : value.items()) {
      out << YAML::Key;
      Emit(Json(key), out);
      out << YAML::Value;
      Emit(member, out);
    }
    out << YAML::EndMap;
  } else if (value.is_array()) {
    if (value.empty()) out << YAML::Flow;
    out << YAML::BeginSeq;
    for (const Json& element : value) Emit(element, out);
    out << YAML::EndSeq;
  } else if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    if (!IsPlainString(text)) out << YAML::DoubleQuoted;
    out << text;
  } else {
    out << value.dump();
  }
}

}  // namespace

std::string ToJson(const google::protobuf::Message& message, int indent) {
  const std::unique_ptr<google::protobuf::util::TypeResolver> resolver(
      google::protobuf::util::NewTypeResolverForDescriptorPool("type.googleapis.com",
                                                               message.GetDescriptor()->file()->pool()));
  std::string json;
  const auto status = google::protobuf::util::BinaryToJsonString(
      resolver.get(), absl::StrCat("type.googleapis.com/", message.GetDescriptor()->full_name()), Serialize(message),
      &json);
  if (!status.ok()) return "{}";
  return Reindent(json, indent);
}

std::string Reindent(std::string_view json, int indent) {
  return Json::parse(json).dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string JsonToYaml(std::string_view json) {
  YAML::Emitter out;
  Emit(Json::parse(json), out);
  return out.c_str();
}

}  // namespace almanac::client

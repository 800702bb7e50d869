#include "client/render/json.h"

#include <memory>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/type_resolver_util.h"

namespace parc::client::render {
namespace {

constexpr char kPrefix[] = "type.googleapis.com";

// Maps are ordered: the same message always gives the same text.
std::string Deterministic(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

}  // namespace

std::string Json(const google::protobuf::Message& message, bool pretty) {
  static const std::unique_ptr<google::protobuf::util::TypeResolver> resolver(
      google::protobuf::util::NewTypeResolverForDescriptorPool(
          kPrefix, google::protobuf::DescriptorPool::generated_pool()));
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = pretty;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status = google::protobuf::util::BinaryToJsonString(
      resolver.get(), std::string(kPrefix) + "/" + message.GetDescriptor()->full_name(),
      Deterministic(message), &json, options);
  if (!status.ok()) return "{}";  // only a Timestamp outside years 1 to 9999 leads here
  while (!json.empty() && json.back() == '\n') json.pop_back();
  return json;
}

}  // namespace parc::client::render

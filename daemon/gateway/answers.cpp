#include "daemon/gateway/answers.h"

#include "daemon/inventory/reason.h"
#include "daemon/rpc/status_details.h"

namespace parc::gateway {
namespace {

struct Mapping {
  int http;
  absl::StatusCode code;
  const char* reason;
};

constexpr Mapping kMappings[] = {
    {400, absl::StatusCode::kInvalidArgument, "MALFORMED"},
    {404, absl::StatusCode::kNotFound, "NO_SUCH_METHOD"},
    {405, absl::StatusCode::kUnimplemented, "METHOD_NOT_ALLOWED"},
    {413, absl::StatusCode::kResourceExhausted, "REQUEST_TOO_LARGE"},
    {415, absl::StatusCode::kInvalidArgument, "UNSUPPORTED_MEDIA_TYPE"},
    {431, absl::StatusCode::kResourceExhausted, "HEADER_TOO_LARGE"},
};

}  // namespace

int HttpStatusOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kCancelled:
      return 499;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

Response ErrorAnswer(const absl::Status& status, int http_status) {
  Response response;
  response.status = http_status != 0 ? http_status : HttpStatusOf(status.code());
  response.content_type = "application/proto";
  response.body = rpc::ToRpcStatus(status).SerializeAsString();
  if (response.status == 429 || response.status == 503) response.retry_after = 5;
  return response;
}

Response RefuseRequest(int status, const std::string& sentence) {
  for (const Mapping& mapping : kMappings) {
    if (mapping.http == status) {
      return ErrorAnswer(Refuse(mapping.code, mapping.reason, sentence), status);
    }
  }
  return ErrorAnswer(absl::InternalError(sentence), status);
}

}  // namespace parc::gateway

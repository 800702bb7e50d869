#pragma once

#include <string>

#include "absl/status/status.h"
#include "daemon/gateway/http.h"

namespace parc::gateway {

// The HTTP status that stands for a canonical code, as google.rpc.Code documents it.
int HttpStatusOf(absl::StatusCode code);

// An error as the enrolment port tells it: a serialized google.rpc.Status, application/proto.
// `http_status` 0: the one that fits the code.
Response ErrorAnswer(const absl::Status& status, int http_status = 0);

// What is wrong with a request that is no HTTP, too large or not for this port; `status` is HTTP's.
Response RefuseRequest(int status, const std::string& sentence);

}  // namespace parc::gateway

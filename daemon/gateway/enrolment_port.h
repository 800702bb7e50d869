#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/access/enrolment.h"
#include "daemon/gateway/http.h"

namespace spdlog {
class logger;
}

namespace parc::gateway {

inline constexpr char kEnrolPath[] = "/parc.v1.EnrolmentService/Enrol";

struct EnrolmentPortParts {
  // access::Enrolment::SubmitEnrol.
  std::function<absl::Status(access::EnrolCall call, const std::string& source, std::int64_t now,
                             std::function<void(absl::StatusOr<access::EnrolAnswer>)> done)>
      submit;
  std::function<std::int64_t()> now;  // UTC microseconds
  std::string agent_endpoint;         // "host:port", where an enrolled laptop reports
  std::shared_ptr<spdlog::logger> log;
  // Called once for each answer with the canonical code's name, for the metrics.
  std::function<void(std::string_view method, std::string_view code, std::int64_t micros)> count;
};

// What the enrolment port answers: POST /parc.v1.EnrolmentService/Enrol with an application/proto
// body, and refusals to everything else.
Handler EnrolmentPort(EnrolmentPortParts parts);

}  // namespace parc::gateway

#include "daemon/rpc/health_service.h"

#include <algorithm>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/rpc/status_details.h"
#include "fmt/format.h"
#include "grpc/health/v1/health.pb.h"

namespace parc::rpc {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

void RegisterHealth(Handlers& handlers, std::vector<std::string> services) {
  services.emplace_back();  // the server as a whole
  handlers.Unary("/grpc.health.v1.Health/Check",
                 [services = std::move(services)](const std::shared_ptr<Call>& call,
                                                  const grpc::ByteBuffer& bytes) -> absl::Status {
                   HealthCheckRequest request;
                   PARC_TRY(Parse(bytes, request));
                   if (std::ranges::find(services, request.service()) == services.end()) {
                     return Refuse(
                         absl::StatusCode::kNotFound, "SERVICE_NOT_FOUND",
                         fmt::format("There is no service \"{}\" here.", Shown(request.service())),
                         "service");
                   }
                   HealthCheckResponse response;
                   response.set_status(HealthCheckResponse::SERVING);
                   call->Answer(response);
                   return absl::OkStatus();
                 });
  handlers.Unary("/grpc.health.v1.Health/Watch",
                 [](const std::shared_ptr<Call>&, const grpc::ByteBuffer&) {
                   return Refuse(absl::StatusCode::kUnimplemented, "WATCH_UNSUPPORTED",
                                 "Ask with Check: the answer does not change while there is one.");
                 });
}

}  // namespace parc::rpc

#include "daemon/gateway/operator_port.h"

#include <utility>

#include "daemon/gateway/metrics.h"

namespace parc::gateway {
namespace {

Response Text(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Response Answer(const OperatorPortParts& parts, const Request& request) {
  const std::string path = PathOf(request.target);
  if (path != "/healthz" && path != "/readyz" && path != "/metrics") {
    return Text(404, "There are /healthz, /readyz and /metrics.\n");
  }
  if (request.method != "GET" && request.method != "HEAD") {
    Response response = Text(405, "GET it.\n");
    response.allow = "GET, HEAD";
    return response;
  }
  if (path == "/healthz") return Text(200, "ok\n");
  if (path == "/readyz") {
    const absl::Status ready = parts.ready();
    return ready.ok() ? Text(200, "ready\n") : Text(503, std::string(ready.message()) + "\n");
  }
  Response response = Text(200, parts.metrics());
  response.content_type = kMetricsType;
  return response;
}

}  // namespace

Handler OperatorPort(OperatorPortParts parts) {
  return [parts = std::move(parts)](Request request, const Reply& reply) {
    reply(Answer(parts, request));
  };
}

}  // namespace parc::gateway

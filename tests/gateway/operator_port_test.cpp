#include "daemon/gateway/operator_port.h"

#include <catch2/catch.hpp>

#include "daemon/gateway/metrics.h"

namespace parc::gateway {
namespace {

Response Ask(const OperatorPortParts& parts, const std::string& method, const std::string& target) {
  Response answer;
  OperatorPort(parts)({.method = method, .target = target},
                      [&](Response response) { answer = std::move(response); });
  return answer;
}

}  // namespace

TEST_CASE("the operators' port answers health, readiness and metrics, and nothing else") {
  absl::Status ready;
  const OperatorPortParts parts{.ready = [&] { return ready; }, .metrics = [] { return "m 1\n"; }};
  CHECK(Ask(parts, "GET", "/healthz").body == "ok\n");
  CHECK(Ask(parts, "GET", "/readyz?verbose").status == 200);
  CHECK(Ask(parts, "GET", "/metrics").body == "m 1\n");
  CHECK(Ask(parts, "GET", "/metrics").content_type == kMetricsType);
  CHECK(Ask(parts, "HEAD", "/healthz").status == 200);
  CHECK(Ask(parts, "GET", "/").status == 404);
  CHECK(Ask(parts, "GET", "/healthz/..").status == 404);
  const Response post = Ask(parts, "POST", "/metrics");
  CHECK(post.status == 405);
  CHECK(post.allow == "GET, HEAD");

  ready = absl::UnavailableError("the database does not take writes");
  CHECK(Ask(parts, "GET", "/readyz").status == 503);
  CHECK(Ask(parts, "GET", "/readyz").body == "the database does not take writes\n");
  CHECK(Ask(parts, "GET", "/healthz").status == 200);
}

TEST_CASE("metrics are written in Prometheus' text format") {
  Exposition exposition;
  exposition.Counter("parc_calls_total", "Calls answered.");
  exposition.Sample(3, {{"method", "a/B"}, {"code", "OK"}});
  exposition.Sample(4e9, {{"method", "\"\\\n"}, {"code", "OK"}});
  exposition.Gauge("parc_queue_ratio", "How full it is.");
  exposition.Sample(0.25);
  CHECK(exposition.text() ==
        "# HELP parc_calls_total Calls answered.\n"
        "# TYPE parc_calls_total counter\n"
        "parc_calls_total{method=\"a/B\",code=\"OK\"} 3\n"
        "parc_calls_total{method=\"\\\"\\\\\\n\",code=\"OK\"} 4000000000\n"
        "# HELP parc_queue_ratio How full it is.\n"
        "# TYPE parc_queue_ratio gauge\n"
        "parc_queue_ratio 0.25\n");
}

}  // namespace parc::gateway

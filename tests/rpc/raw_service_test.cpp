#include "daemon/rpc/raw_service.h"

#include <array>
#include <catch2/catch.hpp>

#include "daemon/inventory/reason.h"
#include "daemon/rpc/peer.h"
#include "grpc/health/v1/health.pb.h"

namespace parc::rpc {
namespace {

const google::protobuf::ServiceDescriptor& Health() {
  return *grpc::health::v1::HealthCheckRequest::descriptor()->file()->service(0);
}

absl::Status Silent(const std::shared_ptr<Call>&, const grpc::ByteBuffer&) {
  return absl::OkStatus();
}

constexpr std::array kCheckOnly = {Method{"/grpc.health.v1.Health/Check", Admits::kAnyone, {}, {}}};
constexpr std::array kBoth = {Method{"/grpc.health.v1.Health/Check", Admits::kAnyone, {}, {}},
                              Method{"/grpc.health.v1.Health/Watch", Admits::kAnyone, {}, {}}};

}  // namespace

TEST_CASE("a service starts only when each of its methods has a row and a handler") {
  const auto path = std::make_shared<CallPath>();
  SECTION("all there") {
    Handlers handlers(path, kBoth);
    handlers.Unary("/grpc.health.v1.Health/Check", Silent);
    handlers.Unary("/grpc.health.v1.Health/Watch", Silent);
    CHECK(RawService::Make(Health(), handlers).ok());
  }
  SECTION("a handler without a row") {
    Handlers handlers(path, kCheckOnly);
    handlers.Unary("/grpc.health.v1.Health/Check", Silent);
    handlers.Unary("/grpc.health.v1.Health/Watch", Silent);
    CHECK(ReasonOf(RawService::Make(Health(), handlers).status()) == "METHOD_NOT_LISTED");
  }
  SECTION("a row without a handler") {
    Handlers handlers(path, kBoth);
    handlers.Unary("/grpc.health.v1.Health/Check", Silent);
    CHECK(ReasonOf(RawService::Make(Health(), handlers).status()) == "METHOD_NOT_LISTED");
  }
}

TEST_CASE("the address of a peer is found in gRPC's name for it") {
  CHECK(AddressOf("ipv4:192.0.2.7:4711") == "192.0.2.7");
  CHECK(AddressOf("ipv6:%5B2001:db8::1%5D:4711") == "2001:db8::1");
  CHECK(AddressOf("ipv6:[2001:db8::1]:4711") == "2001:db8::1");
  CHECK(AddressOf("unknown") == "unknown");
}

}  // namespace parc::rpc

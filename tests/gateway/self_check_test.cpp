#include "daemon/gateway/self_check.h"

#include <catch2/catch.hpp>

#include "tests/gateway/gateway_support.h"

namespace parc::gateway {
namespace {

constexpr std::chrono::milliseconds kTimeout{500};

Handler NotFound() {
  return [](const Request&, const Reply& reply) {
    Response response;
    response.status = 404;
    reply(response);
  };
}

}  // namespace

TEST_CASE("a look at the HTTPS port passes only if accepting, TLS, name and HTTP all work") {
  const TrialCertificates certificates;
  const TrialCertificates strangers;
  const access::OwnCertificate own = certificates.Issue();
  Listening listening(NotFound());
  SelfCheckTarget target;
  target.address = "127.0.0.1";
  target.port = listening.port();
  target.server_name = "localhost";
  target.root_pem = certificates.root_pem();

  CHECK_FALSE(CheckHttps(target, kTimeout).ok());  // plain HTTP
  REQUIRE(listening.UseTls(own.chain_pem, own.key_pem).ok());
  CHECK(CheckHttps(target, kTimeout) == absl::OkStatus());

  SelfCheckTarget wrong = target;
  wrong.root_pem = strangers.root_pem();
  CHECK_FALSE(CheckHttps(wrong, kTimeout).ok());
  wrong = target;
  wrong.server_name = "parc.example";
  CHECK_FALSE(CheckHttps(wrong, kTimeout).ok());
  wrong = target;
  wrong.address = "localhost";
  CHECK_FALSE(CheckHttps(wrong, kTimeout).ok());
  listening.Stop();
  CHECK_FALSE(CheckHttps(target, kTimeout).ok());
}

TEST_CASE("a port that is silent, speaks something else or is closed does not serve gRPC") {
  const TrialCertificates certificates;
  const access::OwnCertificate own = certificates.Issue();
  Listening listening(NotFound());
  SelfCheckTarget target;
  target.address = "127.0.0.1";
  target.port = listening.port();
  target.server_name = "localhost";
  target.root_pem = certificates.root_pem();
  CHECK_FALSE(CheckHealth(target, kTimeout).ok());
  REQUIRE(listening.UseTls(own.chain_pem, own.key_pem).ok());
  CHECK_FALSE(CheckHealth(target, kTimeout).ok());
  listening.Stop();
  CHECK_FALSE(CheckHealth(target, kTimeout).ok());
}

}  // namespace parc::gateway

#include "daemon/gateway/webhook.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>

#include "tests/gateway/gateway_support.h"

namespace parc::gateway {
namespace {

constexpr std::chrono::milliseconds kPostTimeout{2000};

// What came, and what is answered.
struct Receiver {
  std::atomic<int> status{204};
  std::mutex mutex;
  std::vector<Request> requests;

  Handler handler() {
    return [this](const Request& request, const Reply& reply) {
      {
        const std::lock_guard lock(mutex);
        requests.push_back(request);
      }
      Response response;
      response.status = status;
      reply(response);
    };
  }
};

}  // namespace

TEST_CASE("a webhook's address is https, and nothing else") {
  CHECK(*ParseWebhookUrl("https://chat.example.org/hooks/parc?x=1") ==
        WebhookUrl{"chat.example.org", 443, "/hooks/parc?x=1"});
  CHECK(*ParseWebhookUrl("https://[::1]:8443") == WebhookUrl{"::1", 8443, "/"});
  for (const char* text :
       {"", "http://a/b", "https://", "https:///x", "https://a:0/", "https://a:x/", "https://a b/",
        "https://user@a/", "https://a/\r\nX: y"}) {
    INFO(text);
    CHECK(absl::IsInvalidArgument(ParseWebhookUrl(text).status()));
  }
}

TEST_CASE("an alert arrives over verified TLS, signed; what answers decides about another try") {
  const TrialCertificates certificates;
  const TrialCertificates strangers;
  const access::OwnCertificate own = certificates.Issue();
  Receiver receiver;
  Listening listening(receiver.handler());
  REQUIRE(listening.UseTls(own.chain_pem, own.key_pem).ok());
  WebhookTarget target{{"localhost", listening.port(), "/hook"}, certificates.root_pem(), "secret"};
  const auto post = [&] {
    return PostWebhook(target, "{\"a\":1}", "7-raised", 1'584'702'000, kPostTimeout);
  };
  CHECK(post() == absl::OkStatus());
  {
    const std::lock_guard lock(receiver.mutex);
    REQUIRE(receiver.requests.size() == 1);
    CHECK(receiver.requests[0].target == "/hook");
    CHECK(receiver.requests[0].body == "{\"a\":1}");
  }
  // openssl dgst -sha256 -hmac secret of "1584702000.{"a":1}".
  CHECK(WebhookSignature("secret", 1'584'702'000, "{\"a\":1}").size() == 7 + 64);
  CHECK(WebhookSignature("secret", 1, "x") != WebhookSignature("secret", 2, "x"));

  receiver.status = 404;
  CHECK(absl::IsInvalidArgument(post()));
  for (const int again : {408, 429, 500, 503}) {
    receiver.status = again;
    CHECK(absl::IsUnavailable(post()));
  }
  receiver.status = 200;
  target.root_pem = strangers.root_pem();
  CHECK(absl::IsUnavailable(post()));
  target.root_pem = certificates.root_pem();
  listening.Stop();
  CHECK(absl::IsUnavailable(post()));
}

}  // namespace parc::gateway

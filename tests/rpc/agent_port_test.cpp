#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <thread>

#include "daemon/access/digest.h"
#include "parc/v1/agent.pb.h"
#include "parc/v1/devices.pb.h"
#include "parc/v1/laptops.pb.h"
#include "tests/rpc/edge_support.h"

// What the agent port answers, by the rows of the bad-input table of the security design.
namespace parc::rpc {
namespace {

constexpr char kCheckIn[] = "/parc.v1.AgentService/CheckIn";
constexpr char kRenew[] = "/parc.v1.AgentService/RenewCertificate";
constexpr std::int64_t kDay = access::kDay;

v1::CheckInRequest Report(std::uint64_t sequence) {
  v1::CheckInRequest request;
  request.set_boot_id("0f8fad5bd9cb469fa16570867728950e");
  request.set_report_seq(sequence);
  request.set_agent_version("0.1.0");
  request.mutable_facts()->mutable_os()->set_id("debian");
  request.mutable_facts()->mutable_os()->set_version("12");
  request.mutable_facts()->mutable_clock()->set_synchronised(true);
  request.set_facts_digest(access::Sha256(request.facts().SerializeAsString()));
  return request;
}

Reply Send(const std::shared_ptr<grpc::Channel>& channel, const v1::CheckInRequest& request) {
  return CallRaw(channel, kCheckIn, request.SerializeAsString());
}

v1::CheckInResponse AnswerOf(const Reply& reply) {
  INFO(reply.Verdict() << ": " << reply.status.error_message());
  REQUIRE(reply.status.ok());
  v1::CheckInResponse response;
  REQUIRE(response.ParseFromString(reply.bytes));
  return response;
}

}  // namespace

TEST_CASE("a laptop reports, is judged, and is explained to a technician") {
  Edge edge;
  const auto channel = edge.AgentChannel(edge.EnrolledLaptop("PC-1"));
  const v1::CheckInResponse answer = AnswerOf(Send(channel, Report(1)));
  CHECK_FALSE(answer.stale());
  CHECK(answer.next_contact().seconds() > 0);
  CHECK(answer.verdict() != v1::VERDICT_UNSPECIFIED);
  REQUIRE(answer.problems_size() > 0);
  CHECK_FALSE(answer.problems(0).title_fr().empty());
  for (int i = 1; i < answer.problems_size(); ++i) {
    CHECK(answer.problems(i - 1).severity() <= answer.problems(i).severity());
  }

  v1::ExplainLaptopRequest request;
  request.set_name("laptops/PC-1");
  v1::ExplainLaptopResponse explained;
  const Reply reply = edge.Ask("/parc.v1.LaptopService/ExplainLaptop", request, &explained);
  INFO(reply.status.error_message());
  REQUIRE(reply.status.ok());
  CHECK(explained.laptop().asset_tag() == "PC-1");
  CHECK(explained.readiness().verdict() == answer.verdict());
  CHECK(explained.laptop().facts().at("os.id") == "debian");
  CHECK(explained.readiness().checks_size() > 0);
}

TEST_CASE("rows 1 to 3: a stranger's, a rogue and an expired certificate end in the handshake") {
  Edge edge;
  const access::LaptopKey key;
  const auto refused = [&](const Identity& identity) {
    const Reply reply = Send(edge.AgentChannel(identity), Report(1));
    CHECK(reply.status.error_code() == grpc::StatusCode::UNAVAILABLE);
    CHECK(reply.reason().empty());
  };
  SECTION("no certificate") { refused({}); }
  SECTION("another CA's") {
    access::ScratchDirectory directory;
    const access::RandomBytes random = access::SystemRandomBytes();
    REQUIRE(
        access::CertificateAuthority::CreateForTrial(directory.path() / "ca", edge.now(), random)
            .ok());
    auto rogue =
        access::CertificateAuthority::Load(directory.path() / "ca", {}, edge.now(), random);
    REQUIRE(rogue.ok());
    const auto certificate =
        (*rogue)->IssueDevice(key.public_key, access::MakeUuid7(edge.now(), random), edge.now());
    REQUIRE(certificate.ok());
    refused({CertificatesPem(certificate->chain), KeyPem(key.key.get()), {}});
  }
  SECTION("a server's") {
    const auto own = edge.ca->IssueServer({"localhost"}, {"127.0.0.1"}, edge.now());
    REQUIRE(own.ok());
    refused({own->chain_pem, own->key_pem, {}});
  }
  SECTION("expired") {
    const auto certificate = edge.ca->IssueDevice(
        key.public_key, access::MakeUuid7(edge.now(), access::SystemRandomBytes()),
        edge.now() - 61 * kDay);
    if (certificate.ok()) refused({CertificatesPem(certificate->chain), KeyPem(key.key.get()), {}});
  }
}

TEST_CASE("row 4: a certificate that ends during the connection is refused with the next call") {
  Edge edge;
  const auto channel = edge.AgentChannel(edge.EnrolledLaptop("PC-1"));
  AnswerOf(Send(channel, Report(1)));
  edge.skew = 61 * kDay;
  const Reply reply = Send(channel, Report(2));
  CHECK(reply.Verdict() == "UNAUTHENTICATED CERT_EXPIRED");
}

TEST_CASE("row 5: revoking a device takes effect on its open connection, and at the next one") {
  Edge edge;
  std::string device;
  const Identity laptop = edge.EnrolledLaptop("PC-1", &device);
  const auto channel = edge.AgentChannel(laptop);
  AnswerOf(Send(channel, Report(1)));
  v1::RevokeDeviceRequest request;
  request.set_name("devices/" + device);
  request.mutable_options()->set_reason("left on a train");
  v1::Device revoked;
  for (int twice = 0; twice < 2; ++twice) {  // row 43
    const Reply reply = edge.Ask("/parc.v1.DeviceService/RevokeDevice", request, &revoked);
    INFO(reply.status.error_message());
    REQUIRE(reply.status.ok());
    CHECK(revoked.state() == v1::DEVICE_STATE_REVOKED);
  }
  CHECK(Send(channel, Report(2)).Verdict() == "PERMISSION_DENIED DEVICE_REVOKED");
  CHECK(Send(edge.AgentChannel(laptop), Report(2)).status.error_code() ==
        grpc::StatusCode::UNAVAILABLE);
}

TEST_CASE("declaring a laptop stolen revokes its device in the same breath") {
  Edge edge;
  const auto channel = edge.AgentChannel(edge.EnrolledLaptop("PC-1"));
  AnswerOf(Send(channel, Report(1)));
  v1::MoveLaptopRequest request;
  request.set_name("laptops/PC-1");
  request.set_event(v1::LAPTOP_EVENT_LOSE);
  const Reply moved = edge.Ask("/parc.v1.LaptopService/MoveLaptop", request);
  INFO(moved.status.error_message());
  REQUIRE(moved.status.ok());
  CHECK(Send(channel, Report(2)).Verdict() == "PERMISSION_DENIED DEVICE_REVOKED");
}

TEST_CASE("row 6 and renewal: the next certificate takes over, and the one before is superseded") {
  Edge edge;
  std::string device;
  const Identity laptop = edge.EnrolledLaptop("PC-1", &device);
  const auto channel = edge.AgentChannel(laptop);
  const access::LaptopKey next;
  v1::RenewCertificateRequest request;
  request.set_csr(next.csr);
  const Reply renewed = CallRaw(channel, kRenew, request.SerializeAsString());
  INFO(renewed.Verdict() << ": " << renewed.status.error_message());
  REQUIRE(renewed.status.ok());
  v1::RenewCertificateResponse response;
  REQUIRE(response.ParseFromString(renewed.bytes));
  REQUIRE(response.certificate_chain_size() == 2);
  CHECK(response.renew_time().seconds() > 0);
  AnswerOf(Send(channel, Report(1)));  // the old one, as long as the new one was not used

  const auto second = edge.AgentChannel(
      {CertificatesPem({response.certificate_chain(0), response.certificate_chain(1)}),
       KeyPem(next.key.get()),
       {}});
  AnswerOf(Send(second, Report(1)));
  CHECK(Send(channel, Report(3)).Verdict() == "PERMISSION_DENIED CERT_SUPERSEDED");
  // Row 36: the key that is in use renews nothing.
  const Reply reused = CallRaw(second, kRenew, request.SerializeAsString());
  CHECK(reused.Verdict() == "INVALID_ARGUMENT KEY_REUSE");
}

TEST_CASE("row 7: a certificate of a device that nobody knows is told so") {
  Edge edge;
  const access::LaptopKey key;
  const auto certificate = edge.ca->IssueDevice(
      key.public_key, access::MakeUuid7(edge.now(), access::SystemRandomBytes()), edge.now());
  REQUIRE(certificate.ok());
  const auto channel =
      edge.AgentChannel({CertificatesPem(certificate->chain), KeyPem(key.key.get()), {}});
  CHECK(Send(channel, Report(1)).Verdict() == "PERMISSION_DENIED UNKNOWN_DEVICE");
}

TEST_CASE("rows 8 to 12, 15 and 20: what is wrong with a report is said by code and reason") {
  Edge edge;
  const auto channel = edge.AgentChannel(edge.EnrolledLaptop("PC-1"));
  const auto raw = [&](const std::string& bytes) { return CallRaw(channel, kCheckIn, bytes); };

  v1::CheckInRequest other = Report(1);
  other.set_device_id("01890a5d-ac96-774b-bcce-b302099a8057");
  CHECK(Send(channel, other).Verdict() == "PERMISSION_DENIED IDENTITY_MISMATCH");
  CHECK(raw("").Verdict() == "INVALID_ARGUMENT EMPTY_REPORT");

  const std::string whole = Report(1).SerializeAsString();
  CHECK(raw("no protobuf").Verdict() == "INVALID_ARGUMENT MALFORMED");
  CHECK(raw(whole.substr(0, whole.size() - 3)).Verdict() == "INVALID_ARGUMENT MALFORMED");
  CHECK(raw(std::string("\0\1", 2)).Verdict() == "INVALID_ARGUMENT MALFORMED");  // tag 0
  CHECK(raw("\x12\x02\xc3\x28").Verdict() == "INVALID_ARGUMENT MALFORMED");      // not UTF-8

  v1::CheckInRequest far = Report(1);
  far.set_report_seq(UINT64_MAX);
  CHECK(Send(channel, far).Verdict() == "INVALID_ARGUMENT SEQ_OUT_OF_RANGE");

  const Reply large = raw(std::string((256u << 10) + 1024, 'x'));
  CHECK(large.status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  const Reply zipped = CallRaw(channel, kCheckIn, std::string(64 << 10, '\0'),
                               {.token = {}, .milliseconds = 5000, .gzip = true});
  CHECK(zipped.status.error_code() == grpc::StatusCode::UNIMPLEMENTED);
  CHECK(zipped.status.error_message().find("gzip") != std::string::npos);
  // And after all that, the same connection still serves.
  AnswerOf(Send(channel, Report(1)));
}

TEST_CASE("a renewal with what is no request for a certificate is told so") {
  Edge edge;
  const auto channel = edge.AgentChannel(edge.EnrolledLaptop("PC-1"));
  v1::RenewCertificateRequest request;
  request.set_csr("nonsense");
  CHECK(CallRaw(channel, kRenew, request.SerializeAsString()).Verdict() ==
        "INVALID_ARGUMENT CSR_INVALID");
  request.set_csr(std::string(5000, 'x'));
  CHECK(CallRaw(channel, kRenew, request.SerializeAsString()).Verdict() ==
        "INVALID_ARGUMENT CSR_TOO_LARGE");
}

TEST_CASE("rows 18 and 19: a repeated report is answered alike, an older one is stale") {
  Edge edge;
  const auto channel = edge.AgentChannel(edge.EnrolledLaptop("PC-1"));
  const v1::CheckInResponse first = AnswerOf(Send(channel, Report(7)));
  const v1::CheckInResponse again = AnswerOf(Send(channel, Report(7)));
  CHECK_FALSE(again.stale());
  CHECK(again.verdict() == first.verdict());
  CHECK(again.problems_size() == first.problems_size());
  CHECK(AnswerOf(Send(channel, Report(3))).stale());
}

TEST_CASE("row 48: a report that a broken disk did not take is not acknowledged") {
  Edge edge;
  const auto channel = edge.AgentChannel(edge.EnrolledLaptop("PC-1"));
  AnswerOf(Send(channel, Report(1)));
  edge.store.FailNextCommit(absl::UnavailableError("the disk is gone"));
  CHECK(Send(channel, Report(2)).status.error_code() == grpc::StatusCode::UNAVAILABLE);
}

TEST_CASE("a daemon whose disk stands still refuses by a time to wait, and ends calls in time") {
  Edge edge;
  const auto channel = edge.AgentChannel(edge.EnrolledLaptop("PC-1"));
  AnswerOf(Send(channel, Report(1)));
  std::promise<void> stands;
  std::promise<void> again;
  std::shared_future<void> disk = again.get_future().share();
  REQUIRE(edge.store.commits()
              .Submit(
                  store::Priority::kRevocation, 1,
                  [disk, &stands](store::Connection&) {
                    stands.set_value();
                    disk.wait();
                    return absl::OkStatus();
                  },
                  [](const absl::Status&) {})
              .ok());
  stands.get_future().wait();
  // Waits in the queue longer than any call may take, whatever its client says.
  auto waiting = std::async(std::launch::async, [&] {
    return CallRaw(channel, kCheckIn, Report(2).SerializeAsString(),
                   {.token = {}, .milliseconds = 20'000});
  });
  while (edge.store.commits().counters().queued == 0) std::this_thread::yield();
  while (edge.store.commits()
             .Submit(
                 store::Priority::kCheckIn, 1, [](store::Connection&) { return absl::OkStatus(); },
                 [](const absl::Status&) {})
             .ok()) {
  }
  const Reply refused = Send(channel, Report(3));
  CHECK(refused.Verdict() == "RESOURCE_EXHAUSTED BUSY");
  const auto trailer = refused.trailers.find("grpc-retry-pushback-ms");
  REQUIRE(trailer != refused.trailers.end());
  CHECK(std::stoi(trailer->second) >= 5000);
  CHECK(waiting.get().Verdict() == "DEADLINE_EXCEEDED DEADLINE_EXCEEDED");
  again.set_value();
}

TEST_CASE("a device is revoked at once while the queue is full of check-ins") {
  Edge edge;
  std::string device;
  const auto channel = edge.AgentChannel(edge.EnrolledLaptop("PC-1", &device));
  AnswerOf(Send(channel, Report(1)));
  std::string other;
  const auto lost = edge.AgentChannel(edge.EnrolledLaptop("PC-2", &other));
  AnswerOf(Send(lost, Report(1)));
  // The first use of the technician's token today is a write of its own: it is not to be counted
  // below for one of the two calls.
  v1::ListLaptopsRequest first_use;
  CHECK(edge.Ask("/parc.v1.LaptopService/ListLaptops", first_use).Verdict() == "OK");
  CHECK(edge.store.Write([](store::Connection&) { return absl::OkStatus(); }).ok());
  std::promise<void> stands;
  std::promise<void> again;
  REQUIRE(edge.store.commits()
              .Submit(
                  store::Priority::kRevocation, 1,
                  [disk = again.get_future().share(), &stands](store::Connection&) {
                    stands.set_value();
                    disk.wait();
                    return absl::OkStatus();
                  },
                  [](const absl::Status&) {})
              .ok());
  stands.get_future().wait();
  std::atomic<int> before{0};  // written before both devices were gone
  std::atomic<int> after{0};
  const auto write_report = [](store::Connection&) { return absl::OkStatus(); };
  const auto count = [&](const absl::Status&) {
    const bool gone = edge.devices->active() == 0;
    ++(gone ? after : before);
  };
  while (edge.store.commits().Submit(store::Priority::kCheckIn, 1, write_report, count).ok()) {
  }
  const std::size_t full = edge.store.commits().counters().queued;
  CHECK(Send(channel, Report(2)).Verdict() == "RESOURCE_EXHAUSTED BUSY");
  auto revoked = std::async(std::launch::async, [&] {
    v1::RevokeDeviceRequest request;
    request.set_name("devices/" + device);
    return edge.Ask("/parc.v1.DeviceService/RevokeDevice", request);
  });
  auto moved = std::async(std::launch::async, [&] {
    v1::MoveLaptopRequest request;
    request.set_name("laptops/PC-2");
    request.set_event(v1::LAPTOP_EVENT_LOSE);
    return edge.Ask("/parc.v1.LaptopService/MoveLaptop", request);
  });
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (edge.store.commits().counters().queued < full + 2 &&
         std::chrono::steady_clock::now() < patience)
    std::this_thread::yield();
  again.set_value();
  CHECK(revoked.get().Verdict() == "OK");
  CHECK(moved.get().Verdict() == "OK");
  CHECK(Send(channel, Report(2)).Verdict() == "PERMISSION_DENIED DEVICE_REVOKED");
  CHECK(Send(lost, Report(2)).Verdict() == "PERMISSION_DENIED DEVICE_REVOKED");
  edge.store.commits().Stop();
  CHECK(before == 0);
  CHECK(static_cast<std::size_t>(after) == full);
}

TEST_CASE("row 47: a call that may take a millisecond is over, and its report is whole or absent") {
  Edge edge;
  const auto channel = edge.AgentChannel(edge.EnrolledLaptop("PC-1"));
  AnswerOf(Send(channel, Report(1)));
  const Reply late =
      CallRaw(channel, kCheckIn, Report(2).SerializeAsString(), {.token = {}, .milliseconds = 1});
  if (!late.status.ok()) {
    CHECK(late.status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED);
  }
  CHECK_FALSE(AnswerOf(Send(channel, Report(2))).stale());
}

}  // namespace parc::rpc

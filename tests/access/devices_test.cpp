#include "daemon/access/devices.h"

#include <catch2/catch.hpp>
#include <vector>

#include "daemon/inventory/reason.h"
#include "tests/access/device_support.h"

namespace parc::access {

namespace {

// A laptop that has enrolled.
struct Enrolled {
  Enrolled() {
    world.AddLaptop("LT-1", kSerial);
    answer = world.EnrolAt("LT-1", key);
    identity = *world.Admit(answer.certificate);
  }

  std::string AdmitReason(const DeviceCertificate& certificate) {
    return ReasonOf(world.Admit(certificate).status());
  }

  AccessWorld world;
  LaptopKey key;
  EnrolAnswer answer;
  DeviceIdentity identity;
};

}  // namespace

TEST_CASE("a laptop enrols by its token, is admitted, and is refused once it is revoked") {
  Enrolled enrolled;
  AccessWorld& world = enrolled.world;
  REQUIRE(enrolled.answer.certificate.chain.size() == 2);
  CHECK(world.devices->active() == 1);
  CHECK(enrolled.identity.id == enrolled.answer.device_id);
  CHECK_FALSE(enrolled.identity.promotes);

  REQUIRE(world.Revoke(enrolled.answer.device_id, "left on a train").ok());
  const auto refused = world.Admit(enrolled.answer.certificate);
  CHECK(refused.status().code() == absl::StatusCode::kPermissionDenied);
  CHECK(ReasonOf(refused.status()) == "DEVICE_REVOKED");
  CHECK(refused.status().message() == "This device is revoked: left on a train.");
  CHECK(world.devices->active() == 0);

  world.Restart();
  CHECK(enrolled.AdmitReason(enrolled.answer.certificate) == "DEVICE_REVOKED");
  CHECK(world.devices->active() == 0);
}

TEST_CASE("a call is admitted by dates, device and serial, in this order") {
  AccessWorld world;
  const auto put = [&](const std::string& id, DeviceState state, const std::string& reason) {
    world.devices->Put(id, {.row = 1,
                            .laptop = 2,
                            .state = state,
                            .revoke_reason = reason,
                            .current_serial = "aa",
                            .next_serial = "bb"});
  };
  put("live", DeviceState::kActive, "");
  put("lost", DeviceState::kRevoked, "LOST");
  put("old", DeviceState::kReplaced, "the laptop was enrolled again");
  struct Row {
    const char* title;
    PeerCertificate::Kind kind;
    const char* device;
    const char* serial;
    std::int64_t age;  // of the certificate; it lasts for an hour
    const char* reason;
  };
  constexpr auto kDevice = PeerCertificate::Kind::kDevice;
  const std::vector<Row> rows = {
      {"current", kDevice, "live", "aa", kMinute, "OK"},
      {"last moment", kDevice, "live", "aa", kHour, "OK"},
      {"expired during the connection", kDevice, "live", "aa", kHour + 1, "CERT_EXPIRED"},
      {"not yet valid", kDevice, "live", "aa", -1, "CERT_EXPIRED"},
      {"expired and revoked", kDevice, "lost", "aa", kDay, "CERT_EXPIRED"},
      {"unknown", kDevice, "other", "aa", 0, "UNKNOWN_DEVICE"},
      {"self-check", PeerCertificate::Kind::kSelfCheck, "", "aa", 0, "UNKNOWN_DEVICE"},
      {"revoked", kDevice, "lost", "aa", 0, "DEVICE_REVOKED"},
      {"revoked, superseded", kDevice, "lost", "cc", 0, "DEVICE_REVOKED"},
      {"replaced", kDevice, "old", "aa", 0, "DEVICE_REVOKED"},
      {"superseded", kDevice, "live", "cc", 0, "CERT_SUPERSEDED"},
      {"no serial", kDevice, "live", "", 0, "CERT_SUPERSEDED"},
      {"next", kDevice, "live", "bb", 0, "OK"},
  };
  for (const Row& row : rows) {
    INFO(row.title);
    const PeerCertificate peer{.kind = row.kind,
                               .device_id = row.device,
                               .serial = row.serial,
                               .not_before = kNoon - row.age,
                               .not_after = kNoon - row.age + kHour,
                               .spki_sha256 = ""};
    const auto admitted = world.devices->Admit(peer, kNoon);
    CHECK(ReasonOf(admitted.status()) == row.reason);
    if (!admitted.ok()) {
      CHECK(admitted.status().code() == (row.reason == std::string("CERT_EXPIRED")
                                             ? absl::StatusCode::kUnauthenticated
                                             : absl::StatusCode::kPermissionDenied));
      continue;
    }
    CHECK(admitted->row == 1);
    CHECK(admitted->laptop == 2);
    CHECK(admitted->serial == row.serial);
    CHECK(admitted->promotes == (row.serial == std::string("bb")));
  }
  CHECK(world.devices->active() == 1);
}

TEST_CASE("a device without a next certificate is not impersonated by an empty serial") {
  AccessWorld world;
  world.devices->Put("live", {.row = 1,
                              .laptop = 2,
                              .state = DeviceState::kActive,
                              .revoke_reason = "",
                              .current_serial = "aa",
                              .next_serial = ""});
  const PeerCertificate peer{.kind = PeerCertificate::Kind::kDevice,
                             .device_id = "live",
                             .serial = "",
                             .not_before = 0,
                             .not_after = kNoon,
                             .spki_sha256 = ""};
  CHECK(ReasonOf(world.devices->Admit(peer, kNoon).status()) == "CERT_SUPERSEDED");
}

TEST_CASE("the next certificate takes over at its first use") {
  Enrolled enrolled;
  AccessWorld& world = enrolled.world;
  const LaptopKey next_key;
  const auto next = world.Renew(enrolled.identity, next_key.csr);
  REQUIRE(next.ok());
  CHECK(next->serial != enrolled.answer.certificate.serial);

  // Both are good until the next one is used.
  CHECK_FALSE(world.Admit(enrolled.answer.certificate)->promotes);
  const DeviceIdentity promoting = *world.Admit(*next);
  CHECK(promoting.promotes);
  CHECK(promoting.id == enrolled.identity.id);
  CHECK(world.Admit(enrolled.answer.certificate).ok());

  REQUIRE(world.Promote(promoting).ok());
  CHECK(enrolled.AdmitReason(enrolled.answer.certificate) == "CERT_SUPERSEDED");
  CHECK_FALSE(world.Admit(*next)->promotes);
  REQUIRE(world.Promote(promoting).ok());  // a second call that was under way
  CHECK(ReasonOf(world.Promote(enrolled.identity)) == "CERT_SUPERSEDED");

  world.Restart();
  CHECK(enrolled.AdmitReason(enrolled.answer.certificate) == "CERT_SUPERSEDED");
  CHECK(world.Admit(*next).ok());
  // Chains are kept for answers that may be asked again only.
  CHECK(world.Count("certificates WHERE length(chain) > 0") == 1);
}

TEST_CASE("a renewal is idempotent for its key") {
  Enrolled enrolled;
  AccessWorld& world = enrolled.world;
  const LaptopKey next_key;
  const auto first = world.Renew(enrolled.identity, next_key.csr);
  world.now += kHour;
  const auto again = world.Renew(enrolled.identity, next_key.csr);
  REQUIRE(again.ok());
  CHECK(again->chain == first->chain);
  CHECK(again->serial == first->serial);
  CHECK(again->not_after == first->not_after);
  CHECK(again->renew_at == first->renew_at);
  CHECK(world.Count("certificates") == 2);
}

TEST_CASE("a renewal with another key makes the waiting certificate void") {
  Enrolled enrolled;
  AccessWorld& world = enrolled.world;
  const auto lost = world.Renew(enrolled.identity, LaptopKey().csr);
  const auto kept = world.Renew(enrolled.identity, LaptopKey().csr);
  CHECK(enrolled.AdmitReason(*lost) == "CERT_SUPERSEDED");
  CHECK(world.Admit(*kept)->promotes);
  CHECK(world.Admit(enrolled.answer.certificate).ok());
}

TEST_CASE("a renewal needs a key that was never certified") {
  Enrolled enrolled;
  AccessWorld& world = enrolled.world;
  world.AddLaptop("LT-2", "7XQ2W13");
  const LaptopKey others;
  world.EnrolAt("LT-2", others);

  const auto reuse = world.Renew(enrolled.identity, enrolled.key.csr);
  CHECK(reuse.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(ReasonOf(reuse.status()) == "KEY_REUSE");
  const auto stolen = world.Renew(enrolled.identity, others.csr);
  CHECK(stolen.status().code() == absl::StatusCode::kAlreadyExists);
  CHECK(ReasonOf(stolen.status()) == "KEY_ALREADY_ENROLLED");
  CHECK(ReasonOf(world.Renew(enrolled.identity, "").status()) == "CSR_INVALID");

  // Nor may an earlier key come back.
  const LaptopKey second;
  const auto next = world.Renew(enrolled.identity, second.csr);
  const DeviceIdentity promoted = *world.Admit(*next);
  REQUIRE(world.Promote(promoted).ok());
  CHECK(ReasonOf(world.Renew(*world.Admit(*next), enrolled.key.csr).status()) == "KEY_REUSE");
}

TEST_CASE("a renewal by the next certificate promotes it first") {
  Enrolled enrolled;
  AccessWorld& world = enrolled.world;
  const auto next = world.Renew(enrolled.identity, LaptopKey().csr);
  const auto third = world.Renew(*world.Admit(*next), LaptopKey().csr);
  REQUIRE(third.ok());
  CHECK(enrolled.AdmitReason(enrolled.answer.certificate) == "CERT_SUPERSEDED");
  CHECK_FALSE(world.Admit(*next)->promotes);
  CHECK(world.Admit(*third)->promotes);
}

TEST_CASE("an enrolment repeated with a key that was renewed since is refused") {
  AccessWorld world;
  world.AddLaptop("LT-1", kSerial);
  const LaptopKey key;
  const EnrolCall call = CallOf(key, world.Token(Wish("LT-1", "")), kSerial);
  const auto enrolled = world.Enrol(call);
  const auto next = world.Renew(*world.Admit(enrolled->certificate), LaptopKey().csr);
  CHECK(world.Enrol(call)->certificate.chain == enrolled->certificate.chain);
  REQUIRE(world.Promote(*world.Admit(*next)).ok());
  CHECK(ReasonOf(world.Enrol(call).status()) == "KEY_ALREADY_ENROLLED");
  CHECK(world.Admit(*next).ok());
}

TEST_CASE("what happened while a call waited for its turn counts") {
  Enrolled enrolled;
  AccessWorld& world = enrolled.world;
  const auto next = world.Renew(enrolled.identity, LaptopKey().csr);
  const DeviceIdentity promoting = *world.Admit(*next);

  SECTION("the device was revoked") {
    REQUIRE(world.Revoke(enrolled.answer.device_id, "stolen").ok());
    CHECK(ReasonOf(world.Promote(promoting)) == "DEVICE_REVOKED");
    CHECK(ReasonOf(world.Renew(enrolled.identity, LaptopKey().csr).status()) == "DEVICE_REVOKED");
  }
  SECTION("another certificate became the next one") {
    REQUIRE(world.Renew(enrolled.identity, LaptopKey().csr).ok());
    CHECK(ReasonOf(world.Promote(promoting)) == "CERT_SUPERSEDED");
  }
  SECTION("the certificate was superseded") {
    REQUIRE(world.Promote(promoting).ok());
    CHECK(ReasonOf(world.Renew(enrolled.identity, LaptopKey().csr).status()) == "CERT_SUPERSEDED");
  }
}

TEST_CASE("a device is revoked once, and twice is the same") {
  Enrolled enrolled;
  AccessWorld& world = enrolled.world;
  REQUIRE(world.Revoke(enrolled.answer.device_id, "first").ok());
  world.now += kHour;
  REQUIRE(world.Revoke(enrolled.answer.device_id, "second").ok());
  CHECK(world.Count("devices WHERE revoke_reason = 'first' AND revoked = " +
                    std::to_string(kNoon)) == 1);
  CHECK(ReasonOf(world.Revoke("01890000-0000-7000-8000-000000000000")) == "DEVICE_NOT_FOUND");
  CHECK(ReasonOf(world.Revoke(enrolled.answer.device_id, "a\nb")) == "BAD_TEXT");
}

TEST_CASE("a lost laptop's device is refused at its next call") {
  Enrolled enrolled;
  AccessWorld& world = enrolled.world;
  REQUIRE(world
              .Commit([&](Effect& effect) {
                return world.changes->RevokeDevicesOf(enrolled.identity.laptop, "LOST", world.now,
                                                      effect);
              })
              .ok());
  const auto refused = world.Admit(enrolled.answer.certificate);
  CHECK(ReasonOf(refused.status()) == "DEVICE_REVOKED");
  CHECK(refused.status().message() == "This device is revoked: LOST.");
  // A laptop without a device is no error.
  Effect effect;
  CHECK(world.changes->RevokeDevicesOf(12345, "LOST", world.now, effect).ok());
  CHECK_FALSE(effect);
}

TEST_CASE("a change that is undone changes nothing in memory either") {
  Enrolled enrolled;
  AccessWorld& world = enrolled.world;
  const absl::Status undone = world.Commit([&](Effect& effect) -> absl::Status {
    REQUIRE(world.changes->RevokeDevice(enrolled.answer.device_id, "", world.now, effect).ok());
    return absl::AbortedError("something else of the request failed");
  });
  CHECK_FALSE(undone.ok());
  CHECK(world.Admit(enrolled.answer.certificate).ok());
  world.Restart();
  CHECK(world.Admit(enrolled.answer.certificate).ok());
}

}  // namespace parc::access

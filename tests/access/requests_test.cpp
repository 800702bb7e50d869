#include <catch2/catch.hpp>

#include "daemon/fleet/view.h"
#include "daemon/inventory/reason.h"
#include "tests/access/device_support.h"

namespace parc::access {

using inventory::LaptopState;

namespace {

// A world where one laptop waits for approval by an unbound token.
struct Waiting {
  explicit Waiting(std::string_view serial = kSerial) {
    world.AddLaptop("LT-1", kSerial);
    call = CallOf(key, world.Token(), serial);
    const auto answer = world.Enrol(call);
    REQUIRE(answer.ok());
    REQUIRE(answer->outcome != EnrolOutcome::kIssued);
    request = Row().id;
  }

  fleet::EnrolmentRequestRow Row() {
    fleet::View view(world.database->writer());
    view.Begin({.now = world.now, .today = {}, .zone = "Europe/Paris", .stale_after = 0});
    const auto page = view.ListEnrolmentRequests({});
    REQUIRE(page.ok());
    REQUIRE(page->items.size() == 1);
    return page->items.front();
  }

  EnrolAnswer Poll() {
    const auto answer = world.Enrol(call);
    REQUIRE(answer.ok());
    return *answer;
  }

  AccessWorld world;
  LaptopKey key;
  EnrolCall call;
  std::string request;
};

}  // namespace

TEST_CASE("an approved laptop gets its certificate at its next poll") {
  Waiting waiting;
  AccessWorld& world = waiting.world;
  CHECK(waiting.Poll().outcome == EnrolOutcome::kPending);
  const fleet::EnrolmentRequestRow row = waiting.Row();
  CHECK(row.state == "PENDING");
  CHECK(row.laptop == "LT-1");
  CHECK(row.displaces.empty());
  CHECK(row.fingerprint == FingerprintWords(waiting.key.public_key.spki_sha256));
  CHECK(row.question == "the token is bound to no laptop");

  REQUIRE(world.Approve(waiting.request).ok());
  CHECK(waiting.Row().state == "APPROVED");
  CHECK(world.devices->active() == 0);
  world.now += 3 * kDay;  // longer than the token lasts
  const EnrolAnswer issued = waiting.Poll();
  REQUIRE(issued.outcome == EnrolOutcome::kIssued);
  CHECK(world.Admit(issued.certificate).ok());
  CHECK(waiting.Poll().certificate.chain == issued.certificate.chain);
  CHECK(world.Count("enrolment_tokens WHERE uses = 1") == 1);
  CHECK(world.Count("certificates") == 1);
}

TEST_CASE("an approved takeover replaces the device that the approver saw, and no other") {
  Waiting waiting;
  AccessWorld& world = waiting.world;
  const EnrolAnswer old = world.EnrolAt("LT-1", LaptopKey());
  CHECK(waiting.Poll().outcome == EnrolOutcome::kPendingTakeover);
  CHECK(waiting.Row().displaces == old.device_id);
  CHECK(world.Admit(old.certificate).ok());

  SECTION("nothing changed") {
    REQUIRE(world.Approve(waiting.request).ok());
    CHECK(world.Admit(old.certificate).ok());  // until the new one is fetched
    CHECK(waiting.Poll().outcome == EnrolOutcome::kIssued);
    CHECK(ReasonOf(world.Admit(old.certificate).status()) == "DEVICE_REVOKED");
    CHECK(world.Count("devices WHERE state = 'REPLACED'") == 1);
    CHECK(world.Count("devices WHERE state = 'ACTIVE'") == 1);
  }
  SECTION("the old device was revoked meanwhile") {
    REQUIRE(world.Approve(waiting.request).ok());
    REQUIRE(world.Revoke(old.device_id).ok());
    CHECK(waiting.Poll().outcome == EnrolOutcome::kIssued);
  }
  SECTION("another device took its place meanwhile") {
    REQUIRE(world.Approve(waiting.request).ok());
    const auto other =
        world.Enrol(CallOf(LaptopKey(), world.Token(Wish("LT-1", "", 1, 0, true)), kSerial));
    REQUIRE(other->outcome == EnrolOutcome::kIssued);
    CHECK(waiting.Poll().outcome == EnrolOutcome::kPendingTakeover);
    CHECK(world.Admit(other->certificate).ok());
    CHECK(waiting.Row().state == "PENDING");
    CHECK(waiting.Row().displaces == other->device_id);
  }
}

TEST_CASE("approving for a laptop by name cuts off no device unless that is said") {
  Waiting waiting("System Serial Number");
  AccessWorld& world = waiting.world;
  world.AddLaptop("LT-2", "9ZZZ999");
  const EnrolAnswer colleague = world.EnrolAt("LT-2", LaptopKey());
  const absl::Status refused = world.Approve(waiting.request, "LT-2");
  CHECK(ReasonOf(refused) == "DEVICE_LIVE");
  CHECK(refused.message().find("LT-2") != std::string::npos);
  CHECK(waiting.Row().state == "PENDING");
  REQUIRE(world.Approve(waiting.request, "LT-2", /*replace=*/true).ok());
  CHECK(world.Admit(colleague.certificate).ok());  // until the new one is fetched
}

TEST_CASE("a laptop that is declared lost takes its approvals with it") {
  Waiting waiting;
  AccessWorld& world = waiting.world;
  REQUIRE(world.Approve(waiting.request).ok());
  world.SetState("LT-1", LaptopState::kLost);
  SECTION("through the fleet") {
    REQUIRE(world
                .Commit([&](Effect& effect) {
                  return world.changes->RevokeDevicesOf(1, "LOST", world.now, effect);
                })
                .ok());
    CHECK(waiting.Poll().outcome == EnrolOutcome::kRejected);
  }
  SECTION("even if nobody said so here") {
    CHECK(waiting.Poll().outcome == EnrolOutcome::kPendingTakeover);
    CHECK(ReasonOf(world.Approve(waiting.request)) == "BAD_STATE");
    world.SetState("LT-1", LaptopState::kReturned);
    CHECK(world.Approve(waiting.request).ok());
    CHECK(waiting.Poll().outcome == EnrolOutcome::kIssued);
  }
}

TEST_CASE("a request without a matching record needs the name of a laptop") {
  Waiting waiting("System Serial Number");
  AccessWorld& world = waiting.world;
  const absl::Status refused = world.Approve(waiting.request);
  CHECK(refused.code() == absl::StatusCode::kInvalidArgument);
  CHECK(ReasonOf(refused) == "LAPTOP_REQUIRED");
  CHECK(FieldOf(refused) == "laptop");
  CHECK(ReasonOf(world.Approve(waiting.request, "LT-9")) == "LAPTOP_NOT_FOUND");
  REQUIRE(world.Approve(waiting.request, "lt-1").ok());
  CHECK(waiting.Row().laptop == "LT-1");
  CHECK(waiting.Poll().outcome == EnrolOutcome::kIssued);
}

TEST_CASE("a request finds a record that was imported after it") {
  Waiting waiting("7XQ2W13");
  CHECK(waiting.Row().laptop.empty());
  waiting.world.AddLaptop("LT-2", "7xq2w13");
  CHECK(waiting.Row().laptop == "LT-2");
  REQUIRE(waiting.world.Approve(waiting.request).ok());
  CHECK(waiting.Poll().outcome == EnrolOutcome::kIssued);
}

TEST_CASE("a request is decided once") {
  Waiting waiting;
  AccessWorld& world = waiting.world;
  CHECK(ReasonOf(world.Approve("01890000-0000-7000-8000-000000000000")) == "REQUEST_NOT_FOUND");
  CHECK(ReasonOf(world.Reject("nonsense")) == "REQUEST_NOT_FOUND");

  SECTION("rejected") {
    REQUIRE(world.Reject(waiting.request).ok());
    CHECK(world.Reject(waiting.request).ok());
    CHECK(ReasonOf(world.Approve(waiting.request)) == "BAD_STATE");
    CHECK(world.Approve(waiting.request).code() == absl::StatusCode::kFailedPrecondition);
    CHECK(waiting.Poll().outcome == EnrolOutcome::kRejected);
  }
  SECTION("approved, and taken back in time") {
    REQUIRE(world.Approve(waiting.request).ok());
    CHECK(ReasonOf(world.Approve(waiting.request)) == "BAD_STATE");
    CHECK(world.Reject(waiting.request).ok());
    CHECK(waiting.Poll().outcome == EnrolOutcome::kRejected);
  }
  SECTION("approved and fetched") {
    REQUIRE(world.Approve(waiting.request).ok());
    CHECK(waiting.Poll().outcome == EnrolOutcome::kIssued);
    CHECK(ReasonOf(world.Reject(waiting.request)) == "BAD_STATE");
    CHECK(ReasonOf(world.Approve(waiting.request)) == "BAD_STATE");
  }
}

TEST_CASE("a request waits for fourteen days") {
  Waiting waiting;
  AccessWorld& world = waiting.world;
  world.now += 14 * kDay;
  CHECK(waiting.Poll().outcome == EnrolOutcome::kPending);
  CHECK(waiting.Poll().poll_after == 10 * kMinute);
  world.now += 1;
  CHECK(waiting.Row().state == "EXPIRED");
  CHECK(ReasonOf(world.Approve(waiting.request)) == "BAD_STATE");
  CHECK(waiting.Poll().outcome == EnrolOutcome::kRejected);
  CHECK(world.Count("enrolment_requests WHERE state = 'EXPIRED'") == 1);
}

TEST_CASE("an approval that nobody fetches expires as well") {
  Waiting waiting;
  AccessWorld& world = waiting.world;
  world.now += 10 * kDay;
  REQUIRE(world.Approve(waiting.request).ok());
  world.now += 14 * kDay + 1;
  CHECK(waiting.Row().state == "EXPIRED");
  CHECK(waiting.Poll().outcome == EnrolOutcome::kRejected);
  CHECK(world.devices->active() == 0);
}

TEST_CASE("ended requests and expired tokens are forgotten in time") {
  Waiting waiting;
  AccessWorld& world = waiting.world;
  REQUIRE(world.Reject(waiting.request).ok());
  world.now += 14 * kDay + 1;
  (void)world.Token();  // tidies
  CHECK(world.Count("enrolment_requests") == 0);
  CHECK(world.Count("enrolment_tokens") == 2);
  world.now += 17 * kDay;
  (void)world.Token();
  CHECK(world.Count("enrolment_tokens") == 2);  // the first expired 30 days ago
  CHECK(ReasonOf(world.Enrol(waiting.call).status()) == "TOKEN_REJECTED");
}

TEST_CASE("a token that is revoked leaves its requests to people") {
  Waiting waiting;
  AccessWorld& world = waiting.world;
  REQUIRE(world.database->writer().Execute("UPDATE enrolment_tokens SET revoked = 1").ok());
  CHECK(waiting.Poll().outcome == EnrolOutcome::kPending);
  REQUIRE(world.Approve(waiting.request).ok());
  CHECK(waiting.Poll().outcome == EnrolOutcome::kIssued);
}

TEST_CASE("a key has one open request, that of its newest token") {
  Waiting waiting;
  AccessWorld& world = waiting.world;
  const EnrolCall second = CallOf(waiting.key, world.Token(), kSerial);
  CHECK(world.Enrol(second)->outcome == EnrolOutcome::kPending);
  CHECK(world.Count("enrolment_requests") == 1);
  CHECK(ReasonOf(world.Enrol(waiting.call).status()) == "TOKEN_REJECTED");

  // A bound token ends the waiting.
  const EnrolCall bound = CallOf(waiting.key, world.Token(Wish("LT-1", "")), kSerial);
  CHECK(world.Enrol(bound)->outcome == EnrolOutcome::kIssued);
  CHECK(world.Count("enrolment_requests WHERE state = 'PENDING'") == 0);
}

TEST_CASE("two hundred requests may wait, and the next one is turned away with its token unused") {
  AccessWorld world;
  world.AddLaptop("LT-1", kSerial);
  const std::string batch = world.Token(Wish("", "", 500));
  for (int i = 0; i < 200; ++i) {
    REQUIRE(world.Enrol(CallOf(LaptopKey(), batch))->outcome == EnrolOutcome::kPending);
  }
  const LaptopKey key;
  const auto refused = world.Enrol(CallOf(key, batch));
  CHECK(refused.status().code() == absl::StatusCode::kResourceExhausted);
  CHECK(ReasonOf(refused.status()) == "QUEUE_FULL");
  CHECK(world.Count("enrolment_tokens WHERE uses = 200") == 1);
  // Those that need nobody are served.
  CHECK(world.EnrolAt("LT-1", LaptopKey()).outcome == EnrolOutcome::kIssued);
  // What expired makes room.
  world.now += 14 * kDay + 1;
  CHECK(world.Enrol(CallOf(key, world.Token()))->outcome == EnrolOutcome::kPending);
}

}  // namespace parc::access

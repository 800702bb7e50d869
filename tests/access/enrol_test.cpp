#include <catch2/catch.hpp>
#include <set>
#include <vector>

#include "daemon/access/digest.h"
#include "daemon/access/enrolment_decision.h"
#include "daemon/access/tokens.h"
#include "daemon/inventory/reason.h"
#include "tests/access/device_support.h"

namespace parc::access {

using inventory::LaptopState;

namespace {

enum class Binding { kNone, kLaptop, kSerial };

struct DecisionRow {
  const char* title;
  bool record;         // there is a record LT-1 with the serial PF0ABCDE
  LaptopState state;   // of the record
  bool live;           // it has a live device
  Binding binding;     // of the token
  bool allow_replace;  // of the token
  const char* serial;  // what the machine says
  EnrolOutcome outcome;
  bool old_device_served;  // afterwards
};

EnrolmentTokenWish WishOf(const DecisionRow& row) {
  EnrolmentTokenWish wish;
  if (row.binding == Binding::kLaptop) wish.laptop = "LT-1";
  if (row.binding == Binding::kSerial) wish.serial = "PF0ABCDE";
  wish.allow_replace = row.allow_replace;
  return wish;
}

std::string Reason(const absl::StatusOr<EnrolAnswer>& answer) { return ReasonOf(answer.status()); }

}  // namespace

TEST_CASE("whether a laptop gets its certificate at once is decided by the table") {
  constexpr auto kAssigned = LaptopState::kAssigned;
  constexpr auto kIssued = EnrolOutcome::kIssued;
  constexpr auto kPending = EnrolOutcome::kPending;
  constexpr auto kTakeover = EnrolOutcome::kPendingTakeover;
  // clang-format off
  const std::vector<DecisionRow> rows = {
      {"bound to the record",                   true,  kAssigned, false, Binding::kLaptop, false, kSerial,          kIssued,   false},
      {"bound to the serial",                   true,  kAssigned, false, Binding::kSerial, false, " pf0abcde ",     kIssued,   false},
      {"bound to the record, no usable serial", true,  kAssigned, false, Binding::kLaptop, false, "Default string", kIssued,   false},
      {"bound to the record, other serial",     true,  kAssigned, false, Binding::kLaptop, false, "7XQ2W13",        kPending,  false},
      {"bound to a serial of no record",        false, kAssigned, false, Binding::kSerial, false, kSerial,          kPending,  false},
      {"unbound, record known",                 true,  kAssigned, false, Binding::kNone,   false, kSerial,          kPending,  false},
      {"unbound, no record",                    false, kAssigned, false, Binding::kNone,   false, kSerial,          kPending,  false},
      {"unbound, placeholder serial",           true,  kAssigned, false, Binding::kNone,   false, "0123456789",     kPending,  false},
      {"live device, unbound",                  true,  kAssigned, true,  Binding::kNone,   false, kSerial,          kTakeover, true},
      {"live device, bound to the record",      true,  kAssigned, true,  Binding::kLaptop, false, kSerial,          kTakeover, true},
      {"live device, bound to the serial",      true,  kAssigned, true,  Binding::kSerial, false, kSerial,          kTakeover, true},
      {"re-imaged, may replace, by record",     true,  kAssigned, true,  Binding::kLaptop, true,  kSerial,          kIssued,   false},
      {"re-imaged, may replace, by serial",     true,  kAssigned, true,  Binding::kSerial, true,  kSerial,          kIssued,   false},
      {"re-imaged, no usable serial",           true,  kAssigned, true,  Binding::kLaptop, true,  "None",           kIssued,   false},
      {"may replace, but another machine",      true,  kAssigned, true,  Binding::kLaptop, true,  "7XQ2W13",        kTakeover, true},
      {"lost",   true, LaptopState::kLost,    false, Binding::kLaptop, true,  kSerial, kTakeover, false},
      {"stolen", true, LaptopState::kStolen,  false, Binding::kSerial, true,  kSerial, kTakeover, false},
      {"retired", true, LaptopState::kRetired, false, Binding::kNone,  false, kSerial, kTakeover, false},
  };
  // clang-format on
  for (const DecisionRow& row : rows) {
    INFO(row.title);
    AccessWorld world;
    if (row.record) world.AddLaptop("LT-1", kSerial);
    EnrolAnswer old;
    if (row.live) old = world.EnrolAt("LT-1", LaptopKey());
    const std::string token = world.Token(WishOf(row));
    if (row.record) world.SetState("LT-1", row.state);

    const LaptopKey key;
    const auto answer = world.Enrol(CallOf(key, token, row.serial));
    REQUIRE(answer.ok());
    CHECK(answer->outcome == row.outcome);
    if (row.outcome == EnrolOutcome::kIssued) {
      CHECK(world.Admit(answer->certificate).ok());
      CHECK(world.Count("devices WHERE state = 'ACTIVE'") == 1);
    } else {
      CHECK(answer->certificate.chain.empty());
      CHECK(answer->fingerprint == FingerprintWords(key.public_key.spki_sha256));
      CHECK(answer->poll_after == 30 * kSecond);
      CHECK(world.Count("enrolment_requests WHERE state = 'PENDING' AND question <> ''") == 1);
    }
    if (row.live) {
      CHECK(world.Admit(old.certificate).ok() == row.old_device_served);
      if (!row.old_device_served) {
        CHECK(ReasonOf(world.Admit(old.certificate).status()) == "DEVICE_REVOKED");
        CHECK(world.Count("devices WHERE state = 'REPLACED'") == 1);
      }
    }
    CHECK(world.Count("enrolment_tokens WHERE uses = 1 AND uses = max_uses") == (row.live ? 2 : 1));
  }
}

TEST_CASE("a machine that shows another record's serial waits, whatever its token is bound to") {
  AccessWorld world;
  world.AddLaptop("LT-1", "");
  world.AddLaptop("LT-2", kSerial);
  const auto answer = world.Enrol(CallOf(LaptopKey(), world.Token(Wish("LT-1", "")), kSerial));
  REQUIRE(answer.ok());
  CHECK(answer->outcome == EnrolOutcome::kPending);
  CHECK(world.Count("enrolment_requests WHERE question LIKE '%PF0ABCDE is that of LT-2'") == 1);
}

TEST_CASE("a machine whose reports showed another UUID waits for a person") {
  AccessWorld world;
  const std::int64_t laptop = world.AddLaptop("LT-1", "");
  REQUIRE(world.database->writer()
              .Execute("INSERT INTO facts(laptop, sections, hardware_uuid) VALUES(" +
                       std::to_string(laptop) + ", '', '4c4c4544-0051-3010-8032-b7c04f485931')")
              .ok());
  EnrolCall call = CallOf(LaptopKey(), world.Token(Wish("LT-1", "")));
  call.uuid = "44454c4c-5100-1030-8032-b7c04f485931";  // the same machine, bytes swapped
  CHECK(world.Enrol(call)->outcome == EnrolOutcome::kIssued);

  call = CallOf(LaptopKey(), world.Token(Wish("LT-1", "", 1, 0, true)));
  call.uuid = "11111111-2222-3333-4444-555555555555";
  CHECK(world.Enrol(call)->outcome == EnrolOutcome::kPendingTakeover);
}

TEST_CASE("a token that is not accepted says nothing but that, whatever the cause") {
  AccessWorld world;
  world.AddLaptop("LT-1", kSerial);
  const RandomBytes dice = LoadedDice(99);

  const std::string expired = world.Token(Wish("LT-1", "", 1, kHour));
  const std::string revoked = world.Token(Wish("LT-1", ""));
  const std::string used = world.Token(Wish("", ""));
  const std::string for_serial = world.Token(Wish("", "7XQ2W13"));
  const std::string unknown =
      FormatToken(TokenKind::kEnrolment, MakeToken(TokenKind::kEnrolment, dice));
  TokenParts forged = *ParseToken(TokenKind::kEnrolment, used);
  forged.secret = MakeToken(TokenKind::kEnrolment, dice).secret;
  REQUIRE(world.Enrol(CallOf(LaptopKey(), used)).ok());
  REQUIRE(world
              .Commit([&](Effect&) {
                return world.changes->RevokeEnrolmentToken(
                    ParseToken(TokenKind::kEnrolment, revoked)->id, world.now);
              })
              .ok());
  world.now += kHour;

  const std::vector<std::pair<std::string, std::string>> rows = {
      {unknown, "unknown token"}, {FormatToken(TokenKind::kEnrolment, forged), "wrong secret"},
      {expired, "expired token"}, {revoked, "revoked token"},
      {used, "used token"},       {for_serial, "bound to another serial"},
  };
  std::set<std::string> texts;
  for (const auto& [token, cause] : rows) {
    INFO(cause);
    const auto answer = world.Enrol(CallOf(LaptopKey(), token, kSerial));
    CHECK(answer.status().code() == absl::StatusCode::kUnauthenticated);
    CHECK(Reason(answer) == "TOKEN_REJECTED");
    CHECK(RejectionCause(answer.status()).find(cause) != std::string::npos);
    CHECK(DetailOf(answer.status(), "cause").empty());
    texts.insert(std::string(answer.status().message()));
  }
  CHECK(*texts.begin() == "test: The enrolment code is not accepted: ask for a new one.");
  CHECK(texts.size() == 1);
  CHECK(world.Count("devices") == 0);
}

TEST_CASE("a bound token is not used up by the wrong machine") {
  AccessWorld world;
  world.AddLaptop("LT-1", kSerial);
  const std::string token = world.Token(Wish("", kSerial));
  CHECK(Reason(world.Enrol(CallOf(LaptopKey(), token, "7XQ2W13"))) == "TOKEN_REJECTED");
  CHECK(Reason(world.Enrol(CallOf(LaptopKey(), token, "Default string"))) == "TOKEN_REJECTED");
  CHECK(world.Enrol(CallOf(LaptopKey(), token, kSerial))->outcome == EnrolOutcome::kIssued);
}

TEST_CASE("what is no enrolment call is refused before the database is asked") {
  AccessWorld world;
  world.AddLaptop("LT-1", kSerial);
  const std::string token = world.Token(Wish("LT-1", ""));
  const LaptopKey key;
  struct Bad {
    const char* title;
    std::function<void(EnrolCall&)> spoil;
    const char* reason;
  };
  const KeyPtr other_curve = *MakeEcKey("P-384");
  const std::vector<Bad> rows = {
      {"mistyped token", [](EnrolCall& c) { c.token[9] ^= 1; }, "BAD_TOKEN_FORMAT"},
      {"empty token", [](EnrolCall& c) { c.token.clear(); }, "BAD_TOKEN_FORMAT"},
      {"spoilt signature", [](EnrolCall& c) { c.csr.back() ^= 1; }, "CSR_INVALID"},
      {"another curve", [&](EnrolCall& c) { c.csr = CsrOf(other_curve.get()); }, "CSR_INVALID"},
      {"empty request", [](EnrolCall& c) { c.csr.clear(); }, "CSR_INVALID"},
      {"5 KiB", [](EnrolCall& c) { c.csr.resize(5120); }, "CSR_TOO_LARGE"},
      {"trailing bytes", [](EnrolCall& c) { c.csr += '\0'; }, "CSR_TRAILING"},
      {"endless model", [](EnrolCall& c) { c.model.assign(257, 'x'); }, "BAD_TEXT"},
      {"no UTF-8", [](EnrolCall& c) { c.serial = "\xc3\x28"; }, "BAD_TEXT"},
      {"surrogate", [](EnrolCall& c) { c.uuid = "\xed\xa0\x80"; }, "BAD_TEXT"},
  };
  for (const Bad& row : rows) {
    INFO(row.title);
    EnrolCall call = CallOf(key, token, kSerial);
    row.spoil(call);
    const auto answer = world.Enrol(call);
    CHECK(answer.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(Reason(answer) == row.reason);
  }
  CHECK(world.Count("enrolment_tokens WHERE uses > 0") == 0);
}

TEST_CASE("hostile text of firmware is stored without what misleads a terminal or an eye") {
  AccessWorld world;
  EnrolCall call = CallOf(LaptopKey(), world.Token());
  call.model = std::string("\0Lat\x1b[31mitude\xe2\x80\xae 5440\x7f\n", 24);
  call.manufacturer = " Mi\xc3\xa9tte ";
  REQUIRE(world.Enrol(call).ok());
  CHECK(world.Count("enrolment_requests WHERE model = 'Lat [31mitude 5440' AND "
                    "manufacturer = 'Mi\xc3\xa9tte'") == 1);
}

TEST_CASE("the same call again has the same answer and uses nothing up") {
  AccessWorld world;
  world.AddLaptop("LT-1", kSerial);
  const std::string token = world.Token(Wish("LT-1", ""));
  const LaptopKey key;
  const auto first = world.Enrol(CallOf(key, token, kSerial));
  REQUIRE(first.ok());
  world.now += 20 * kDay;  // the token has expired by now
  const auto again = world.Enrol(CallOf(key, token, kSerial));
  REQUIRE(again.ok());
  CHECK(again->outcome == EnrolOutcome::kIssued);
  CHECK(again->device_id == first->device_id);
  CHECK(again->certificate.chain == first->certificate.chain);
  CHECK(again->certificate.serial == first->certificate.serial);
  CHECK(again->certificate.not_after == first->certificate.not_after);
  CHECK(again->certificate.renew_at == first->certificate.renew_at);
  CHECK(world.Count("devices") == 1);
  CHECK(world.Count("certificates") == 1);
  CHECK(world.Count("enrolment_tokens WHERE uses = 1") == 1);
}

TEST_CASE("a repeated enrolment does not wake a device that has ended") {
  AccessWorld world;
  world.AddLaptop("LT-1", kSerial);
  const std::string token = world.Token(Wish("LT-1", ""));
  const LaptopKey key;
  const auto first = world.Enrol(CallOf(key, token, kSerial));
  REQUIRE(world.Revoke(first->device_id).ok());
  CHECK(world.Enrol(CallOf(key, token, kSerial))->outcome == EnrolOutcome::kRejected);
  CHECK_FALSE(world.Admit(first->certificate).ok());
}

TEST_CASE("a key is enrolled once") {
  AccessWorld world;
  world.AddLaptop("LT-1", kSerial);
  world.AddLaptop("LT-2", "7XQ2W13");
  const LaptopKey key;
  const EnrolAnswer first = world.EnrolAt("LT-1", key);
  const std::string token = world.Token(Wish("LT-2", ""));
  const auto second = world.Enrol(CallOf(key, token, "7XQ2W13"));
  CHECK(second.status().code() == absl::StatusCode::kAlreadyExists);
  CHECK(Reason(second) == "KEY_ALREADY_ENROLLED");
  CHECK(world.Admit(first.certificate).ok());
  // The use was given back.
  CHECK(world.Enrol(CallOf(LaptopKey(), token, "7XQ2W13"))->outcome == EnrolOutcome::kIssued);
}

TEST_CASE("an agent that waits is asked to come back soon in the first hour, and seldom later") {
  CHECK(PollAfter(0) == 30 * kSecond);
  CHECK(PollAfter(kHour - 1) == 30 * kSecond);
  CHECK(PollAfter(kHour) == 10 * kMinute);
  CHECK(PollAfter(13 * kDay) == 10 * kMinute);
}

TEST_CASE("what an enrolment token may be") {
  AccessWorld world;
  world.AddLaptop("LT-1", kSerial);
  struct Row {
    EnrolmentTokenWish wish;
    const char* reason;
    const char* field;
  };
  const std::vector<Row> rows = {
      {Wish("LT-1", kSerial), "BAD_BINDING", "serial"},
      {Wish("", "", 1, 0, true), "BAD_BINDING", "allow_replace"},
      {Wish("", "", 0), "OUT_OF_RANGE", "max_uses"},
      {Wish("", "", -1), "OUT_OF_RANGE", "max_uses"},
      {Wish("", "", 501), "OUT_OF_RANGE", "max_uses"},
      {Wish("LT-1", "", 2), "OUT_OF_RANGE", "max_uses"},
      {Wish("", "", 1, -1), "OUT_OF_RANGE", "lifetime"},
      {Wish("", "", 1, 14 * kDay + 1), "OUT_OF_RANGE", "lifetime"},
      {Wish("", "To Be Filled By O.E.M."), "BAD_SERIAL", "serial"},
      {Wish("LT-9", ""), "LAPTOP_NOT_FOUND", "laptop"},
  };
  for (const Row& row : rows) {
    const auto created = world.changes->CreateEnrolmentToken(row.wish, "tokens/a", world.now);
    CHECK(ReasonOf(created.status()) == row.reason);
    CHECK(FieldOf(created.status()) == row.field);
  }
  const auto created =
      world.changes->CreateEnrolmentToken(Wish("", "", 500, 14 * kDay), "a", world.now);
  REQUIRE(created.ok());
  const TokenParts parts = *ParseToken(TokenKind::kEnrolment, created->secret);
  CHECK(parts.id == created->id);
  CHECK(world.Count("enrolment_tokens WHERE secret_sha256 = '" + Hex(Sha256(parts.secret)) + "'") ==
        1);
}

TEST_CASE("no token is made for a laptop that is gone") {
  struct Row {
    LaptopState state;
    const char* reason;
    const char* message;
  };
  const Row rows[] = {
      {LaptopState::kRetired, "LAPTOP_RETIRED",
       "LT-1 is RETIRED: it is at the end of its life; record a new laptop"},
      {LaptopState::kLost, "BAD_STATE", "LT-1 is LOST: record first that it was found."},
      {LaptopState::kStolen, "BAD_STATE", "LT-1 is STOLEN: record first that it was found."},
  };
  for (const Row& row : rows) {
    AccessWorld world;
    world.AddLaptop("LT-1", kSerial, row.state);
    for (const EnrolmentTokenWish& wish : {Wish("LT-1", ""), Wish("", kSerial)}) {
      const absl::Status refused =
          world.changes->CreateEnrolmentToken(wish, "tokens/a", world.now).status();
      CHECK(refused.code() == absl::StatusCode::kFailedPrecondition);
      CHECK(ReasonOf(refused) == row.reason);
      CHECK(refused.message() == row.message);
    }
    CHECK(world.Count("enrolment_tokens") == 0);
  }
}

TEST_CASE("a token is revoked once, and twice is the same") {
  AccessWorld world;
  const std::string token = world.Token();
  const std::string id = ParseToken(TokenKind::kEnrolment, token)->id;
  CHECK(world.changes->RevokeEnrolmentToken(id, world.now).ok());
  CHECK(world.changes->RevokeEnrolmentToken(id, world.now + 5).ok());
  CHECK(world.Count("enrolment_tokens WHERE revoked = " + std::to_string(world.now)) == 1);
  CHECK(ReasonOf(world.changes->RevokeEnrolmentToken("aaaaaaaaaa", world.now)) ==
        "TOKEN_NOT_FOUND");
}

}  // namespace parc::access

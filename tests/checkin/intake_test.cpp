#include "daemon/checkin/intake.h"

#include <catch2/catch.hpp>

#include "daemon/inventory/reason.h"
#include "fmt/format.h"
#include "tests/checkin/checkin_support.h"

namespace parc::checkin {

using inventory::FactSheet;
using inventory::FieldId;
using inventory::Section;
using posture::Outcome;
using posture::Verdict;

namespace {

// A sheet of one section.
FactSheet Clock(bool synchronised) {
  FactSheet facts;
  facts.sections = {Section::kClock};
  facts.values = {{FieldId::kClockSynchronised, synchronised},
                  {FieldId::kClockMaxError, std::int64_t{20'000}}};
  return facts;
}

}  // namespace

TEST_CASE("a first report is judged, stored and answered") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  const auto answer = intake.Send(device, ReportOf(1, 1, ReadyFacts()));
  INFO(answer.status());
  REQUIRE(answer.ok());
  CHECK(!answer->stale);
  CHECK(!answer->send_complete);
  CHECK(answer->server_time == intake.fleet.clock.now());
  CHECK(answer->next_contact == NextContact({}, device.id, 0));
  CHECK(answer->judgement.verdict == Verdict::kReady);
  CHECK(answer->judgement.since == intake.fleet.clock.now());
  CHECK(answer->judgement.policy_version == posture::DefaultPolicy().version);

  const FactSheet expected = With(ReadyFacts(), FieldId::kClockSkewSeconds, std::int64_t{0});
  CHECK(intake.Facts(device) == expected);
  const auto stored = intake.Stored(device);
  REQUIRE(stored.has_value());
  CHECK(Told(stored->judgement) == answer->judgement);
  const store::Standing standing = intake.Standing(device);
  CHECK(*standing.contact == store::Contact{device.row, intake.fleet.clock.now(),
                                            intake.fleet.clock.now(), 1, BootOf(1), DigestOf(1),
                                            "0.1.0"});
  CHECK(intake.History(device) == "READY");
}

TEST_CASE("a device that reports twice a second is turned away, and nobody else") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  const auto other = intake.AddLaptop("PC-2");
  intake.Restart(posture::DefaultPolicy(), Pacing{});
  int taken = 0;
  std::uint64_t sequence = 0;
  for (int i = 0; i < 120; ++i) {
    const auto answer = intake.Send(device, ReportOf(++sequence, 1, ReadyFacts()));
    if (answer.ok()) {
      ++taken;
    } else {
      CHECK(answer.status().code() == absl::StatusCode::kResourceExhausted);
      CHECK(ReasonOf(answer.status()) == "TOO_MANY_REQUESTS");
    }
    intake.fleet.clock.Advance(kSecond / 2);
  }
  CHECK(taken == 31);  // 20 at once, and one for every 5 of the 59.5 seconds
  CHECK(intake.Send(other, ReportOf(1, 1, ReadyFacts())).ok());
  intake.fleet.clock.Advance(kMinute);
  CHECK(intake.Send(device, ReportOf(++sequence, 1, ReadyFacts())).ok());
}

TEST_CASE("a report sent twice is acknowledged twice and stored once") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  const auto first = intake.Send(device, ReportOf(3, 1, ReadyFacts()));
  REQUIRE(first.ok());
  const auto contact = intake.Standing(device).contact;
  auto second = intake.Send(device, ReportOf(3, 1, ReadyFacts()));
  REQUIRE(second.ok());
  CHECK(*second == *first);
  CHECK(intake.Standing(device).contact == contact);
  intake.fleet.clock.Advance(kMinute);
  // The same number says nothing else, whatever it brings now.
  second = intake.Send(device, ReportOf(3, 2, Clock(false)));
  REQUIRE(second.ok());
  CHECK(second->judgement == first->judgement);
  CHECK(intake.Standing(device).contact == contact);
  CHECK(intake.Facts(device).sections.size() == 8);
}

TEST_CASE("an older report is answered as stale and overwrites nothing") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  REQUIRE(intake.Send(device, ReportOf(5, 5, ReadyFacts())).ok());
  const FactSheet facts = intake.Facts(device);
  const auto contact = intake.Standing(device).contact;
  intake.fleet.clock.Advance(kMinute);
  for (const bool other_boot : {false, true}) {
    Report late = ReportOf(4, 4, Clock(false));
    if (other_boot) late.boot_id = BootOf(2);
    const auto answer = intake.Send(device, late);
    REQUIRE(answer.ok());
    CHECK(answer->stale);
    CHECK(answer->judgement.verdict == Verdict::kReady);
  }
  CHECK(intake.Facts(device) == facts);
  CHECK(intake.Standing(device).contact == contact);
}

TEST_CASE("a part of the facts is applied to the facts that it names") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  REQUIRE(intake.Send(device, ReportOf(1, 1, ReadyFacts())).ok());
  const auto answer = intake.Send(device, DeltaOf(2, 1, 2, Clock(false)));
  REQUIRE(answer.ok());
  CHECK(answer->judgement.verdict == Verdict::kNotReady);
  CHECK(Of(answer->judgement, "time-sync").outcome == Outcome::kFail);
  FactSheet expected = With(ReadyFacts(), FieldId::kClockSynchronised, false);
  expected.values[FieldId::kClockSkewSeconds] = std::int64_t{0};
  CHECK(intake.Facts(device) == expected);
  CHECK(intake.History(device) == "READY NOT_READY");

  SECTION("a section that went is forgotten, with what could not be read of it") {
    Report gone = DeltaOf(3, 2, 3, {});
    gone.removed = {Section::kVpn, Section::kHardware};
    const auto after = intake.Send(device, gone);
    REQUIRE(after.ok());
    CHECK(Of(after->judgement, "vpn-client-installed").outcome == Outcome::kUnknown);
    const FactSheet facts = intake.Facts(device);
    CHECK(!facts.sections.contains(Section::kVpn));
    CHECK(!facts.values.contains(FieldId::kVpnClients));
    CHECK(facts.vpn_profiles.empty());
    CHECK(facts.unreadable.empty());
    CHECK(facts.disks.size() == 2);
  }
  SECTION("complete facts replace everything") {
    REQUIRE(intake.Send(device, ReportOf(3, 3, Clock(true))).ok());
    FactSheet facts = Clock(true);
    facts.values[FieldId::kClockSkewSeconds] = std::int64_t{0};
    CHECK(intake.Facts(device) == facts);
  }
}

TEST_CASE("a part of facts that are not stored is not applied, and complete facts are asked for") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  SECTION("before anything is known") {
    const auto answer = intake.Send(device, DeltaOf(9, 1, 2, Clock(true)));
    REQUIRE(answer.ok());
    CHECK(answer->send_complete);
    CHECK(answer->judgement.verdict == Verdict::kUnknown);
    CHECK(!intake.Stored(device).has_value());
    const auto contact = intake.Standing(device).contact;
    REQUIRE(contact.has_value());
    CHECK(contact->last_seen == intake.fleet.clock.now());
    CHECK(!contact->report_time.has_value());
  }
  SECTION("after other facts") {
    REQUIRE(intake.Send(device, ReportOf(1, 1, ReadyFacts())).ok());
    const FactSheet facts = intake.Facts(device);
    const std::int64_t reported = intake.fleet.clock.now();
    intake.fleet.clock.Advance(kMinute);
    const auto answer = intake.Send(device, DeltaOf(9, 7, 8, Clock(false)));
    REQUIRE(answer.ok());
    CHECK(answer->send_complete);
    CHECK(answer->judgement.verdict == Verdict::kReady);
    CHECK(intake.Facts(device) == facts);
    CHECK(intake.Standing(device).contact->last_seen == intake.fleet.clock.now());
    CHECK(intake.Standing(device).contact->report_time == reported);
  }
  // The complete facts may come under the number of the part that was not taken.
  const auto complete = intake.Send(device, ReportOf(9, 8, Clock(false)));
  REQUIRE(complete.ok());
  CHECK(!complete->send_complete);
  CHECK(!complete->stale);
  CHECK(intake.Facts(device).sections == std::set<Section>{Section::kClock});
}

TEST_CASE("a sequence number that jumps too far is refused and changes nothing") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  const std::uint64_t far = std::uint64_t{1} << 32;
  const auto first = intake.Send(device, ReportOf(far + 1, 1, ReadyFacts()));
  CHECK(ReasonOf(first.status()) == "SEQ_OUT_OF_RANGE");
  CHECK(FieldOf(first.status()) == "report_seq");
  CHECK(!intake.Standing(device).contact.has_value());
  REQUIRE(intake.Send(device, ReportOf(far, 1, ReadyFacts())).ok());
  CHECK(ReasonOf(intake.Send(device, ReportOf(2 * far + 1, 1, ReadyFacts())).status()) ==
        "SEQ_OUT_OF_RANGE");
  CHECK(intake.Send(device, ReportOf(2 * far, 1, ReadyFacts())).ok());
}

TEST_CASE("what form alone refuses never reaches the queue") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  Report report = ReportOf(1, 1, ReadyFacts());
  report.claimed_device = "01900000-0000-7000-8000-999999999999";
  bool called = false;
  const absl::Status status = intake.intake().Submit(device, report, intake.fleet.clock.now(),
                                                     [&](const auto&) { called = true; });
  CHECK(ReasonOf(status) == "IDENTITY_MISMATCH");
  CHECK(intake.fleet.store.Write("SELECT 1").ok());  // the queue is empty now
  CHECK(!called);
}

TEST_CASE("a device that was revoked while its report waited gets no answer") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  REQUIRE(intake.fleet.store.Write("UPDATE devices SET state = 'REVOKED'").ok());
  const auto answer = intake.Send(device, ReportOf(1, 1, ReadyFacts()));
  CHECK(answer.status().code() == absl::StatusCode::kPermissionDenied);
  CHECK(ReasonOf(answer.status()) == "DEVICE_REVOKED");
  CHECK(!intake.Stored(device).has_value());
}

TEST_CASE("the server tells how far the agent's clock is off, by its own") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  struct Row {
    const char* what;
    std::int64_t ahead;  // microseconds
    std::int64_t skew;
    Outcome outcome;
  };
  const std::int64_t now = intake.fleet.clock.now();
  const Row rows[] = {
      {"right", 0, 0, Outcome::kPass},
      {"a little late", -20 * kSecond, 0, Outcome::kPass},  // near enough to what is stored
      {"a minute late", -60 * kSecond, -60, Outcome::kPass},
      {"six minutes fast", 360 * kSecond, 360, Outcome::kFail},
      {"1970", 1 - now, (1 - now) / kSecond, Outcome::kFail},
      {"2100", 4'102'444'800 * kSecond - now, (4'102'444'800 * kSecond - now) / kSecond,
       Outcome::kFail},
      {"right again", 0, 0, Outcome::kPass},
  };
  std::uint64_t sequence = 0;
  for (const Row& row : rows) {
    INFO(row.what);
    Report report = ReportOf(++sequence, 1, ReadyFacts());  // the facts themselves never change
    report.sent = now + row.ahead;
    const auto answer = intake.Send(device, report);
    REQUIRE(answer.ok());
    CHECK(intake.Facts(device).values.at(FieldId::kClockSkewSeconds) == inventory::Value(row.skew));
    CHECK(Of(intake.Stored(device)->judgement, "time-sane").outcome == row.outcome);
    CHECK(intake.Standing(device).contact->last_seen == now);
  }
}

TEST_CASE("an agent that was upgraded is judged again, though its facts are the same") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  const auto version = [&](std::uint64_t sequence, const std::string& text) {
    intake.fleet.clock.Advance(kMinute);
    Report report = ReportOf(sequence, 1, ReadyFacts());
    report.agent_version = text;
    const auto answer = intake.Send(device, report);
    REQUIRE(answer.ok());
    for (const posture::CheckResult& problem : answer->judgement.checks) {
      if (problem.check == "agent-version") return problem.evidence;
    }
    return std::string("good");
  };
  CHECK(version(1, "0.0.9") == "agent.version = 0.0.9");
  CHECK(version(2, "0.0.9") == "agent.version = 0.0.9");
  CHECK(version(3, "0.2.0") == "good");
  CHECK(version(4, "0.2.0") == "good");
  CHECK(version(5, "") == "agent.version: not reported");
  CHECK(version(6, "0.2.0") == "good");
}

TEST_CASE("the first use of the next certificate promotes it, once it is on disk") {
  ScratchIntake intake;
  auto device = intake.AddLaptop("PC-1");
  const std::string next = fmt::format("{:032x}", 77);
  REQUIRE(intake.fleet.store
              .Write(fmt::format("UPDATE devices SET next_serial = '{}', next_not_after = {}", next,
                                 intake.fleet.clock.now() + 90 * kDay))
              .ok());
  intake.Restart(posture::DefaultPolicy());
  device.serial = next;
  device.promotes = true;

  intake.fleet.store.FailNextCommit(
      Refuse(absl::StatusCode::kResourceExhausted, "STORAGE_FULL", "no space is left"));
  CHECK(ReasonOf(intake.Send(device, ReportOf(1, 1, ReadyFacts())).status()) == "STORAGE_FULL");
  CHECK(intake.devices().Find(device.id)->current_serial != next);
  CHECK(!intake.Stored(device).has_value());

  intake.fleet.store.commits().Resume();
  REQUIRE(intake.Send(device, ReportOf(1, 1, ReadyFacts())).ok());
  CHECK(intake.devices().Find(device.id)->current_serial == next);
  CHECK(intake.devices().Find(device.id)->next_serial.empty());
  CHECK(intake.fleet.store.Text("SELECT current_serial FROM devices") == next);
}

TEST_CASE("a refused report promotes nothing, a duplicate does") {
  ScratchIntake intake;
  auto device = intake.AddLaptop("PC-1");
  REQUIRE(intake.Send(device, ReportOf(5, 1, ReadyFacts())).ok());
  const std::string next = fmt::format("{:032x}", 77);
  REQUIRE(intake.fleet.store
              .Write(fmt::format("UPDATE devices SET next_serial = '{}', next_not_after = {}", next,
                                 intake.fleet.clock.now() + 90 * kDay))
              .ok());
  intake.Restart(posture::DefaultPolicy());
  device.serial = next;
  device.promotes = true;
  const std::uint64_t far = (std::uint64_t{1} << 32) + 6;
  CHECK(!intake.Send(device, ReportOf(far, 2, ReadyFacts())).ok());
  CHECK(intake.devices().Find(device.id)->current_serial != next);
  REQUIRE(intake.Send(device, ReportOf(5, 1, ReadyFacts())).ok());
  CHECK(intake.devices().Find(device.id)->current_serial == next);
}

TEST_CASE("a report is only acknowledged when it is on disk") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  intake.fleet.store.FailNextCommit(
      Refuse(absl::StatusCode::kUnavailable, "STORAGE_FAILED", "the disk failed"));
  CHECK(ReasonOf(intake.Send(device, ReportOf(1, 1, ReadyFacts())).status()) == "STORAGE_FAILED");
  CHECK(!intake.Stored(device).has_value());
}

TEST_CASE("a laptop that was enrolled again begins a new count") {
  ScratchIntake intake;
  const auto old_device = intake.AddLaptop("PC-1");
  REQUIRE(intake.Send(old_device, ReportOf(500, 1, ReadyFacts())).ok());
  const auto device = intake.Replace(old_device);
  // Facts belong to the laptop and stay until the new device has told its own.
  const auto delta = intake.Send(device, DeltaOf(1, 1, 2, Clock(true)));
  REQUIRE(delta.ok());
  CHECK(delta->send_complete);
  CHECK(delta->judgement.verdict == Verdict::kReady);
  const auto answer = intake.Send(device, ReportOf(2, 2, Clock(true)));
  REQUIRE(answer.ok());
  CHECK(!answer->stale);
  CHECK(answer->judgement.verdict == Verdict::kUnknown);
  CHECK(intake.Standing(device).contact->sequence == 2);
  CHECK(intake.fleet.store.Integer("SELECT count(*) FROM contacts") == 1);
}

TEST_CASE("what follows from the lists of a report need not be sent") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  FactSheet facts = ReadyFacts();
  for (const FieldId id :
       {FieldId::kDiskCount, FieldId::kDiskBytes, FieldId::kNetworkMacs, FieldId::kVpnGatewayAnswer,
        FieldId::kVpnGatewayResolved, FieldId::kOsSupportEnds})
    facts.values.erase(id);
  const auto answer = intake.Send(device, ReportOf(1, 1, facts));
  REQUIRE(answer.ok());
  CHECK(answer->judgement.verdict == Verdict::kReady);
  CHECK(intake.Facts(device) == With(ReadyFacts(), FieldId::kClockSkewSeconds, std::int64_t{0}));
}

TEST_CASE("hostile text is stored harmless") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  FactSheet facts = ReadyFacts();
  facts.values[FieldId::kHardwareModel] = std::string("Lati\x1b[2Jtude\xe2\x80\xae");
  REQUIRE(intake.Send(device, ReportOf(1, 1, facts)).ok());
  CHECK(intake.Facts(device).values.at(FieldId::kHardwareModel) ==
        inventory::Value(std::string("Lati [2Jtude")));
}

}  // namespace parc::checkin

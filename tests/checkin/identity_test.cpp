#include <catch2/catch.hpp>

#include "fmt/format.h"
#include "tests/checkin/checkin_support.h"

namespace parc::checkin {

using inventory::FactSheet;
using inventory::FieldId;
using posture::Outcome;
using posture::Verdict;

namespace {

constexpr char kUuid[] = "4c4c4544-0035-3010-8051-b7c04f4d3332";
constexpr char kSwapped[] = "44454c4c-3500-1030-8051-b7c04f4d3332";  // of the same machine
constexpr char kOther[] = "11111111-2222-3333-4444-555555555555";

FactSheet Machine(const std::string& serial, const std::string& uuid) {
  FactSheet facts = ReadyFacts();
  facts.unreadable.clear();
  facts.values[FieldId::kHardwareSerial] = serial;
  facts.values[FieldId::kHardwareUuid] = uuid;
  inventory::DeriveFacts(facts);
  return facts;
}

}  // namespace

TEST_CASE("a machine with another serial than its record's is kept apart") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1", "PF0ABCDE");
  const auto answer = intake.Send(device, ReportOf(1, 1, Machine("7XQ2W13", kUuid)));
  REQUIRE(answer.ok());
  CHECK(answer->judgement.verdict == Verdict::kUnknown);
  const auto identity = Of(answer->judgement, "machine-identity");
  CHECK(identity.outcome == Outcome::kError);
  CHECK(identity.evidence == "the record says serial PF0ABCDE, the machine reports 7XQ2W13");
  // Nothing of it is believed; that it called is known.
  CHECK(intake.Facts(device).values.empty());
  const store::Standing standing = intake.Standing(device);
  CHECK(standing.quarantine == identity.evidence);
  CHECK(standing.contact->last_seen == intake.fleet.clock.now());
  CHECK(!standing.contact->report_time.has_value());
  CHECK(intake.fleet.store.Text("SELECT serial FROM laptops") == "PF0ABCDE");
  CHECK(intake.History(device) == "UNKNOWN");

  SECTION("the same report again is the same answer") {
    const auto again = intake.Send(device, ReportOf(1, 1, Machine("7XQ2W13", kUuid)));
    REQUIRE(again.ok());
    CHECK(*again == *answer);
  }
  SECTION("a later one keeps the date") {
    intake.fleet.clock.Advance(kHour);
    const auto later = intake.Send(device, ReportOf(2, 2, Machine("7XQ2W13", kUuid)));
    REQUIRE(later.ok());
    CHECK(later->judgement.since == answer->judgement.since);
    CHECK(Of(later->judgement, "machine-identity").since == identity.since);
  }
  SECTION("facts on top of what was not taken have no base") {
    const auto delta = intake.Send(device, DeltaOf(2, 1, 2, {}));
    REQUIRE(delta.ok());
    CHECK(delta->send_complete);
  }
  SECTION("once the record is corrected, the next complete report lifts it") {
    REQUIRE(
        intake.fleet.store.Write("UPDATE laptops SET serial = '7XQ2W13', serial_key = '7XQ2W13'")
            .ok());
    const auto lifted = intake.Send(device, ReportOf(2, 2, Machine("7xq2w13 ", kUuid)));
    REQUIRE(lifted.ok());
    CHECK(lifted->judgement.verdict == Verdict::kReady);
    CHECK(intake.Stored(device)->judgement.checks.size() == posture::DefaultPolicy().checks.size());
    CHECK(intake.Standing(device).quarantine.empty());
    CHECK(Told(intake.Stored(device)->judgement) == lifted->judgement);
    CHECK(intake.History(device) == "UNKNOWN READY");
  }
}

TEST_CASE("a laptop whose machine changes keeps its facts, gets no fresher, and is unknown") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1", "PF0ABCDE");
  REQUIRE(intake.Send(device, ReportOf(1, 1, Machine("PF0ABCDE", kUuid))).ok());
  const FactSheet facts = intake.Facts(device);
  const std::int64_t reported = intake.fleet.clock.now();
  intake.fleet.clock.Advance(kHour);
  const auto other = intake.Send(device, ReportOf(2, 2, Machine("PF0ABCDE", kOther)));
  REQUIRE(other.ok());
  CHECK(other->judgement.verdict == Verdict::kUnknown);
  CHECK(Of(other->judgement, "machine-identity").evidence ==
        fmt::format("earlier reports say UUID {}, the machine now reports {}", kUuid, kOther));
  CHECK(intake.Facts(device) == facts);
  CHECK(intake.Standing(device).contact->report_time == reported);

  SECTION("an older report does not slip in behind it") {
    const auto late = intake.Send(device, ReportOf(1, 1, Machine("PF0ABCDE", kUuid)));
    REQUIRE(late.ok());
    CHECK(late->stale);
    CHECK(!intake.Standing(device).quarantine.empty());
  }
  SECTION("the old machine lifts it by the facts that are stored") {
    const auto back = intake.Send(device, ReportOf(3, 1, Machine("PF0ABCDE", kUuid)));
    REQUIRE(back.ok());
    CHECK(back->judgement.verdict == Verdict::kReady);
    CHECK(intake.Standing(device).quarantine.empty());
    CHECK(intake.Standing(device).contact->report_time == intake.fleet.clock.now());
  }
  SECTION("the same UUID in its other byte order is no other machine") {
    const auto back = intake.Send(device, ReportOf(3, 3, Machine("PF0ABCDE", kSwapped)));
    REQUIRE(back.ok());
    CHECK(back->judgement.verdict == Verdict::kReady);
  }
  SECTION("enrolling again accepts a new board") {
    const auto renewed = intake.Replace(device);
    const auto first = intake.Send(renewed, ReportOf(1, 2, Machine("PF0ABCDE", kOther)));
    REQUIRE(first.ok());
    CHECK(first->judgement.verdict == Verdict::kReady);
    CHECK(intake.Facts(renewed).values.at(FieldId::kHardwareUuid) ==
          inventory::Value(std::string(kOther)));
  }
}

TEST_CASE("placeholders and absent identifiers disagree with nothing") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1", "PF0ABCDE");
  std::uint64_t sequence = 0;
  for (const char* serial : {"Default string", "To Be Filled By O.E.M.", "", "pf0abcde"}) {
    INFO(serial);
    const int digest = static_cast<int>(++sequence);
    const auto answer = intake.Send(
        device,
        ReportOf(sequence, digest, Machine(serial, "00000000-0000-0000-0000-000000000000")));
    REQUIRE(answer.ok());
    CHECK(answer->judgement.verdict == Verdict::kReady);
  }
}

TEST_CASE("a part of the facts without the hardware is compared with what is stored") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1", "PF0ABCDE");
  REQUIRE(intake.Send(device, ReportOf(1, 1, Machine("PF0ABCDE", kUuid))).ok());
  FactSheet clock;
  clock.sections = {inventory::Section::kClock};
  clock.values = {{FieldId::kClockSynchronised, true}, {FieldId::kClockMaxError, std::int64_t{1}}};
  const auto answer = intake.Send(device, DeltaOf(2, 1, 2, clock));
  REQUIRE(answer.ok());
  CHECK(answer->judgement.verdict == Verdict::kReady);
}

}  // namespace parc::checkin

#include <catch2/catch.hpp>
#include <chrono>
#include <future>

#include "daemon/inventory/reason.h"
#include "fmt/format.h"
#include "tests/checkin/checkin_support.h"

namespace parc::checkin {

using inventory::FactSheet;
using inventory::FieldId;
using posture::Outcome;
using posture::Verdict;

namespace {

posture::Policy PolicyOf(std::int64_t version, std::string expression, std::int64_t grace) {
  posture::Check check;
  check.id = "only";
  check.severity = posture::Severity::kBlocker;
  check.expression = std::move(expression);
  check.grace = grace;
  return posture::MakePolicy(version, kDay, {check}).value();
}

}  // namespace

TEST_CASE("grace ends by itself") {
  const posture::Policy policy = PolicyOf(1, "firewall.enabled = true", kHour);
  ScratchIntake intake(policy);
  const auto device = intake.AddLaptop("PC-1");
  const FactSheet facts = With(ReadyFacts(), FieldId::kFirewallEnabled, false);
  const auto first = intake.Send(device, ReportOf(1, 1, facts));
  REQUIRE(first.ok());
  CHECK(first->judgement.verdict == Verdict::kDegraded);

  SECTION("by the timer") {
    intake.fleet.clock.Advance(kHour - 1);
    CHECK(*intake.Rejudge() == 0);
    intake.fleet.clock.Advance(1);
    CHECK(*intake.Rejudge() == 1);
    CHECK(*intake.Rejudge() == 0);
  }
  SECTION("by an unchanged report") {
    intake.fleet.clock.Advance(kHour - 1);
    const auto within = intake.Send(device, DeltaOf(2, 1, 1, {}));
    REQUIRE(within.ok());
    CHECK(within->judgement == first->judgement);
    intake.fleet.clock.Advance(1);
    const auto after = intake.Send(device, DeltaOf(3, 1, 1, {}));
    REQUIRE(after.ok());
    CHECK(after->judgement.verdict == Verdict::kNotReady);
  }
  const auto stored = intake.Stored(device);
  CHECK(stored->judgement.verdict == Verdict::kNotReady);
  CHECK(stored->judgement.since == intake.fleet.clock.now());
  CHECK(stored->judgement.checks[0].since == first->judgement.checks[0].since);
  CHECK(intake.History(device) == "DEGRADED NOT_READY");
}

TEST_CASE("a certificate ends by itself") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  FactSheet facts = ReadyFacts();
  facts.vpn_profiles[0].certificate_starts = intake.fleet.clock.now() - kDay;
  facts.vpn_profiles[0].certificate_expires = intake.fleet.clock.now() + 20 * kDay;
  inventory::DeriveFacts(facts);
  REQUIRE(intake.Send(device, ReportOf(1, 1, facts)).ok());
  std::int64_t sequence = 1;
  std::string outcomes;
  for (int day = 0; day < 22; ++day) {
    intake.fleet.clock.Advance(kDay);
    // Reports keep it fresh; the timer alone does the judging.
    REQUIRE(
        intake.fleet.store
            .Write(fmt::format("UPDATE contacts SET report_time = {}", intake.fleet.clock.now()))
            .ok());
    while (*intake.Rejudge() > 0) REQUIRE(++sequence < 200);
    const auto stored = intake.Stored(device);
    outcomes += Of(stored->judgement, "vpn-cert-valid").outcome == Outcome::kPass ? 'v' : '-';
    outcomes += Of(stored->judgement, "vpn-cert-expiry").outcome == Outcome::kPass ? 'l' : ' ';
  }
  CHECK(outcomes == "vlvlvlvlvlv v v v v v v v v v v v v v v - - ");
  CHECK(intake.History(device) == "READY DEGRADED NOT_READY");
}

TEST_CASE("a newer policy judges the whole fleet again, a few at a time") {
  const posture::Policy old_policy = PolicyOf(1, "firewall.enabled = true", 0);
  const posture::Policy new_policy = PolicyOf(2, "disk.free_percent >= 50", 0);
  ScratchIntake intake(old_policy);
  for (int i = 0; i < 5; ++i) {
    const auto device = intake.AddLaptop(fmt::format("PC-{}", i));
    REQUIRE(intake.Send(device, ReportOf(1, i, ReadyFacts())).ok());
  }
  CHECK(*intake.Rejudge() == 0);
  intake.Restart(new_policy);
  CHECK(*intake.Rejudge(2) == 2);
  CHECK(*intake.Rejudge(2) == 2);
  CHECK(*intake.Rejudge(2) == 1);
  CHECK(*intake.Rejudge(2) == 0);
  CHECK(intake.fleet.store.Integer(
            "SELECT count(*) FROM posture WHERE verdict = 'NOT_READY' AND policy_version = 2") ==
        5);
}

TEST_CASE("laptops whose judging did not reach the disk are judged by the next portion") {
  ScratchIntake intake(PolicyOf(1, "firewall.enabled = true", 0));
  for (int i = 0; i < 5; ++i) {
    const auto device = intake.AddLaptop(fmt::format("PC-{}", i));
    REQUIRE(intake.Send(device, ReportOf(1, i, ReadyFacts())).ok());
  }
  const posture::Policy new_policy = PolicyOf(2, "disk.free_percent >= 50", 0);
  intake.Restart(new_policy);
  CHECK(*intake.Rejudge(2) == 2);
  intake.fleet.store.FailNextCommit(
      Refuse(absl::StatusCode::kUnavailable, "STORAGE_BUSY", "another program locks the file"));
  CHECK(ReasonOf(intake.Rejudge(2).status()) == "STORAGE_BUSY");
  CHECK(*intake.Rejudge(5) == 3);
  CHECK(*intake.Rejudge(5) == 0);
}

TEST_CASE("judging the fleet again lets who waits for the writer in between") {
  constexpr int kLaptops = 100;
  const posture::Policy old_policy = PolicyOf(1, "firewall.enabled = true", 0);
  const posture::Policy new_policy = PolicyOf(2, "disk.free_percent >= 50", 0);
  ScratchIntake intake(old_policy);
  for (int i = 0; i < kLaptops; ++i) {
    const auto device = intake.AddLaptop(fmt::format("PC-{}", i));
    REQUIRE(intake.Send(device, ReportOf(1, i, ReadyFacts())).ok());
  }
  intake.Restart(new_policy);
  // What is queued while the writer is busy: a portion, and somebody who waits.
  std::promise<void> gate;
  store::GroupCommit& commits = intake.fleet.store.commits();
  const auto busy = [open = gate.get_future().share()](store::Connection&) {
    open.wait_for(std::chrono::seconds(60));
    return absl::OkStatus();
  };
  REQUIRE(commits.Submit(store::Priority::kCheckIn, 0, busy, [](const absl::Status&) {}).ok());
  test::Awaited<absl::StatusOr<Rejudged>> judged;
  REQUIRE(intake.intake().Rejudge(intake.fleet.clock.now(), kLaptops * 2, judged.Setter()).ok());
  REQUIRE(commits
              .Submit(
                  store::Priority::kCheckIn, 0, [](store::Connection&) { return absl::OkStatus(); },
                  [](const absl::Status&) {})
              .ok());
  gate.set_value();
  const auto got = judged.Get();
  REQUIRE(got != nullptr);
  REQUIRE(got->ok());
  CHECK((*got)->laptops == 32);
  CHECK((*got)->more);
  CHECK(*intake.Rejudge(kLaptops * 2) == kLaptops - 32);
}

TEST_CASE("an unchanged report is judged by the policy in force") {
  const posture::Policy old_policy = PolicyOf(1, "firewall.enabled = true", 0);
  const posture::Policy new_policy = PolicyOf(2, "disk.free_percent >= 50", 0);
  ScratchIntake intake(old_policy);
  const auto device = intake.AddLaptop("PC-1");
  REQUIRE(intake.Send(device, ReportOf(1, 1, ReadyFacts())).ok());
  intake.Restart(new_policy);
  const auto answer = intake.Send(device, DeltaOf(2, 1, 1, {}));
  REQUIRE(answer.ok());
  CHECK(answer->judgement.policy_version == 2);
  CHECK(answer->judgement.verdict == Verdict::kNotReady);
}

TEST_CASE("a shorter policy leaves no result of the longer one behind") {
  const posture::Policy policy = PolicyOf(2, "firewall.enabled = true", 0);
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  REQUIRE(intake.Send(device, ReportOf(1, 1, ReadyFacts())).ok());
  intake.Restart(policy);
  REQUIRE(*intake.Rejudge() == 1);
  CHECK(intake.Stored(device)->judgement.checks.size() == 1);
}

TEST_CASE("history says when a laptop fell silent, and when it spoke again") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  REQUIRE(intake.Send(device, ReportOf(1, 1, ReadyFacts())).ok());
  intake.fleet.clock.Advance(kDay);
  CHECK(*intake.Rejudge() == 0);
  intake.fleet.clock.Advance(1);
  CHECK(*intake.Rejudge() == 1);
  CHECK(*intake.Rejudge() == 0);
  CHECK(intake.History(device) == "READY STALE");
  // The judgement itself is kept: what is stale is told by who asks.
  CHECK(intake.Stored(device)->judgement.verdict == Verdict::kReady);
  intake.fleet.clock.Advance(kHour);
  const auto back = intake.Send(device, DeltaOf(2, 1, 1, {}));
  REQUIRE(back.ok());
  CHECK(back->judgement.verdict == Verdict::kReady);
  CHECK(intake.History(device) == "READY STALE READY");
  CHECK(!intake.Stored(device)->silent);
}

TEST_CASE("time judges a laptop that is kept apart, and leaves it apart") {
  const posture::Policy policy = PolicyOf(1, "firewall.enabled = true", kHour);
  ScratchIntake intake(policy);
  const auto device = intake.AddLaptop("PC-1", "PF0ABCDE");
  REQUIRE(intake.Send(device, ReportOf(1, 1, With(ReadyFacts(), FieldId::kFirewallEnabled, false)))
              .ok());
  REQUIRE(intake
              .Send(device,
                    ReportOf(2, 2,
                             With(ReadyFacts(), FieldId::kHardwareSerial, std::string("7XQ2W13"))))
              .ok());
  intake.fleet.clock.Advance(kHour);
  REQUIRE(*intake.Rejudge() == 1);
  const auto stored = intake.Stored(device);
  CHECK(stored->judgement.verdict == Verdict::kUnknown);
  CHECK(Of(stored->judgement, "machine-identity").outcome == Outcome::kError);
  CHECK(!Of(stored->judgement, "only").in_grace);
}

TEST_CASE("no version of a verdict ends before it began, though the clock is set back") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  REQUIRE(intake.Send(device, ReportOf(1, 1, ReadyFacts())).ok());
  intake.fleet.clock.Advance(-kHour);
  REQUIRE(
      intake.Send(device, ReportOf(2, 2, With(ReadyFacts(), FieldId::kDiskEncrypted, false))).ok());
  CHECK(intake.History(device) == "READY NOT_READY");
  CHECK(intake.fleet.store.Integer(
            "SELECT count(*) FROM verdict_versions WHERE known_to < known_from") == 0);
}

}  // namespace parc::checkin

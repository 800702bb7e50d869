#include "daemon/fleet/policies.h"

#include <catch2/catch.hpp>

#include "daemon/inventory/reason.h"
#include "daemon/posture/policy_file.h"
#include "fmt/format.h"
#include "tests/checkin/checkin_support.h"

namespace parc::checkin {

using inventory::FieldId;
using posture::Verdict;

namespace {

std::string FileOf(const std::string& severity, const std::string& passes) {
  return fmt::format(R"(stale_after = "24h"
[[check]]
id = "only"
severity = "{}"
passes = '{}'
title.en = "Only"
title.fr = "Seul"
remedy.en = "Mend it."
remedy.fr = "Réparer."
)",
                     severity, passes);
}

fleet::KeptPolicy Apply(ScratchIntake& intake, const std::string& text) {
  intake.fleet.reason = "a test";
  const auto kept =
      intake.fleet.Do([&](fleet::Change& change) { return fleet::ApplyPolicy(change, text, ""); });
  INFO(kept.status());
  REQUIRE(kept.ok());
  return *kept;
}

fleet::PolicyPreview Preview(ScratchIntake& intake, const std::string& text) {
  const auto policy = posture::ParsePolicy(text, 2);
  REQUIRE(policy.ok());
  const auto preview = fleet::PreviewPolicy(intake.fleet.view(), *policy, {});
  INFO(preview.status());
  REQUIRE(preview.ok());
  return *preview;
}

}  // namespace

TEST_CASE("the policy that ships is kept at the first start, and replaced by a later Parc's") {
  test::ScratchFleet fleet;
  store::Connection& writer = fleet.store.database().writer();
  const auto first = fleet::OpenPolicy(writer, "0.1.0", 1000);
  INFO(first.status());
  REQUIRE(first.ok());
  CHECK(first->version == 1);
  CHECK(fleet::OpenPolicy(writer, "0.1.0", 2000)->version == 1);
  // As if an earlier Parc had shipped another.
  REQUIRE(fleet.store.Write("UPDATE policies SET policy = '# old'").ok());
  CHECK(fleet::OpenPolicy(writer, "0.2.0", 3000)->version == 2);
  // One that a person applied stays.
  const auto ours = fleet.Do([](fleet::Change& change) {
    return fleet::ApplyPolicy(change, FileOf("info", "tpm2 = true"), "2");
  });
  REQUIRE(ours.ok());
  const auto kept = fleet::OpenPolicy(writer, "0.3.0", 5000);
  REQUIRE(kept.ok());
  CHECK(kept->version == 3);
  CHECK(kept->checks.size() == 1);
  // Unless this Parc does not understand it any more.
  REQUIRE(fleet.store.Write("UPDATE policies SET policy = 'check = 5' WHERE version = 3").ok());
  const auto replaced = fleet::OpenPolicy(writer, "0.4.0", 6000);
  REQUIRE(replaced.ok());
  CHECK(replaced->version == 4);
  CHECK(replaced->checks.size() == posture::DefaultPolicy().checks.size());
}

TEST_CASE("a policy is applied once, as the next version, with who and why") {
  ScratchIntake intake;
  const std::string text = FileOf("blocker", "firewall.enabled = true");
  const fleet::KeptPolicy kept = Apply(intake, text);
  CHECK(kept.record.version == 1);
  CHECK(kept.record.actor == "tester");
  CHECK(kept.record.reason == "a test");
  CHECK(Apply(intake, text).record.version == 1);
  CHECK(Apply(intake, FileOf("info", "firewall.enabled = true")).record.version == 2);
  const auto page = fleet::ListPolicies(intake.fleet.view(), {});
  REQUIRE(page.ok());
  REQUIRE(page->items.size() == 2);
  CHECK(page->items[0].version == 2);
  CHECK(page->items[1].text == text);

  const auto refusal = [&](const std::string& file, const std::string& etag) {
    return ReasonOf(
        intake.fleet
            .Do([&](fleet::Change& change) { return fleet::ApplyPolicy(change, file, etag); })
            .status());
  };
  CHECK(refusal(text, "1") == "ETAG_MISMATCH");
  CHECK(refusal("check = 5", "2") == "BAD_POLICY");
  intake.fleet.effective = test::Day("2020-03-01");
  CHECK(refusal(text, "2") == "EFFECTIVE_DATE_FORBIDDEN");
  CHECK(ReasonOf(fleet::GetPolicy(intake.fleet.view(), 7).status()) == "POLICY_NOT_FOUND");
}

TEST_CASE("a preview tells whose verdict would change, and changes nothing") {
  ScratchIntake intake;
  const auto good = intake.AddLaptop("PC-1");
  const auto stock = intake.AddLaptop("PC-2");
  const auto bad = intake.AddLaptop("PC-3");
  intake.AddLaptop("PC-4");  // never reported
  intake.SetState("PC-2", "IN_STOCK");
  REQUIRE(intake.Send(good, ReportOf(1, 1, ReadyFacts())).ok());
  REQUIRE(intake.Send(stock, ReportOf(1, 2, ReadyFacts())).ok());
  REQUIRE(
      intake.Send(bad, ReportOf(1, 3, With(ReadyFacts(), FieldId::kDiskEncrypted, false))).ok());

  const auto worse = Preview(intake, FileOf("blocker", "disk.free_percent >= 50"));
  CHECK(worse.laptops == 3);
  CHECK(worse.assigned == 2);
  CHECK(worse.ready_before == 1);
  CHECK(worse.ready_after == 0);
  CHECK(worse.counts == decltype(worse.counts){{{Verdict::kReady, Verdict::kNotReady}, 2}});
  REQUIRE(worse.moves.size() == 2);
  CHECK(worse.moves[0] ==
        fleet::PolicyPreview::Move{"PC-1", Verdict::kReady, Verdict::kNotReady, {"only"}, true});
  CHECK(worse.moves[1].laptop == "PC-2");
  CHECK(worse.causes.at("only") == fleet::PolicyPreview::Cause{2, 0});
  CHECK(worse.left_off == 0);

  const auto better = Preview(intake, FileOf("blocker", "disk.free_percent >= 5"));
  REQUIRE(better.moves.size() == 1);
  CHECK(better.moves[0].laptop == "PC-3");
  CHECK(better.moves[0].checks == std::vector<std::string>{"disk-encryption"});
  CHECK(better.causes.at("disk-encryption") == fleet::PolicyPreview::Cause{0, 1});
  CHECK(intake.Stored(bad)->judgement.verdict == Verdict::kNotReady);

  int asked = 0;
  const auto policy = posture::ParsePolicy(FileOf("info", "tpm2 = true"), 2);
  const auto cancelled = fleet::PreviewPolicy(
      intake.fleet.view(), *policy, {.progress = {}, .cancelled = [&] { return ++asked > 0; }});
  CHECK(absl::IsCancelled(cancelled.status()));
}

TEST_CASE("a laptop that nobody holds is rightly silent") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  REQUIRE(intake.Send(device, ReportOf(1, 1, ReadyFacts())).ok());
  intake.SetState("PC-1", "IN_STOCK");
  intake.fleet.clock.Advance(2 * kDay);
  CHECK(*intake.Rejudge() == 0);
  CHECK(intake.History(device) == "READY");
  CHECK(intake.Explain("PC-1").verdict == Verdict::kReady);
  CHECK(intake.Explain("PC-1").silence_expected);
  // Handed out: its report is old from the first day on.
  intake.SetState("PC-1", "ASSIGNED");
  CHECK(intake.Explain("PC-1").verdict == Verdict::kStale);
  CHECK(*intake.Rejudge() == 1);
  CHECK(*intake.Rejudge() == 0);
  CHECK(intake.History(device) == "READY STALE");
  intake.SetState("PC-1", "IN_REPAIR");
  CHECK(*intake.Rejudge() == 1);
  CHECK(intake.History(device) == "READY STALE READY");
}

}  // namespace parc::checkin

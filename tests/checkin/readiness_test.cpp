#include <catch2/catch.hpp>

#include "daemon/fleet/views.h"
#include "daemon/inventory/reason.h"
#include "tests/checkin/checkin_support.h"

namespace parc::checkin {

using fleet::ExplainedCheck;
using fleet::Readiness;
using inventory::FieldId;
using posture::Outcome;
using posture::Verdict;

namespace {

const ExplainedCheck& Rung(const Readiness& readiness, std::string_view check) {
  for (const ExplainedCheck& rung : readiness.checks) {
    if (rung.check == check) return rung;
  }
  FAIL("no rung " << check);
  return readiness.checks.front();
}

}  // namespace

TEST_CASE("a laptop that never reported is unknown, and every check is pending") {
  ScratchIntake intake;
  intake.AddLaptop("PC-1");
  const Readiness readiness = intake.Explain("PC-1");
  CHECK(readiness.verdict == Verdict::kUnknown);
  CHECK(!readiness.since.has_value());
  CHECK(!readiness.report_time.has_value());
  CHECK(readiness.policy_version == posture::DefaultPolicy().version);
  REQUIRE(readiness.checks.size() == posture::DefaultPolicy().checks.size());
  for (const ExplainedCheck& rung : readiness.checks) {
    CHECK(rung.outcome == Outcome::kPending);
    CHECK(!rung.since.has_value());
    CHECK(!rung.title_fr.empty());
  }
}

TEST_CASE("a laptop is explained rung by rung, in the order of the policy") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  const std::int64_t first = intake.fleet.clock.now();
  REQUIRE(intake.Send(device, ReportOf(1, 1, ReadyFacts())).ok());
  intake.fleet.clock.Advance(kHour);
  const std::int64_t second = intake.fleet.clock.now();
  REQUIRE(
      intake.Send(device, ReportOf(2, 2, With(ReadyFacts(), FieldId::kDiskEncrypted, false))).ok());
  intake.fleet.clock.Advance(kMinute);
  const Readiness readiness = intake.Explain("pc-1");
  CHECK(readiness.verdict == Verdict::kNotReady);
  CHECK(readiness.since == second);
  CHECK(readiness.report_time == second);
  const auto& policy = posture::DefaultPolicy();
  REQUIRE(readiness.checks.size() == policy.checks.size());
  for (std::size_t i = 0; i < policy.checks.size(); ++i)
    CHECK(readiness.checks[i].check == policy.checks[i].id);
  const ExplainedCheck& encryption = Rung(readiness, "disk-encryption");
  CHECK(encryption.outcome == Outcome::kFail);
  CHECK(encryption.severity == posture::Severity::kBlocker);
  CHECK(encryption.since == second);
  CHECK(encryption.evidence == "disk.root_encrypted = true, disk.encrypted = false");
  CHECK(encryption.title_en == "The disks are encrypted");
  CHECK(encryption.remedy_fr == "Réinstaller avec chiffrement du disque.");
  CHECK(Rung(readiness, "net-online").outcome == Outcome::kPass);
  CHECK(Rung(readiness, "net-online").since == first);
}

TEST_CASE("what is tolerated says from when on it counts, and then counts") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  inventory::FactSheet facts = With(ReadyFacts(), FieldId::kVpnTunnelUp, false);
  facts.vpn_gateways = {{"OPENVPN_UDP", "vpn.example.org", 1194, false, "", {}}};
  REQUIRE(intake.Send(device, ReportOf(1, 1, facts)).ok());
  const std::int64_t began = intake.fleet.clock.now();
  ExplainedCheck dns = Rung(intake.Explain("PC-1"), "vpn-gateway-dns");
  CHECK(dns.outcome == Outcome::kFail);
  CHECK(dns.in_grace);
  CHECK(dns.since == began);
  CHECK(dns.counts_from == began + kHour / 2);
  intake.fleet.clock.Advance(kHour);
  REQUIRE(intake.Send(device, ReportOf(2, 1, facts)).ok());
  dns = Rung(intake.Explain("PC-1"), "vpn-gateway-dns");
  CHECK_FALSE(dns.in_grace);
  CHECK(dns.since == began);
  CHECK_FALSE(dns.counts_from.has_value());
}

TEST_CASE("what is no problem is explained by the facts that are stored, as it was judged") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  const auto& policy = posture::DefaultPolicy();
  const auto check = [&](const inventory::FactSheet& facts, std::uint64_t number) {
    REQUIRE(intake.Send(device, ReportOf(number, static_cast<int>(number), facts)).ok());
    const inventory::FactSheet stored = intake.Facts(device);
    const auto judged = posture::Judge(policy, stored, nullptr, 0);
    const Readiness readiness = intake.Explain("PC-1", &policy);
    int passed = 0;
    for (const posture::CheckResult& result : judged.checks) {
      INFO(result.check);
      const ExplainedCheck& rung = Rung(readiness, result.check);
      if (result.check == "agent-version") continue;  // Facts() is without it
      CHECK(rung.outcome == result.outcome);
      CHECK(rung.evidence ==
            posture::EvidenceOf(*policy.Find(result.check), stored, result.outcome));
      if (result.outcome == Outcome::kPass && !rung.evidence.empty()) ++passed;
    }
    CHECK(passed > 5);
  };
  check(ReadyFacts(), 1);
  CHECK(Rung(intake.Explain("PC-1"), "disk-encryption").evidence ==
        "disk.root_encrypted = true, disk.encrypted = true");
  check(With(ReadyFacts(), FieldId::kDiskLeastFreePercent, std::int64_t{12}), 2);
  // By a policy that has not judged it yet, what it would rest on is not told.
  posture::Policy newer = policy;
  ++newer.version;
  CHECK(Rung(intake.Explain("PC-1", &newer), "disk-encryption").evidence.empty());
}

TEST_CASE("a report that is too old says nothing any more") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  const std::int64_t reported = intake.fleet.clock.now();
  REQUIRE(intake.Send(device, ReportOf(1, 1, ReadyFacts())).ok());
  intake.fleet.clock.Advance(kDay);
  CHECK(intake.Explain("PC-1").verdict == Verdict::kReady);
  intake.fleet.clock.Advance(1);
  const Readiness readiness = intake.Explain("PC-1");
  CHECK(readiness.verdict == Verdict::kStale);
  CHECK(readiness.since == reported + kDay);
  CHECK(readiness.report_time == reported);
  for (const ExplainedCheck& rung : readiness.checks) CHECK(rung.outcome == Outcome::kStale);
}

TEST_CASE("silence alarms only about laptops that somebody holds") {
  ScratchIntake intake;
  const auto in_stock = intake.AddLaptop("STOCK-1");
  const auto held = intake.AddLaptop("PC-1");
  intake.SetState("STOCK-1", "IN_STOCK");
  intake.SetState("PC-1", "IN_STOCK");
  inventory::Person person;
  person.id = "e1";
  person.name = "Anne";
  person.population = "headquarters";
  person.tier = 2;
  person.needs_laptop = true;
  const auto hired =
      intake.fleet.Do([&](fleet::Change& change) { return change.CreatePerson(person); });
  INFO(hired.status());
  REQUIRE(hired.ok());
  for (const auto event : {inventory::LaptopEvent::kPrepare, inventory::LaptopEvent::kPrepared}) {
    const auto moved = intake.fleet.Do(
        [&](fleet::Change& change) { return change.MoveLaptop("PC-1", event, ""); });
    INFO(moved.status());
    REQUIRE(moved.ok());
  }
  const auto assigned = intake.fleet.Do(
      [](fleet::Change& change) { return change.AssignLaptop("PC-1", "e1", false, ""); });
  INFO(assigned.status());
  REQUIRE(assigned.ok());
  REQUIRE(intake.Send(in_stock, ReportOf(1, 1, ReadyFacts())).ok());
  REQUIRE(intake.Send(held, ReportOf(1, 1, ReadyFacts())).ok());

  auto status = intake.fleet.view().GetStatus("", {});
  INFO(status.status());
  REQUIRE(status.ok());
  CHECK(status->total == fleet::Coverage{"", 1, 1, 1});
  CHECK(status->alerts.empty());

  intake.fleet.clock.Advance(30 * kDay);
  CHECK(intake.Explain("STOCK-1").silence_expected);
  CHECK(!intake.Explain("PC-1").silence_expected);
  status = intake.fleet.view().GetStatus("", {});
  REQUIRE(status.ok());
  CHECK(status->total == fleet::Coverage{"", 1, 1, 0});
  REQUIRE(status->alerts.size() == 1);
  CHECK(status->alerts[0].reason == "LAPTOPS_SILENT");
  CHECK(status->alerts[0].count == 1);
}

TEST_CASE("a machine in doubt is explained first") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1", "PF0ABCDE");
  REQUIRE(intake
              .Send(device,
                    ReportOf(1, 1,
                             With(ReadyFacts(), FieldId::kHardwareSerial, std::string("7XQ2W13"))))
              .ok());
  const Readiness readiness = intake.Explain("PC-1");
  CHECK(readiness.verdict == Verdict::kUnknown);
  CHECK(!readiness.report_time.has_value());
  CHECK(readiness.checks.front().check == "machine-identity");
  CHECK(readiness.checks.front().outcome == Outcome::kError);
  CHECK(!readiness.checks.front().remedy_fr.empty());
}

TEST_CASE("lists, filters and the explanation say the same") {
  ScratchIntake intake;
  const auto ready = intake.AddLaptop("PC-1");
  const auto broken = intake.AddLaptop("PC-2");
  intake.AddLaptop("PC-3");
  REQUIRE(
      intake.Send(broken, ReportOf(1, 1, With(ReadyFacts(), FieldId::kDiskEncrypted, false))).ok());
  intake.fleet.clock.Advance(kHour);
  REQUIRE(intake.Send(ready, ReportOf(1, 1, ReadyFacts())).ok());
  fleet::View& view = intake.fleet.view();
  struct Row {
    const char* filter;
    const char* laptops;
  };
  for (const Row row :
       {Row{"readiness = READY", "PC-1 "}, Row{"readiness = NOT_READY", "PC-2 "},
        Row{"readiness = UNKNOWN", "PC-3 "}, Row{"os.id = debian", "PC-1 PC-2 "},
        Row{"os.support_days_left > 3000", "PC-1 PC-2 "}, Row{"os.support_ends < 2028-06-30", ""},
        Row{"vpn.clients:openvpn", "PC-1 PC-2 "}, Row{"disk.encrypted = false", "PC-2 "},
        Row{"disk.count = 2", "PC-1 PC-2 "}, Row{"clock.skew_seconds = 0", "PC-1 PC-2 "},
        Row{"updates.age_days > 0", ""}, Row{"agent.version = 0.1.0", "PC-1 PC-2 "}}) {
    INFO(row.filter);
    fleet::ListQuery query;
    query.filter = row.filter;
    const auto page = view.ListLaptops(query, {"os.id", "disk.bytes", "vpn.gateway.answer"});
    INFO(page.status());
    REQUIRE(page.ok());
    std::string found;
    for (const fleet::LaptopRow& laptop : page->items) found += laptop.laptop.asset_tag + " ";
    CHECK(found == row.laptops);
  }
  const auto one = view.GetLaptop("PC-1", {});
  REQUIRE(one.ok());
  CHECK(one->verdict == "READY");
  CHECK(one->last_seen == intake.fleet.clock.now());
  CHECK(one->facts.at("vpn.gateway.answer") == "REACHABLE");
  CHECK(one->facts.at("os.support_ends") == "2028-06-30T23:59:59Z");
  CHECK(one->facts.at("network.macs") == "d4:81:d7:00:00:01");
}

TEST_CASE("days in lists are rounded down, as in judgements") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  inventory::FactSheet facts = With(ReadyFacts(), FieldId::kVpnTunnelUp, false);
  facts.vpn_profiles[0].certificate_expires = intake.fleet.clock.now();
  inventory::DeriveFacts(facts);
  REQUIRE(intake.Send(device, ReportOf(1, 1, facts)).ok());
  for (const auto& [later, days] : {std::pair{std::int64_t{0}, "0"}, {std::int64_t{1}, "-1"}}) {
    intake.fleet.clock.Advance(later);
    fleet::ListQuery query;
    query.filter = "vpn.certificate.days_left = " + std::string(days);
    const auto page = intake.fleet.view().ListLaptops(query, {"vpn.certificate.days_left"});
    REQUIRE(page.ok());
    REQUIRE(page->items.size() == 1);
    CHECK(page->items[0].facts.at("vpn.certificate.days_left") == days);
  }
}

TEST_CASE("verdicts of the past are those that were known then") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  std::vector<std::pair<std::int64_t, std::string>> known = {{intake.fleet.clock.now(), "UNKNOWN"}};
  const auto note = [&](const std::string& verdict) {
    known.emplace_back(intake.fleet.clock.now(), verdict);
    intake.fleet.clock.Advance(kHour);
  };
  intake.fleet.clock.Advance(kHour);
  REQUIRE(intake.Send(device, ReportOf(1, 1, ReadyFacts())).ok());
  note("READY");
  REQUIRE(
      intake.Send(device, ReportOf(2, 2, With(ReadyFacts(), FieldId::kDiskEncrypted, false))).ok());
  note("NOT_READY");
  intake.fleet.clock.Advance(2 * kDay);
  REQUIRE(*intake.Rejudge() == 1);
  note("STALE");
  REQUIRE(intake.Send(device, ReportOf(3, 3, ReadyFacts())).ok());
  note("READY");
  for (const auto& [time, verdict] : known) {
    INFO(time << " " << verdict);
    inventory::Moment moment;
    moment.known_at = time;
    const auto laptop = intake.fleet.view().GetLaptop("PC-1", moment);
    INFO(laptop.status());
    REQUIRE(laptop.ok());
    CHECK(laptop->verdict == verdict);
  }
}

TEST_CASE("a verdict is known from when it is written, not from when its report came") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  const std::int64_t arrived = intake.fleet.clock.now();
  intake.wall = [arrived] { return arrived + kHour; };  // the report waits for an hour
  intake.Restart(posture::DefaultPolicy());
  const auto answer = intake.Send(device, ReportOf(1, 1, ReadyFacts()));
  REQUIRE(answer.ok());
  CHECK(answer->server_time == arrived);
  CHECK(intake.Stored(device)->judgement.since == arrived);
  intake.fleet.clock.Advance(2 * kHour);
  for (const auto& [time, verdict] :
       {std::pair{arrived + kHour - 1, "UNKNOWN"}, std::pair{arrived + kHour, "READY"}}) {
    const auto laptop = intake.fleet.view().GetLaptop("PC-1", {.as_of = {}, .known_at = time});
    INFO(laptop.status());
    REQUIRE(laptop.ok());
    CHECK(laptop->verdict == verdict);
  }
}

TEST_CASE("nothing is explained about a laptop that does not exist") {
  ScratchIntake intake;
  fleet::View& view = intake.fleet.view();
  CHECK(ReasonOf(view.Explain("PC-404").status()) == "LAPTOP_NOT_FOUND");
}

TEST_CASE("questions run on threads of their own, each from one snapshot") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  auto views = fleet::Views::Open(intake.fleet.store.database().file(), 2);
  REQUIRE(views.ok());
  test::Awaited<std::string> seen;
  fleet::ViewContext context{.now = intake.fleet.clock.now(),
                             .today = intake.fleet.clock.today(),
                             .zone = intake.fleet.clock.zone(),
                             .stale_after = kDay};
  const absl::Status queued =
      (*views)->Submit(context, [&, set = seen.Setter()](absl::StatusOr<fleet::View*> view) {
        if (!view.ok()) return set("no view");
        std::string verdicts;
        for (int i = 0; i < 2; ++i) {
          const auto readiness = (*view)->Explain("PC-1");
          verdicts += readiness.ok() ? posture::ToString(readiness->verdict) : "?";
          verdicts += (*view)->context().zone;
          // A report in the middle of the question is not seen by it.
          if (i == 0 && !intake.Send(device, ReportOf(1, 1, ReadyFacts())).ok()) verdicts += "!";
        }
        set(verdicts);
      });
  REQUIRE(queued.ok());
  const auto verdicts = seen.Get();
  REQUIRE(verdicts != nullptr);
  CHECK(*verdicts == "UNKNOWNEurope/ParisUNKNOWNEurope/Paris");
  (*views)->Stop();
  CHECK(ReasonOf((*views)->Submit(context, [](auto) {})) == "STOPPING");
  CHECK(intake.Explain("PC-1").verdict == Verdict::kReady);
}

}  // namespace parc::checkin

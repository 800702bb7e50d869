#include "daemon/fleet/readiness_report.h"

#include <catch2/catch.hpp>

#include "daemon/checkin/rechecks.h"
#include "daemon/fleet/alerts.h"
#include "daemon/fleet/fleet_tail.h"
#include "daemon/inventory/reason.h"
#include "tests/checkin/checkin_support.h"

namespace parc::checkin {

using fleet::Grouping;
using inventory::FieldId;

namespace {

// Three laptops that somebody holds: one ready, two with open disks of which one is another model;
// and one in stock that nobody counts.
struct SmallFleet {
  SmallFleet() {
    ready = intake.AddLaptop("PC-1");
    open = intake.AddLaptop("PC-2");
    other = intake.AddLaptop("PC-3");
    stock = intake.AddLaptop("PC-4");
    REQUIRE(
        intake.fleet.store.Write("UPDATE laptops SET model = 'ThinkPad' WHERE asset_tag = 'PC-3'")
            .ok());
    intake.SetState("PC-4", "IN_STOCK");
    const auto bad = With(ReadyFacts(), FieldId::kDiskEncrypted, false);
    REQUIRE(intake.Send(ready, ReportOf(1, 1, ReadyFacts())).ok());
    REQUIRE(intake.Send(open, ReportOf(1, 2, bad)).ok());
    REQUIRE(intake.Send(other, ReportOf(1, 3, bad)).ok());
    REQUIRE(intake.Send(stock, ReportOf(1, 4, bad)).ok());
  }

  fleet::ReadinessReport Report(Grouping grouping, const std::string& filter = "") {
    const auto report = fleet::GetReadinessReport(intake.fleet.view(), grouping, filter, {});
    INFO(report.status());
    REQUIRE(report.ok());
    return *report;
  }

  ScratchIntake intake;
  access::DeviceIdentity ready, open, other, stock;
};

}  // namespace

TEST_CASE("readiness is counted over laptops that somebody holds, by model and by check") {
  SmallFleet fleet;
  const auto report = fleet.Report(Grouping::kModel);
  REQUIRE(report.groups.size() == 2);
  CHECK(report.groups[0] == fleet::ReadinessGroup{"Latitude 5400", 2, 1, 0, 1, 0, 0});
  CHECK(report.groups[1] == fleet::ReadinessGroup{"ThinkPad", 1, 0, 0, 1, 0, 0});
  CHECK(report.total == fleet::ReadinessGroup{"", 3, 1, 0, 2, 0, 0});
  CHECK(fleet.Report(Grouping::kNone, "model = ThinkPad").total.laptops == 1);
  CHECK(fleet.Report(Grouping::kSite).groups.size() == 1);

  const auto checks = fleet.Report(Grouping::kCheck).checks;
  REQUIRE(!checks.empty());
  CHECK(checks[0].check == "disk-encryption");
  CHECK(checks[0].failing == 2);

  inventory::Moment past;
  past.known_at = fleet.intake.fleet.clock.now() - kHour;
  const inventory::Moment tomorrow{
      .as_of = inventory::AddDays(fleet.intake.fleet.view().context().today, 1), .known_at = {}};
  CHECK(ReasonOf(fleet::GetReadinessReport(fleet.intake.fleet.view(), Grouping::kNone, "", tomorrow)
                     .status()) == "AS_OF_IN_FUTURE");
  CHECK(fleet::GetReadinessReport(fleet.intake.fleet.view(), Grouping::kNone, "", past)
            ->total.ready == 0);
  CHECK(ReasonOf(fleet::GetReadinessReport(fleet.intake.fleet.view(), Grouping::kCheck, "", past)
                     .status()) == "NOT_KEPT");
}

TEST_CASE("who explains a laptop is told how many share its problem") {
  SmallFleet fleet;
  std::int64_t shared = -1;
  for (const fleet::ExplainedCheck& check : fleet.intake.Explain("PC-2").checks)
    if (check.check == "disk-encryption") shared = check.shared_laptops;
  CHECK(shared == 1);
  for (const fleet::ExplainedCheck& check : fleet.intake.Explain("PC-1").checks)
    CHECK(check.shared_laptops == 0);
}

TEST_CASE("a follower is told what came after its mark, in order, with what makes it") {
  SmallFleet fleet;
  fleet::View& view = fleet.intake.fleet.view();
  const auto begin = fleet::NewestMark(view);
  REQUIRE(begin.ok());
  CHECK(fleet::ChangesAfter(view, *begin, 10)->empty());
  fleet.intake.fleet.clock.Advance(kMinute);
  REQUIRE(fleet.intake
              .Send(fleet.ready, ReportOf(2, 5, With(ReadyFacts(), FieldId::kNetworkOnline, false)))
              .ok());
  REQUIRE(fleet.intake.Send(fleet.open, ReportOf(2, 6, ReadyFacts())).ok());
  fleet::View& now = fleet.intake.fleet.view();
  const auto changes = fleet::ChangesAfter(now, *begin, 10);
  REQUIRE(changes.ok());
  REQUIRE(changes->size() == 2);
  CHECK((*changes)[0].asset_tag == "PC-1");
  CHECK((*changes)[0].from == "READY");
  CHECK((*changes)[0].to == "NOT_READY");
  CHECK((*changes)[0].checks == std::vector<std::string>{"net-online"});
  CHECK((*changes)[1].to == "READY");
  CHECK((*changes)[1].checks.empty());
  const auto matching =
      fleet::Matching(now, "readiness = READY", {fleet.ready.laptop, fleet.open.laptop});
  CHECK(*matching == std::set<std::int64_t>{fleet.open.laptop});
  // From the mark of the first one on there is the second.
  const auto rest = fleet::ChangesAfter(now, (*changes)[0].mark, 10);
  REQUIRE(rest->size() == 1);
  CHECK((*rest)[0].asset_tag == "PC-2");
  CHECK(fleet::ParseMark(fleet::ToText({12, 34})) == fleet::FleetMark{12, 34});
  for (const char* text : {"", "1", "1-", "-1-2", "a-b", "1-2-3"})
    CHECK(!fleet::ParseMark(text).has_value());

  const auto spans = fleet::ListVerdicts(now, "PC-1", {});
  REQUIRE(spans->items.size() == 2);
  CHECK(spans->items[0].verdict == "NOT_READY");
  CHECK(!spans->items[0].end.has_value());
  CHECK(spans->items[1].end == spans->items[0].start);
}

TEST_CASE("alerts are kept once, and listed until they are over") {
  SmallFleet fleet;
  test::ScratchFleet& scratch = fleet.intake.fleet;
  posture::AlertRules rules;
  rules.ready_drop = 1;
  const auto look = [&] {
    const auto figures = fleet::GatherAlertFigures(scratch.view(), rules);
    REQUIRE(figures.ok());
    const auto told = scratch.Do(
        [&](fleet::Change& change) { return fleet::KeepAlerts(change, rules, *figures); });
    REQUIRE(told.ok());
    CHECK(*fleet::AlertsChange(scratch.view(), rules, *figures) == false);
    return told->size();
  };
  scratch.clock.Advance(2 * kHour);
  REQUIRE(fleet.intake
              .Send(fleet.ready, ReportOf(2, 5, With(ReadyFacts(), FieldId::kNetworkOnline, false)))
              .ok());
  CHECK(look() == 1);
  CHECK(look() == 0);
  const auto open = fleet::ListAlerts(scratch.view(), false, {});
  REQUIRE(open->items.size() == 1);
  CHECK(open->items[0].message_en ==
        "1 laptop fewer can work from home than an hour ago (1, now 0)");
  scratch.clock.Advance(kMinute);
  REQUIRE(fleet.intake.Send(fleet.ready, ReportOf(3, 1, ReadyFacts())).ok());
  CHECK(look() == 1);
  CHECK(fleet::ListAlerts(scratch.view(), false, {})->items.empty());
  CHECK(fleet::ListAlerts(scratch.view(), true, {})->items.size() == 1);
}

TEST_CASE("a laptop that was asked for is quick for ten minutes from its next contact on") {
  Rechecks rechecks;
  CHECK(!rechecks.IsQuick(7, 0));
  CHECK(rechecks.Ask(7, 0) == Rechecks::Asked::kWaits);
  const std::int64_t called = 5 * kHour;
  CHECK(!rechecks.IsQuick(8, called));
  CHECK(rechecks.IsQuick(7, called));
  CHECK(rechecks.IsQuick(7, called + Rechecks::kQuickFor - 1));
  CHECK(!rechecks.IsQuick(7, called + Rechecks::kQuickFor));
  CHECK(!rechecks.IsQuick(7, called + Rechecks::kQuickFor + 1));
  CHECK(rechecks.Ask(7, 0) == Rechecks::Asked::kWaits);
  CHECK(!rechecks.IsQuick(7, Rechecks::kWaitFor));
  for (std::int64_t laptop = 0; laptop < static_cast<std::int64_t>(Rechecks::kMost); ++laptop)
    REQUIRE(rechecks.Ask(laptop, 1) == Rechecks::Asked::kWaits);
  CHECK(rechecks.Ask(1 << 20, 1) == Rechecks::Asked::kTooMany);
}

TEST_CASE("what was asked for outlives the daemon, as long as it would have lasted") {
  Rechecks rechecks;
  CHECK_FALSE(rechecks.TakeChanged().has_value());
  rechecks.Ask(7, 0);
  rechecks.Ask(8, 0);
  REQUIRE(rechecks.IsQuick(8, kMinute));
  const std::optional<std::string> kept = rechecks.TakeChanged();
  REQUIRE(kept.has_value());
  CHECK_FALSE(rechecks.TakeChanged().has_value());
  CHECK(rechecks.IsQuick(8, 2 * kMinute));
  CHECK_FALSE(rechecks.TakeChanged().has_value());

  const auto restored = [&](std::int64_t now) {
    auto again = std::make_unique<Rechecks>();
    again->Restore(*kept, now);
    return again;
  };
  CHECK(restored(2 * kMinute)->IsQuick(7, kHour));  // it still waits for its call
  CHECK(restored(2 * kMinute)->Ask(8, 3 * kMinute) == Rechecks::Asked::kIsQuick);
  CHECK_FALSE(restored(2 * kMinute)->IsQuick(8, kHour));  // its ten minutes are no longer than ten
  CHECK_FALSE(restored(Rechecks::kWaitFor)->IsQuick(7, Rechecks::kWaitFor));
  CHECK_FALSE(restored(2 * kMinute)->IsQuick(9, kHour));
  // The clock was a day ahead when it was asked for.
  CHECK_FALSE(restored(-kMinute)->IsQuick(7, 0));

  Rechecks damaged;
  damaged.Restore("7\nx 1 2 3\n\n9 99999999999999999999 0 0\n8 3600000000", 0);
  for (const std::int64_t laptop : {7, 8, 9}) CHECK_FALSE(damaged.IsQuick(laptop, 1));
  CHECK_FALSE(damaged.TakeChanged().has_value());
}

TEST_CASE("a laptop that is quick and asked for again is known to be quick, and stays so longer") {
  Rechecks rechecks;
  CHECK(rechecks.Ask(7, 0) == Rechecks::Asked::kWaits);
  CHECK(rechecks.Ask(7, 1) == Rechecks::Asked::kWaits);
  CHECK(rechecks.IsQuick(7, kMinute));
  CHECK(rechecks.Ask(7, 2 * kMinute) == Rechecks::Asked::kIsQuick);
  CHECK(rechecks.Ask(7, 3 * kMinute) == Rechecks::Asked::kIsQuick);
  CHECK(rechecks.IsQuick(7, 4 * kMinute));
  CHECK(rechecks.IsQuick(7, 4 * kMinute + Rechecks::kQuickFor - 1));
  // It was asked for, and did not call for longer than it was to be quick.
  CHECK(rechecks.Ask(7, 5 * kMinute) == Rechecks::Asked::kIsQuick);
  CHECK(rechecks.Ask(7, 6 * kMinute + Rechecks::kQuickFor) == Rechecks::Asked::kWaits);
  CHECK(rechecks.IsQuick(7, kHour));
}

}  // namespace parc::checkin

#include "daemon/fleet/rollout.h"

#include <catch2/catch.hpp>

#include "daemon/fleet/alerts.h"
#include "daemon/inventory/reason.h"
#include "fmt/format.h"
#include "tests/checkin/checkin_support.h"

namespace parc::checkin {

using fleet::ApplicationCount;
using fleet::Grouping;
using fleet::RolloutGroup;
using fleet::ToolVersion;
using inventory::FactSheet;
using inventory::FieldId;
using inventory::Section;

namespace {

using List = std::vector<std::string>;

FactSheet WithTools(const List& installed, const List& versions) {
  FactSheet facts = ReadyFacts();
  facts.sections.insert(Section::kTools);
  facts.values[FieldId::kToolsInstalled] = installed;
  facts.values[FieldId::kToolsVersions] = versions;
  return facts;
}

FactSheet WithApplications(const List& reachable, const List& unreachable) {
  FactSheet facts = ReadyFacts();
  facts.sections.insert(Section::kApplications);
  facts.values[FieldId::kApplicationsCount] =
      static_cast<std::int64_t>(reachable.size() + unreachable.size());
  facts.values[FieldId::kApplicationsReachable] = reachable;
  facts.values[FieldId::kApplicationsUnreachable] = unreachable;
  inventory::DeriveFacts(facts);
  return facts;
}

// Laptops PC-1, PC-2 … that somebody holds, each with one report.
void SendAll(ScratchIntake& intake, const std::vector<FactSheet>& sheets) {
  int number = 0;
  for (const FactSheet& facts : sheets) {
    ++number;
    const auto device = intake.AddLaptop(fmt::format("PC-{}", number));
    REQUIRE(intake.Send(device, ReportOf(1, number, facts)).ok());
  }
}

}  // namespace

TEST_CASE("a rollout counts who has a program, in which version, and who never told") {
  ScratchIntake intake;
  SendAll(intake,
          {WithTools({"firefox", "teams"}, {"firefox 128.3", "teams 1.5.00"}),
           WithTools({"teams"}, {"teams 1.5.00"}), WithTools({"teams"}, {"teams"}),
           WithTools({"teams-for-linux"}, {"teams-for-linux 2"}), WithTools({}, {}), ReadyFacts()});
  REQUIRE(intake.fleet.store.Write("UPDATE laptops SET model = 'ThinkPad' WHERE asset_tag = 'PC-2'")
              .ok());
  intake.AddLaptop("PC-7");  // never reported
  intake.AddLaptop("PC-8");
  intake.SetState("PC-8", "IN_STOCK");  // nobody holds it
  fleet::View& view = intake.fleet.view();
  const auto all = fleet::GetRolloutReport(view, "Teams", Grouping::kNone, "");
  INFO(all.status());
  REQUIRE(all.ok());
  CHECK(all->total == RolloutGroup{"", 7, 3, 2, 2});
  CHECK(all->groups.empty());
  CHECK(all->versions == std::vector<ToolVersion>{{"1.5.00", 2}, {"", 1}});
  CHECK(all->known.empty());

  const auto models = fleet::GetRolloutReport(view, "teams", Grouping::kModel, "");
  REQUIRE(models->groups.size() == 2);
  CHECK(models->groups[0] == RolloutGroup{"Latitude 5400", 6, 2, 2, 2});
  CHECK(models->groups[1] == RolloutGroup{"ThinkPad", 1, 1, 0, 0});
  CHECK(models->total == all->total);
  CHECK(fleet::GetRolloutReport(view, "teams", Grouping::kSite, "model = ThinkPad")->total ==
        RolloutGroup{"", 1, 1, 0, 0});

  const auto none = fleet::GetRolloutReport(view, "zoom", Grouping::kNone, "");
  CHECK(none->total == RolloutGroup{"", 7, 0, 5, 2});
  CHECK(none->known == List{"firefox", "teams", "teams-for-linux"});
  CHECK(ReasonOf(fleet::GetRolloutReport(view, "teams", Grouping::kCheck, "").status()) ==
        "BAD_GROUPING");
  CHECK(
      ReasonOf(fleet::GetRolloutReport(view, "teams", Grouping::kNone, "nonsense = 1").status()) ==
      "BAD_FILTER");
}

posture::Policy Asking(const List& applications) {
  posture::Policy policy = posture::DefaultPolicy();
  for (const std::string& id : applications) {
    REQUIRE(posture::AddApplication(policy, {id, id, 443, true, false, "", ""}).ok());
  }
  return policy;
}

// "wiki 1/3": one of three that looked.
List Counted(const absl::StatusOr<std::vector<ApplicationCount>>& counts) {
  INFO(counts.status());
  REQUIRE(counts.ok());
  List list;
  for (const ApplicationCount& count : *counts) {
    list.push_back(fmt::format("{} {}/{}{}", count.application.id, count.reached,
                               count.reached + count.failed, count.IsReachable() ? "" : " !"));
  }
  return list;
}

TEST_CASE("applications are counted by who reaches them, the most missed first") {
  ScratchIntake intake;
  SendAll(intake, {WithApplications({"mail", "wiki"}, {}), WithApplications({"mail"}, {"wiki"}),
                   WithApplications({"mail"}, {"erp", "gone", "wiki"}), ReadyFacts()});
  const posture::Policy policy = Asking({"mail", "new", "erp", "wiki"});
  fleet::View& view = intake.ViewBy(&policy);
  CHECK(Counted(fleet::CountApplications(view, "")) ==
        List{"wiki 1/3 !", "erp 0/1 !", "mail 3/3", "new 0/0 !"});
  CHECK(Counted(fleet::CountApplications(view, "applications.reachable:wiki")) ==
        List{"mail 1/1", "new 0/0 !", "erp 0/0 !", "wiki 1/1"});
  CHECK(ReasonOf(fleet::CountApplications(view, "nonsense = 1").status()) == "BAD_FILTER");

  posture::AlertRules rules;
  rules.application_laptops = 2;
  const auto figures = fleet::GatherAlertFigures(view, rules);
  REQUIRE(figures.ok());
  CHECK(figures->unreachable == std::map<std::string, std::int64_t>{{"erp", 1}, {"wiki", 2}});
  rules.application_laptops = 0;
  CHECK(fleet::GatherAlertFigures(view, rules)->unreachable.empty());
}

}  // namespace parc::checkin

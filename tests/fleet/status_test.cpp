#include <catch2/catch.hpp>
#include <string>

#include "fmt/format.h"
#include "tests/fleet/fleet_support.h"

namespace parc::test {
namespace {

using fleet::Change;
using fleet::Coverage;
using fleet::ImportKind;
using inventory::LaptopEvent;

// The reference case: 900 people at headquarters, 620 equipped, 100 laptops in stock, 200 on order;
// 2,700 in high schools, who need none; 40 elected members, equipped apart.
std::string PeopleFile() {
  std::string csv = "Matricule;Nom;Population;Priorité;Besoin portable;Date d'arrivée\n";
  const auto add = [&](char letter, int count, const char* population, const char* rest) {
    for (int i = 1; i <= count; ++i)
      csv += fmt::format("{0}{1:04};Personne {0}{1};{2};{3}\n", letter, i, population, rest);
  };
  add('S', 900, "Siège", "3;Oui;01/09/2015");
  add('L', 2700, "Lycées", "4;Non;01/09/2015");
  add('E', 40, "Élus", "1;Oui;01/09/2015");
  return csv;
}

std::string LaptopsFile() {
  std::string csv = "Étiquette;Modèle;État;Attribué à;Date d'effet\n";
  for (int i = 1; i <= 620; ++i)
    csv += fmt::format("PC-{0:04};Latitude;Attribué;S{0:04};15/01/2019\n", i);
  for (int i = 621; i <= 720; ++i) csv += fmt::format("PC-{:04};Latitude;Prêt;;02/03/2020\n", i);
  for (int i = 1; i <= 40; ++i)
    csv += fmt::format("EL-{0:04};Latitude;Attribué;E{0:04};15/01/2019\n", i);
  return csv;
}

constexpr char kOrdersFile[] =
    "Commande;Fournisseur;Date de commande;Ligne;Modèle;Quantité;Date promise;Annoncée le\n"
    "CMD-2020-01;ACME;06/01/2020;1;Latitude;120;15/04/2020;06/01/2020\n"
    "CMD-2020-01;ACME;06/01/2020;2;Latitude;80;30/04/2020;06/01/2020\n";

struct TheCase : ScratchFleet {
  TheCase() {
    clock.SetDay(Day("2020-03-11"));
    REQUIRE(Summary(Import(*this, ImportKind::kPeople, PeopleFile())) ==
            "3640 created, 0 updated, 0 unchanged, 0 refused, applied");
    REQUIRE(Summary(Import(*this, ImportKind::kLaptops, LaptopsFile())) ==
            "760 created, 0 updated, 0 unchanged, 0 refused, applied");
    REQUIRE(Summary(Import(*this, ImportKind::kOrders, kOrdersFile)) ==
            "2 created, 0 updated, 0 unchanged, 0 refused, applied");
    // The two days, about fifty hand-outs each.
    for (int i = 621; i <= 720; ++i) {
      clock.SetDay(Day(i <= 670 ? "2020-03-16" : "2020-03-17"));
      REQUIRE(Assign(*this, fmt::format("PC-{:04}", i), fmt::format("S{:04}", i)).ok());
    }
    clock.SetDay(Day("2020-03-20"));
  }

  Coverage Of(const std::string& population, const inventory::Moment& moment) {
    const auto status = view().GetStatus(fmt::format("population = \"{}\"", population), moment);
    INFO(status.status());
    REQUIRE(status.ok());
    REQUIRE(status->coverage.size() <= 1);
    return status->total;
  }
};

TEST_CASE("the status of the case tells 620 of 900 before, 720 of 900 after, on any day asked") {
  TheCase fleet;
  const auto equipped = [&](const char* day) {
    return fleet.Of("Siège", {.as_of = Day(day), .known_at = {}}).equipped;
  };
  CHECK(fleet.Of("Siège", {}).needed == 900);
  CHECK(equipped("2020-03-12") == 620);
  CHECK(equipped("2020-03-15") == 620);
  CHECK(equipped("2020-03-16") == 670);
  CHECK(equipped("2020-03-17") == 720);
  CHECK(equipped("2020-03-20") == 720);
  CHECK(equipped("2019-01-15") == 620);
  CHECK(equipped("2019-01-14") == 0);
  CHECK(fleet.Of("Siège", {}).equipped == 720);
  CHECK(fleet.Of("siege", {}).equipped == 720);
  // High schools need none, and count nobody.
  CHECK(fleet.Of("Lycées", {}).needed == 0);
  CHECK(fleet.Of("Élus", {}) == Coverage{fleet.Of("Élus", {}).population, 40, 40, 0});

  const auto status = fleet.view().GetStatus("", {});
  REQUIRE(status.ok());
  REQUIRE(status->coverage.size() == 2);
  CHECK(status->coverage[0].population == "Siège");  // the largest need first
  CHECK(status->coverage[0].equipped == 720);
  CHECK(status->total.needed == 940);
  CHECK(status->total.equipped == 760);
  CHECK(status->on_order == 200);
  CHECK(status->by_state.at("ASSIGNED") == 760);
  CHECK(status->by_state.count("PREPARED") == 0);
  CHECK(status->as_of == Day("2020-03-20"));
  // No agent has reported yet.
  CHECK(status->by_verdict == std::map<std::string, std::int64_t>{{"UNKNOWN", 760}});
  CHECK(status->alerts.empty());

  const auto before = fleet.view().GetStatus("", {.as_of = Day("2020-03-12"), .known_at = {}});
  REQUIRE(before.ok());
  CHECK(before->by_state.at("PREPARED") == 100);
  CHECK(before->by_state.at("ASSIGNED") == 660);
  CHECK(before->on_order == 200);
  CHECK(fleet.view().GetStatus("", {.as_of = Day("2020-01-05"), .known_at = {}})->on_order == 0);
}

TEST_CASE("what is told late changes the past as it is believed, and not as it was believed") {
  TheCase fleet;
  const std::int64_t then = fleet.clock.now();
  fleet.clock.SetDay(Day("2020-03-25"));
  fleet.effective = Day("2020-03-18");
  REQUIRE(Return(fleet, "PC-0001").ok());
  CHECK(fleet.Of("Siège", {.as_of = Day("2020-03-20"), .known_at = {}}).equipped == 719);
  CHECK(fleet.Of("Siège", {.as_of = Day("2020-03-20"), .known_at = then}).equipped == 720);
  CHECK(fleet.Of("Siège", {.as_of = Day("2020-03-17"), .known_at = {}}).equipped == 720);
  CHECK(fleet.Of("Siège", {.as_of = {}, .known_at = then}).equipped == 720);
}

TEST_CASE("a laptop in repair equips nobody, two laptops equip one person once") {
  TheCase fleet;
  REQUIRE(Move(fleet, "PC-0001", LaptopEvent::kRepair).ok());
  CHECK(fleet.Of("Siège", {}).equipped == 719);
  AddLaptop(fleet, "PC-9001");
  REQUIRE(Assign(fleet, "PC-9001", "S0002", /*additional=*/true).ok());
  CHECK(fleet.Of("Siège", {}).equipped == 719);
}

TEST_CASE("people who have left, or not yet come, do not count") {
  ScratchFleet fleet;
  inventory::Person person = PersonOf("p-1");
  person.start = Day("2020-03-10");
  person.end = Day("2020-03-15");
  fleet.effective = Day("2020-01-01");
  AddPerson(fleet, person);
  const auto needed = [&](const char* day) {
    return fleet.view().GetStatus("", {.as_of = Day(day), .known_at = {}})->total.needed;
  };
  CHECK(needed("2020-03-09") == 0);
  CHECK(needed("2020-03-10") == 1);
  CHECK(needed("2020-03-15") == 1);
  CHECK(needed("2020-03-16") == 0);
}

TEST_CASE("receipts and cancellations lower what is on order from their day on") {
  TheCase fleet;
  fleet.clock.SetDay(Day("2020-04-20"));
  Change::Reception reception;
  reception.line = "CMD-2020-01/1";
  for (int i = 0; i < 100; ++i) reception.serials.push_back(fmt::format("SN7X{:04}", i));
  fleet.effective = Day("2020-04-15");
  REQUIRE(fleet.Do([&](Change& change) { return change.ReceiveLaptops(reception); }).ok());
  fleet.effective = Day("2020-04-18");
  REQUIRE(
      fleet.Do([&](Change& change) { return change.CancelOrderLine("CMD-2020-01/2", 30); }).ok());
  const auto on_order = [&](const char* day) {
    return fleet.view().GetStatus("", {.as_of = Day(day), .known_at = {}})->on_order;
  };
  CHECK(on_order("2020-04-14") == 200);
  CHECK(on_order("2020-04-15") == 100);
  CHECK(on_order("2020-04-18") == 70);
  // 20 units of line 1 are open after 15 April: one order is late.
  const auto status = fleet.view().GetStatus("", {});
  REQUIRE(status->alerts.size() == 1);
  CHECK(status->alerts[0].reason == "ORDERS_LATE");
  CHECK(status->alerts[0].count == 1);
}

TEST_CASE("a status of a filter that cannot be read is refused") {
  ScratchFleet fleet;
  CHECK(Refusal(fleet.view().GetStatus("state = LOST", {}).status()) ==
        "INVALID_ARGUMENT BAD_FILTER");
}

}  // namespace
}  // namespace parc::test

#include <catch2/catch.hpp>
#include <string>

#include "fmt/format.h"
#include "tests/fleet/fleet_support.h"

namespace parc::test {
namespace {

using Catch::Contains;
using fleet::ImportKind;
using inventory::LaptopState;
using inventory::Money;

constexpr char kLaptops[] =
    "N° d'inventaire;N° de série;Marque;Modèle;État;Attribué à;Site;Date d'effet;Date d'achat;Prix;"
    "Fin de garantie;Mots-clés;Remarques;Ancien numéro\n"
    "PC-1;PF0ABCDE;Dell;Latitude 5400;Attribué;p-1;ORL;15/01/2019;10/01/2019;1 234,56 €;"
    "10/01/2022;prêt vpn;\"écran\nrayé\";007\n"
    "PC-2;PF0ABCDF;Dell;Latitude 5400;Prêt;;ORL;02/03/2020;;899.9;;;;\n"
    "PC-3;;Dell;Latitude 5400;En stock;;;;;;;;;\n";

struct WithPerson : ScratchFleet {
  WithPerson() {
    effective = Day("2018-01-01");
    AddSite(*this, "ORL", "Orléans");
    AddPerson(*this, PersonOf("P-1"));
    AddPerson(*this, PersonOf("P-2"));
    effective.reset();
  }
};

TEST_CASE("a file of laptops as an office writes it becomes laptops, in the middle of their life") {
  WithPerson fleet;
  CHECK(Summary(Import(fleet, ImportKind::kLaptops, kLaptops)) ==
        "3 created, 0 updated, 0 unchanged, 0 refused, applied");
  const auto first = Get(fleet, "PC-1");
  CHECK(first.serial == "PF0ABCDE");
  CHECK(first.manufacturer == "Dell");
  CHECK(first.state == LaptopState::kAssigned);
  CHECK(first.state_since == Day("2019-01-15"));
  CHECK(first.holder == "P-1");
  CHECK(first.site == "ORL");
  CHECK(first.purchase_date == Day("2019-01-10"));
  CHECK(first.price == Money{1'234'560'000, "EUR"});
  CHECK(first.warranty_end == Day("2022-01-10"));
  CHECK(first.tags == std::vector<std::string>{"prêt", "vpn"});
  CHECK(first.notes == "écran\nrayé");
  CHECK(first.extra == std::map<std::string, std::string>{{"Ancien numéro", "007"}});
  const auto second = Get(fleet, "pf0abcdf");
  CHECK(second.asset_tag == "PC-2");
  CHECK(second.price == Money{899'900'000, "EUR"});
  CHECK(Get(fleet, "PC-3").state == LaptopState::kInStock);
  CHECK(Get(fleet, "PC-3").state_since == Day("2020-03-20"));
  const auto history = fleet.view().LaptopHistory("PC-1", {});
  REQUIRE(history->items.size() == 1);
  CHECK(history->items[0].event == inventory::LaptopEvent::kImport);
  CHECK(history->items[0].effective == Day("2019-01-15"));
  CHECK(history->items[0].person == "P-1");
}

TEST_CASE("the same file of laptops twice changes nothing") {
  WithPerson fleet;
  REQUIRE(Import(fleet, ImportKind::kLaptops, kLaptops).ok());
  fleet.clock.SetDay(Day("2020-03-25"));
  CHECK(Summary(Import(fleet, ImportKind::kLaptops, kLaptops)) ==
        "0 created, 0 updated, 3 unchanged, 0 refused, applied");
  CHECK(fleet.store.Integer("SELECT COUNT(*) FROM laptop_versions") == 3);
  CHECK(fleet.store.Integer("SELECT COUNT(*) FROM laptop_events") == 3);
}

TEST_CASE("a row whose asset tag is another's serial, or the reverse, is refused") {
  WithPerson fleet;
  REQUIRE(Import(fleet, ImportKind::kLaptops, "Asset tag;Serial\nPC-1;PF0ABCDE\nPC-2;\n").ok());
  const auto imported = Import(fleet, ImportKind::kLaptops,
                               "Asset tag;Serial\n"
                               "PF0ABCDE;\n"
                               "PC-3;PC-2\n"
                               ";PC-2\n"
                               "PC-2;PC-1\n"
                               "PC-4;PF0ABCDF\n"
                               "pf0abcdf;\n"
                               "PC-1;PF0ABCDE\n",
                               /*partial=*/true);
  CHECK(Summary(imported) == "1 created, 0 updated, 1 unchanged, 5 refused, applied");
  REQUIRE(imported->rows.size() == 6);
  CHECK_THAT(imported->rows[0].message, Contains("is the serial of laptop PC-1"));
  CHECK_THAT(imported->rows[1].message, Contains("is the asset tag of laptop PC-2"));
  CHECK_THAT(imported->rows[2].message, Contains("is the asset tag of laptop PC-2"));
  CHECK_THAT(imported->rows[3].message, Contains("is the asset tag of laptop PC-1"));
  CHECK_THAT(imported->rows[5].message, Contains("is the serial of laptop PC-4"));
}

TEST_CASE("a serial that occurs twice is told by the line of the second") {
  WithPerson fleet;
  const auto imported = Import(fleet, ImportKind::kLaptops,
                               "Asset tag;Serial\n"
                               "PC-1;PF0ABCDE\n"
                               "PC-2;PF0ABCDF\n"
                               "PC-3;pf0abcde\n"
                               "PC-4;To be filled by O.E.M.\n"
                               "PC-5;\n"
                               "PC-6;\n");
  CHECK(Summary(imported) == "4 created, 0 updated, 0 unchanged, 2 refused, not applied");
  CHECK(imported->rows[2].line == 4);
  CHECK(imported->rows[2].key == "PC-3");
  CHECK_THAT(imported->rows[2].message,
             Contains("Serial: \"pf0abcde\" belongs to laptop PC-1 already"));
  CHECK(imported->rows[3].line == 5);
  CHECK_THAT(imported->rows[3].message, Contains("is a placeholder that the maker left in"));
  CHECK(fleet.store.Integer("SELECT COUNT(*) FROM laptops") == 0);
}

TEST_CASE("a laptop is matched by its asset tag, else by its serial") {
  WithPerson fleet;
  REQUIRE(Import(fleet, ImportKind::kLaptops, kLaptops).ok());
  const auto by_serial =
      Import(fleet, ImportKind::kLaptops, "Numéro de série;Modèle\n pf0abcde ;Latitude 5410\n");
  CHECK(Summary(by_serial) == "0 created, 1 updated, 0 unchanged, 0 refused, applied");
  CHECK(by_serial->rows[0].key == "PC-1");
  CHECK(Get(fleet, "PC-1").model == "Latitude 5410");
  CHECK(Get(fleet, "PC-1").holder == "P-1");
  const auto fresh = Import(fleet, ImportKind::kLaptops, "Serial;Model\nPF0NEW01;XPS\n");
  CHECK(Summary(fresh) == "1 created, 0 updated, 0 unchanged, 0 refused, applied");
  CHECK(Get(fleet, "PF0NEW01").asset_tag == "PF0NEW01");
  const auto neither = Import(fleet, ImportKind::kLaptops, "Serial;Asset tag;Model\n;;XPS\n");
  CHECK_THAT(neither->rows[0].message, Contains("a laptop needs one of them"));
}

TEST_CASE("cells of a row that contradict each other are refused") {
  WithPerson fleet;
  struct Row {
    const char* row;
    const char* message;
  };
  const std::vector<Row> rows = {
      {"PC-1;En stock;P-1;;;", "is named, but the laptop is not assigned"},
      {"PC-1;Attribué;;;;", "is empty, but the laptop is assigned"},
      {"PC-1;Attribué;nobody;;;", "Holder: \"nobody\" is nobody's id"},
      {"PC-1;cassé;;;;", "State: \"cassé\" is no state of a laptop"},
      {"PC-1;En stock;;21/03/2020;;", "lies in the future"},
      {"PC-1;En stock;;;1e18;", "Price: \"1e18\" is no amount"},
      {"PC-1;En stock;;;1000000000000000000;", "is no amount"},
      {"PC-1;En stock;;;1000001;", "price: the price must lie between 0 and 1,000,000"},
      {"PC-1;En stock;;;-5;", "is no amount"},
      {"PC-1;En stock;;;1.234,56;", "is no amount"},
      {"PC-1;En stock;;;5;€€", "the currency must be three capital letters"},
  };
  for (const Row& row : rows) {
    INFO(row.row);
    const auto imported =
        Import(fleet, ImportKind::kLaptops,
               fmt::format("Asset tag;State;Holder;State since;Price;Currency\n{}\n", row.row));
    CHECK(Summary(imported) == "0 created, 0 updated, 0 unchanged, 1 refused, not applied");
    CHECK_THAT(imported->rows[0].message, Contains(row.message));
  }
}

TEST_CASE("a file moves laptops from the day it states, never before what is known already") {
  WithPerson fleet;
  REQUIRE(Import(fleet, ImportKind::kLaptops, kLaptops).ok());
  const auto moved = Import(fleet, ImportKind::kLaptops,
                            "Asset tag;State;Holder;Effective date\n"
                            "PC-2;Assigned;P-2;12/03/2020\n");
  CHECK(Summary(moved) == "0 created, 1 updated, 0 unchanged, 0 refused, applied");
  CHECK_THAT(moved->rows[0].message,
             Contains("state: PREPARED → ASSIGNED") && Contains("holder: – → P-2"));
  CHECK(Get(fleet, "PC-2", {.as_of = Day("2020-03-11"), .known_at = {}}).state ==
        LaptopState::kPrepared);
  CHECK(Get(fleet, "PC-2", {.as_of = Day("2020-03-12"), .known_at = {}}).holder == "P-2");
  const auto early = Import(fleet, ImportKind::kLaptops,
                            "Asset tag;State;Holder;Effective date\n"
                            "PC-2;Returned;;01/03/2020\n");
  CHECK_THAT(early->rows[0].message, Contains("has a later event, of 2020-03-12"));
}

TEST_CASE("a file that names one laptop twice takes its rows in their order") {
  WithPerson fleet;
  CHECK(Summary(Import(fleet, ImportKind::kLaptops,
                       "Asset tag;State;Holder;Effective date\n"
                       "PC-1;Prepared;;01/03/2020\n"
                       "PC-1;Assigned;P-1;12/03/2020\n"
                       "PC-1;Returned;;15/03/2020\n")) ==
        "1 created, 2 updated, 0 unchanged, 0 refused, applied");
  const auto state = [&](const char* day) {
    return Get(fleet, "PC-1", {.as_of = Day(day), .known_at = {}}).state;
  };
  CHECK(state("2020-03-11") == LaptopState::kPrepared);
  CHECK(state("2020-03-12") == LaptopState::kAssigned);
  CHECK(state("2020-03-14") == LaptopState::kAssigned);
  CHECK(state("2020-03-15") == LaptopState::kReturned);
  CHECK(Get(fleet, "PC-1").holder.empty());
  // One version and no more holds on each day.
  fleet::ListQuery then;
  then.moment.as_of = Day("2020-03-13");
  CHECK(fleet.view().ListLaptops(then, {})->total == 1);
}

TEST_CASE("a known laptop moves in a file as by the verbs, and in no other way") {
  WithPerson fleet;
  REQUIRE(Import(fleet, ImportKind::kLaptops,
                 "Asset tag;State;Holder;Effective date\n"
                 "HELD;Assigned;P-1;01/03/2020\n"
                 "FREE;Prepared;;01/03/2020\n"
                 "AWAY;In repair;P-2;01/03/2020\n"
                 "BACK;Returned;;01/03/2020\n"
                 "GONE;Stolen;;01/03/2020\n"
                 "OLD;Retired;;01/03/2020\n")
              .ok());
  struct Row {
    const char* row;
    const char* event;    // empty: refused
    const char* message;  // of the refusal
  };
  const std::vector<Row> rows = {
      {"GONE;Prepared;", "", "STOLEN cannot become PREPARED in one step; possible: FOUND, WRITE"},
      {"OLD;Assigned;P-2", "", "RETIRED cannot become ASSIGNED in one step; possible: none"},
      {"BACK;Assigned;P-2", "", "cannot become ASSIGNED in one step; possible: RESTOCK"},
      {"FREE;Retired;", "", "possible: ASSIGN, UNPREPARE, LOSE, STEAL"},
      {"FREE;Assigned;P-1", "", "already holds HELD"},
      {"HELD;Assigned;P-2", "", "change hands at once"},
      {"HELD;In repair;P-2", "", "does not give a laptop to somebody"},
      {"AWAY;Assigned;P-1", "", "does not give a laptop to somebody"},
      {"FREE;Assigned;P-2", "ASSIGN", ""},
      {"HELD;Returned;", "RETURN", ""},
      {"HELD;In repair;P-1", "REPAIR", ""},
      {"AWAY;Assigned;P-2", "REPAIRED", ""},
      {"AWAY;Assigned;", "REPAIRED", ""},
      {"GONE;Returned;", "FOUND", ""},
      {"GONE;Retired;", "WRITE_OFF", ""},
      {"BACK;In stock;", "RESTOCK", ""},
  };
  for (const Row& row : rows) {
    INFO(row.row);
    std::string event;
    const auto file = fleet::ReadImportFile(ImportKind::kLaptops,
                                            fmt::format("Asset tag;State;Holder\n{}\n", row.row),
                                            fleet::Encoding::kAuto);
    REQUIRE(file.ok());
    const auto tried = fleet.Do(
        [&](fleet::Change& change) -> absl::StatusOr<fleet::ImportResult> {
          auto imported = change.Import(*file, false);
          fleet::View view(change.connection());
          const std::string tag(std::string_view(row.row).substr(0, 4));
          const auto history = view.LaptopHistory(tag == "OLD;" ? "OLD" : tag, {});
          event = inventory::ToString(history->items.at(0).event);
          return imported;
        },
        /*validate_only=*/true);
    REQUIRE(tried.ok());
    CHECK(tried->refused == (*row.event == '\0' ? 1 : 0));
    if (*row.event == '\0') CHECK_THAT(tried->rows.at(0).message, Contains(row.message));
    if (*row.event != '\0') CHECK(event == row.event);
  }
}

TEST_CASE("a row gives no laptop to who has left; one that they still hold may be recorded") {
  WithPerson fleet;
  REQUIRE(
      Import(fleet, ImportKind::kPeople, "Matricule;Nom;Population;End\nP-1;Ann;Siège;10/03/2020\n")
          .ok());
  REQUIRE(Import(fleet, ImportKind::kLaptops,
                 "Asset tag;State;Holder;Effective date\n"
                 "FREE;Prepared;;01/03/2020\n"
                 "HELD;Assigned;P-1;01/02/2020\n")
              .ok());
  REQUIRE(Return(fleet, "HELD").ok());
  const auto late =
      Import(fleet, ImportKind::kLaptops, "Asset tag;State;Holder\nFREE;Assigned;P-1\n");
  CHECK(Summary(late) == "0 created, 0 updated, 0 unchanged, 1 refused, not applied");
  REQUIRE(late->rows.size() == 1);
  CHECK_THAT(late->rows[0].message, Contains("last day of this person was 2020-03-10"));
  CHECK(Summary(Import(fleet, ImportKind::kLaptops,
                       "Asset tag;State;Holder;Effective date\nFREE;Assigned;P-1;09/03/2020\n")) ==
        "0 created, 1 updated, 0 unchanged, 0 refused, applied");
}

TEST_CASE("who held a laptop before their record begins was there by then") {
  ScratchFleet fleet;
  REQUIRE(Import(fleet, ImportKind::kPeople, "Matricule;Nom;Population\nP-1;Ann;Siège\n").ok());
  const std::int64_t before = fleet.clock.Tick();
  REQUIRE(Import(fleet, ImportKind::kLaptops,
                 "Asset tag;State;Holder;Effective date\nPC-1;Assigned;P-1;12/03/2020\n")
              .ok());
  const auto person = [&](const char* day, std::optional<std::int64_t> known) {
    return fleet.view().GetPerson("P-1", {.as_of = Day(day), .known_at = known});
  };
  CHECK(Get(fleet, "PC-1", {.as_of = Day("2020-03-12"), .known_at = {}}).holder == "P-1");
  CHECK(person("2020-03-12", {})->equipped);
  CHECK_FALSE(person("2020-03-11", {}).ok());
  CHECK_FALSE(person("2020-03-12", before).ok());
  CHECK(person("2020-03-20", before).ok());
  CHECK(fleet.view().GetStatus("", {.as_of = Day("2020-03-12"), .known_at = {}})->total.equipped ==
        1);
  // Later changes of the person go on from there.
  REQUIRE(Import(fleet, ImportKind::kPeople, "Matricule;Nom;Population\nP-1;Anne;Siège\n").ok());
  CHECK(person("2020-03-12", {})->name == "Ann");
  CHECK(person("2020-03-20", {})->name == "Anne");
}

TEST_CASE("a laptop that a file declares lost or retired loses its devices as by the verb") {
  WithPerson fleet;
  REQUIRE(Import(fleet, ImportKind::kLaptops, kLaptops).ok());
  CHECK(fleet.revoked.empty());
  REQUIRE(Import(fleet, ImportKind::kLaptops, "Asset tag;État\nPC-1;Volé\nPC-2;Perdu\n").ok());
  CHECK(fleet.revoked.size() == 2);
  CHECK(fleet.revoked_and_committed.size() == 2);
  CHECK(Get(fleet, "PC-1").holder.empty());
  fleet.revoked.clear();
  REQUIRE(Import(fleet, ImportKind::kLaptops, "Asset tag;Model\nPC-1;Latitude 5401\n").ok());
  CHECK(fleet.revoked.empty());  // lost before, and only renamed now
}

}  // namespace
}  // namespace parc::test

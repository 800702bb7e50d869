#include <catch2/catch.hpp>
#include <string>

#include "tests/fleet/fleet_support.h"

namespace parc::test {
namespace {

using Catch::Contains;
using fleet::ImportKind;
using inventory::Telework;

constexpr char kSites[] =
    "Code;Nom;Département;Site parent\n"
    "ORL;Orléans;Loiret;\n"
    "ORL-STOCK;Réserve du siège;Loiret;ORL\n";

constexpr char kPeople[] =
    "Matricule;Nom;Prénom;Courriel;Direction;Population;Site;Priorité;Besoin portable;Télétravail;"
    "Date d'arrivée;Étage\n"
    "P-1;Dupont;André;andre.dupont@example.fr;DSI;Siège;ORL;1;Oui;Accordé;01/09/2015;3\n"
    "P-2;Élouard;Zoé;;DRH;Siège;orléans;2;x;Demandé;1/2/19;\n"
    "P-3;Martin;Léa;;Lycées;Lycées;;4;Non;Non demandé;;\n";

TEST_CASE("a file of people as an office writes it becomes people") {
  ScratchFleet fleet;
  REQUIRE(Summary(Import(fleet, ImportKind::kSites, kSites)) ==
          "2 created, 0 updated, 0 unchanged, 0 refused, applied");
  const auto imported = Import(fleet, ImportKind::kPeople, kPeople);
  CHECK(Summary(imported) == "3 created, 0 updated, 0 unchanged, 0 refused, applied");
  CHECK_THAT(imported->dialect, Contains("utf-8, separator ';', 12 columns, 3 rows") &&
                                    Contains("extra columns kept: Étage"));
  const auto first = fleet.view().GetPerson("p-1", {});
  REQUIRE(first.ok());
  CHECK(first->name == "André Dupont");
  CHECK(first->mail == "andre.dupont@example.fr");
  CHECK(first->unit == "DSI");
  CHECK(first->population == "Siège");
  CHECK(first->site == "ORL");
  CHECK(first->tier == 1);
  CHECK(first->needs_laptop);
  CHECK(first->telework == Telework::kApproved);
  CHECK(first->start == Day("2015-09-01"));
  CHECK(first->extra == std::map<std::string, std::string>{{"Étage", "3"}});
  const auto second = fleet.view().GetPerson("P-2", {});
  CHECK(second->site == "ORL");
  CHECK(second->start == Day("2019-02-01"));
  CHECK(second->telework == Telework::kRequested);
  CHECK_FALSE(fleet.view().GetPerson("P-3", {})->needs_laptop);
  CHECK(fleet.view().GetSite("ORL-STOCK")->parent == "ORL");
}

TEST_CASE("the same file twice changes nothing") {
  ScratchFleet fleet;
  REQUIRE(Import(fleet, ImportKind::kSites, kSites).ok());
  REQUIRE(Import(fleet, ImportKind::kPeople, kPeople).ok());
  fleet.clock.SetDay(Day("2020-03-25"));
  CHECK(Summary(Import(fleet, ImportKind::kSites, kSites)) ==
        "0 created, 0 updated, 2 unchanged, 0 refused, applied");
  const auto again = Import(fleet, ImportKind::kPeople, kPeople);
  CHECK(Summary(again) == "0 created, 0 updated, 3 unchanged, 0 refused, applied");
  CHECK(again->rows.empty());
  CHECK(fleet.store.Integer("SELECT max(revision) FROM people") == 1);
  CHECK(fleet.store.Integer("SELECT COUNT(*) FROM person_versions") == 3);
}

TEST_CASE("columns may stand in any order and language; missing ones leave what is known") {
  ScratchFleet fleet;
  REQUIRE(Import(fleet, ImportKind::kSites, kSites).ok());
  REQUIRE(Import(fleet, ImportKind::kPeople, kPeople).ok());
  const auto updated = Import(fleet, ImportKind::kPeople,
                              "tier,PERSON,Display name,Room\n"
                              "3,p-1,André Dupont,B 12\n");
  CHECK(Summary(updated) == "0 created, 1 updated, 0 unchanged, 0 refused, applied");
  REQUIRE(updated->rows.size() == 1);
  CHECK(updated->rows[0].line == 2);
  CHECK(updated->rows[0].key == "P-1");
  CHECK_THAT(updated->rows[0].message, Contains("tier: 1 → 3"));
  const auto person = fleet.view().GetPerson("P-1", {});
  CHECK(person->tier == 3);
  CHECK(person->site == "ORL");
  CHECK(person->start == Day("2015-09-01"));
  // What another file said in columns of its own stays.
  CHECK(person->extra == std::map<std::string, std::string>{{"Étage", "3"}, {"Room", "B 12"}});
  REQUIRE(Import(fleet, ImportKind::kPeople, "Person;Name;Étage\nP-1;André Dupont;\n").ok());
  CHECK(fleet.view().GetPerson("P-1", {})->extra ==
        std::map<std::string, std::string>{{"Room", "B 12"}});
}

TEST_CASE("a person is known from their first day, or from the day the file states") {
  ScratchFleet fleet;
  REQUIRE(Import(fleet, ImportKind::kPeople,
                 "Id;Name;Population;Start date;Effective date\n"
                 "P-1;A;Siège;01/09/2015;\n"
                 "P-2;B;Siège;;15/01/2020\n"
                 "P-3;C;Siège;;\n"
                 "P-4;D;Siège;01/09/2030;\n")
              .ok());
  const auto known = [&](const char* id, const char* day) {
    return fleet.view().GetPerson(id, {.as_of = Day(day), .known_at = {}}).ok();
  };
  CHECK(known("P-1", "2015-09-01"));
  CHECK_FALSE(known("P-1", "2015-08-31"));
  CHECK(known("P-2", "2020-01-15"));
  CHECK_FALSE(known("P-2", "2020-01-14"));
  CHECK(known("P-3", "2020-03-20"));
  CHECK_FALSE(known("P-3", "2020-03-19"));
  CHECK(known("P-4", "2020-03-20"));  // recorded today, though they come later
}

TEST_CASE("a row that cannot be right is refused by its line, key and header as written") {
  struct Row {
    std::string row;
    std::string message;
  };
  const Row row = GENERATE(
      Row{"P 1;A;Siège;1;Oui;;", "id: may hold letters without accents"},
      Row{";A;Siège;1;Oui;;", "id: is required"}, Row{"P-1;;Siège;1;Oui;;", "display_name"},
      Row{"P-1;A;;1;Oui;;", "population: is required"},
      Row{"P-1;A;Siège;5;Oui;;", "tier: must lie between 1 and 4"},
      Row{"P-1;A;Siège;un;Oui;;", "Priorité: \"un\" is no whole number"},
      Row{"P-1;A;Siège;1;peut-être;;", "Besoin portable: \"peut-être\" is neither yes nor no"},
      Row{"P-1;A;Siège;1;Oui;30/02/2020;",
          "Date d'arrivée: \"30/02/2020\" is no date of the calendar"},
      Row{"P-1;A;Siège;1;Oui;31/04/2020;", "is no date of the calendar"},
      Row{"P-1;A;Siège;1;Oui;1/257/2020;", "is no date of the calendar"},
      Row{"P-1;A;Siège;1;Oui;hier;", "is no date (dd/mm/yyyy or yyyy-mm-dd)"},
      Row{"P-1;A;Siège;1;Oui;01/09;", "is no date (dd/mm/yyyy"},
      Row{"P-1;A;Siège;1;Oui;;PAR", "Site: \"PAR\" is no known site"},
      Row{"P-1;A;Siège;1;Oui;", "6 cells where the header has 7"},
      Row{"P-1;A;Siège;1;Oui;;;", "8 cells where the header has 7"},
      Row{"P-1;A\x1B[2J;Siège;1;Oui;;", "display_name: holds control characters"});
  INFO(row.row);
  ScratchFleet fleet;
  const auto refused = Import(
      fleet, ImportKind::kPeople,
      "Matricule;Nom;Population;Priorité;Besoin portable;Date d'arrivée;Site\n" + row.row + "\n");
  CHECK(Summary(refused) == "0 created, 0 updated, 0 unchanged, 1 refused, not applied");
  REQUIRE(refused->rows.size() == 1);
  CHECK(refused->rows[0].line == 2);
  CHECK(refused->rows[0].outcome == fleet::RowOutcome::kRefused);
  CHECK_THAT(refused->rows[0].message, Contains(row.message));
}

TEST_CASE("one refused row undoes the whole file, unless the rest is wanted") {
  ScratchFleet fleet;
  const std::string csv = "Population;Nom;Matricule\nSiège;A;P-1\nSiège;B;P 2\nSiège;C;P-3\n";
  const auto whole = Import(fleet, ImportKind::kPeople, csv);
  CHECK(Summary(whole) == "2 created, 0 updated, 0 unchanged, 1 refused, not applied");
  CHECK(whole->rows[1].line == 3);
  CHECK(whole->rows[1].key == "P 2");
  CHECK(fleet.store.Integer("SELECT COUNT(*) FROM people") == 0);
  const auto partial = Import(fleet, ImportKind::kPeople, csv, /*partial=*/true);
  CHECK(Summary(partial) == "2 created, 0 updated, 0 unchanged, 1 refused, applied");
  CHECK(fleet.store.Integer("SELECT COUNT(*) FROM people") == 2);
}

TEST_CASE("a dry run tells what would be, and leaves everything as it was") {
  ScratchFleet fleet;
  const auto dry = Import(fleet, ImportKind::kPeople, "Id;Name;Population\nP-1;A;Siège\n",
                          /*partial=*/false, /*dry_run=*/true);
  CHECK(Summary(dry) == "1 created, 0 updated, 0 unchanged, 0 refused, applied");
  CHECK(fleet.store.Integer("SELECT COUNT(*) FROM people") == 0);
  CHECK(fleet.store.Integer("SELECT COUNT(*) FROM person_versions") == 0);
}

TEST_CASE("headers are matched without case, accents and signs, and none may come twice") {
  ScratchFleet fleet;
  CHECK(Summary(Import(fleet, ImportKind::kPeople,
                       "MATRICULE ;nom complet;POPULATION;Besoin d’un portable\nP-1;A;S;n\n")) ==
        "1 created, 0 updated, 0 unchanged, 0 refused, applied");
  CHECK_FALSE(fleet.view().GetPerson("P-1", {})->needs_laptop);
  const auto refused = [&](const char* header) {
    const auto imported = Import(fleet, ImportKind::kPeople, std::string(header) + "\n1;2;3\n");
    CHECK(Refusal(imported.status()) == "INVALID_ARGUMENT BAD_HEADER");
    return std::string(imported.status().message());
  };
  CHECK_THAT(refused("Matricule;Name;Id"), Contains("line 1: column \"Id\" occurs twice"));
  CHECK_THAT(refused("Nom;Population;Étage"),
             Contains("no column is called Matricule or Id") && Contains("found: Nom, Population"));
  CHECK_THAT(refused("Id;Nom;Étage;Étage"), Contains("column \"Étage\" occurs twice"));
}

TEST_CASE("a site cannot belong to itself or to a site that is not there") {
  ScratchFleet fleet;
  REQUIRE(Import(fleet, ImportKind::kSites, kSites).ok());
  const auto self = Import(fleet, ImportKind::kSites, "Code;Nom;Parent\nORL;Orléans;ORL\n");
  CHECK(Summary(self) == "0 created, 0 updated, 0 unchanged, 1 refused, not applied");
  const auto none = Import(fleet, ImportKind::kSites, "Code;Nom;Parent\nX;X;PAR\n");
  CHECK_THAT(none->rows[0].message, Contains("there is no site \"PAR\""));
}

}  // namespace
}  // namespace parc::test

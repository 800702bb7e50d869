#include <catch2/catch.hpp>

#include "tests/fleet/fleet_support.h"

namespace parc::test {
namespace {

using fleet::Change;
using inventory::Person;
using inventory::Site;

TEST_CASE("a person is made once, found whatever the case, and updated by mask") {
  ScratchFleet fleet;
  AddSite(fleet, "ORL", "Orléans");
  AddPerson(fleet, PersonOf("P-1"));
  CHECK(Refusal(fleet.Do([](Change& change) { return change.CreatePerson(PersonOf("p-1")); })
                    .status()) == "ALREADY_EXISTS PERSON_EXISTS");
  Person wanted = PersonOf("p-1");
  wanted.tier = 1;
  wanted.site = "orléans";  // by name
  wanted.name = "not in the mask";
  const auto updated = fleet.Do([&](Change& change) {
    return change.UpdatePerson(wanted, {"tier", "site"}, "1");
  });
  REQUIRE(updated.ok());
  CHECK(updated->id == "P-1");
  CHECK(updated->tier == 1);
  CHECK(updated->site == "ORL");
  CHECK(updated->name == "Name of P-1");
  CHECK(updated->revision == 2);
  CHECK(Refusal(fleet.Do([&](Change& change) { return change.UpdatePerson(wanted, {"tier"}, "1"); })
                    .status()) == "ABORTED ETAG_MISMATCH");
  CHECK(Refusal(fleet.Do([&](Change& change) { return change.UpdatePerson(wanted, {"id"}, ""); })
                    .status()) == "INVALID_ARGUMENT BAD_FIELD_MASK");
  wanted.id = "nobody";
  CHECK(Refusal(fleet.Do([&](Change& change) { return change.UpdatePerson(wanted, {"tier"}, ""); })
                    .status()) == "NOT_FOUND PERSON_NOT_FOUND");
}

TEST_CASE("what a person was, and when, stays to be asked") {
  ScratchFleet fleet;
  fleet.effective = Day("2020-03-01");
  AddPerson(fleet, PersonOf("p-1"));
  Person wanted = PersonOf("p-1", "Élus");
  fleet.effective = Day("2020-03-10");
  REQUIRE(fleet.Do([&](Change& change) { return change.UpdatePerson(wanted, {"population"}, ""); })
              .ok());
  const auto population = [&](const char* day) {
    const auto person = fleet.view().GetPerson("p-1", {.as_of = Day(day), .known_at = {}});
    return person.ok() ? person->population : Refusal(person.status());
  };
  CHECK(population("2020-02-29") == "NOT_FOUND PERSON_NOT_FOUND");
  CHECK(population("2020-03-09") == "Siège");
  CHECK(population("2020-03-10") == "Élus");
  fleet.effective = Day("2020-03-09");
  CHECK(Refusal(fleet
                    .Do([&](Change& change) {
                      Person later = wanted;
                      later.tier = 2;
                      return change.UpdatePerson(later, {"tier"}, "");
                    })
                    .status()) == "FAILED_PRECONDITION EFFECTIVE_DATE_TOO_EARLY");
}

TEST_CASE("a site has one code, may belong to another site, and not to itself") {
  ScratchFleet fleet;
  AddSite(fleet, "ORL", "Orléans");
  Site room;
  room.code = "ORL-STOCK";
  room.name = "Stock room";
  room.parent = "ORL";
  REQUIRE(fleet.Do([&](Change& change) { return change.CreateSite(room); }).ok());
  CHECK(Refusal(fleet.Do([&](Change& change) { return change.CreateSite(room); }).status()) ==
        "ALREADY_EXISTS SITE_EXISTS");
  room.parent = "orl-stock";
  CHECK(Refusal(fleet.Do([&](Change& change) { return change.UpdateSite(room, {"parent"}, ""); })
                    .status()) == "INVALID_ARGUMENT BAD_PARENT");
  room.parent = "PAR";
  CHECK(Refusal(fleet.Do([&](Change& change) { return change.UpdateSite(room, {"parent"}, ""); })
                    .status()) == "NOT_FOUND SITE_NOT_FOUND");
  // Nor by way of another site.
  Site town;
  town.code = "ORL";
  town.parent = "ORL-STOCK";
  CHECK(Refusal(fleet.Do([&](Change& change) { return change.UpdateSite(town, {"parent"}, ""); })
                    .status()) == "INVALID_ARGUMENT BAD_PARENT");
  const auto imported =
      Import(fleet, fleet::ImportKind::kSites, "Code;Nom;Parent\nORL;Orléans;ORL-STOCK\n");
  CHECK(Summary(imported) == "0 created, 0 updated, 0 unchanged, 1 refused, not applied");
  CHECK_THAT(imported->rows[0].message, Catch::Contains("nor to a site below it"));
  const auto stored = fleet.view().GetSite("orl-stock");
  REQUIRE(stored.ok());
  CHECK(stored->parent == "ORL");
}

}  // namespace
}  // namespace parc::test

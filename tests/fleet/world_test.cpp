#include "daemon/fleet/world.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "daemon/fleet/view_forecast.h"
#include "daemon/inventory/reason.h"
#include "tests/fleet/fleet_support.h"

namespace parc::test {
namespace {

using Catch::Contains;
using fleet::World;
using fleet::WorldFile;
using inventory::LaptopState;

// A small world: each of the five states, an assignment that ended, a partial and a cancelled
// line, a planned order, somebody who comes and somebody who leaves.
const std::map<std::string, std::string> kFiles = {
    {"world.csv",
     "key;value\nworld_id;w1\nas_of;2020-03-20\nrecords_since;2019-01-01\nhorizon_days;364\n"
     "step_days;7\nimaging_capacity_per_day;12.5\nreserve_stock;3\ncountry;FR\n"},
    {"orders.csv",
     "order_id;supplier;order_date;status\nO1;ACME;2019-02-01;placed\nO2;Öko;2020-01-10;placed\n"
     "O3;ACME;2020-05-04;planned\n"},
    {"order_lines.csv",
     "line_id;order_id;model;quantity;promised_date_initial;cancelled_on;cancelled_quantity\n"
     "L1;O1;Latitude;4;2019-03-01;;\nL2;O2;XPS;10;2020-02-15;2020-03-01;2\n"
     "L3;O2;XPS;5;;;\nL4;O3;Latitude;7;2020-06-30;;\n"},
    {"promise_revisions.csv",
     "line_id;announced_on;old_promised_date;new_promised_date\n"
     "L2;2020-02-14;2020-02-15;2020-03-15\nL2;2020-03-10;2020-03-15;2020-04-20\n"},
    {"deliveries.csv",
     "line_id;delivered_on;quantity\nL1;2019-03-05;3\nL1;2019-03-20;1\n"
     "L2;2020-03-12;4\n"},
    {"people.csv",
     "person_id;site;tier;needs_laptop;start_date;end_date\nP1;Orléans;1;1;2018-05-01;\n"
     "P2;Orléans;4;1;;2020-02-28\nP3;;3;1;2020-04-01;\nP4;;2;0;2018-01-01;\nP5;;2;1;;\n"},
    {"assets.csv",
     "asset_id;line_id;received_on;status;assigned_to;end_of_life_date;ended_on;end_reason\n"
     "A1;L1;2019-03-05;assigned;P1;2023-03-05;;\nA2;L1;2019-03-05;in_stock;;;;\n"
     "A3;L1;2019-03-05;retired;;;2020-01-07;screen\nA4;L1;2019-03-20;in_repair;P5;;;\n"
     "A5;;2017-06-01;lost;;;2019-11-04;train\n"},
    {"assignments.csv",
     "asset_id;person_id;from_date;to_date\nA1;P1;2019-03-06;\nA2;P2;2019-03-06;2020-02-28\n"
     "A3;P5;2019-03-07;2020-01-07\nA4;P5;2020-01-08;2020-03-02\nA5;P4;2019-01-01;2019-11-04\n"},
    {"targets.csv", "target_id;date;ratio\nT1;2020-12-31;1\nT2;2020-09-30;0.95\n"},
};

std::vector<WorldFile> Files(const std::map<std::string, std::string>& changed = {}) {
  std::vector<WorldFile> files;
  for (const auto& [name, bytes] : kFiles) {
    const auto other = changed.find(name);
    files.push_back({name, other == changed.end() ? bytes : other->second});
  }
  return files;
}

absl::StatusOr<fleet::ImportResult> Import(ScratchFleet& fleet, std::vector<WorldFile> files) {
  auto world = fleet::ReadWorld(std::move(files));
  if (!world.ok()) return world.status();
  return fleet.Do([&](fleet::Change& change) { return change.ImportWorld(*world); });
}

fleet::WorldExport World1(std::string people = "") {
  fleet::WorldExport options;
  options.id = "w1";
  options.people = std::move(people);
  return options;
}

std::map<std::string, std::string> Export(ScratchFleet& fleet) {
  const auto files =
      fleet::ExportWorld(fleet.view(), World1(), {.as_of = Day("2020-03-20"), .known_at = {}});
  INFO(files.status());
  REQUIRE(files.ok());
  std::map<std::string, std::string> by_name;
  for (const WorldFile& file : *files) by_name[file.name] = file.bytes;
  return by_name;
}

TEST_CASE("a world that was read comes out again as it went in") {
  ScratchFleet fleet;
  const auto imported = Import(fleet, Files());
  INFO(imported.status());
  REQUIRE(imported.ok());
  CHECK(imported->created == 3 + 5 + 5 + 2);
  CHECK(imported->applied);
  const auto exported = Export(fleet);
  CHECK(exported.size() == 9);
  for (const auto& [name, bytes] : kFiles) {
    if (name == "people.csv" || name == "targets.csv") continue;
    INFO(name);
    CHECK(exported.at(name) == bytes);
  }
  // A site that is no code gets one, and targets come by date: the second round changes nothing.
  CHECK_THAT(exported.at("people.csv"), Contains("P1;orleans;1;1;2018-05-01;"));
  ScratchFleet second;
  std::vector<WorldFile> files;
  for (const auto& [name, bytes] : exported) files.push_back({name, bytes});
  REQUIRE(Import(second, files).ok());
  CHECK(Export(second) == exported);
}

TEST_CASE("a world that is read twice changes nothing, and one that differs is refused whole") {
  ScratchFleet fleet;
  REQUIRE(Import(fleet, Files()).ok());
  const auto again = Import(fleet, Files());
  CHECK(Summary(again) == "0 created, 0 updated, 16 unchanged, 0 refused, applied");
  std::string people = kFiles.at("people.csv");
  people.replace(people.find("P4;;2;0"), 7, "P4;;2;1");
  const auto other = Import(fleet, Files({{"people.csv", people}}));
  CHECK_THAT(std::string(other.status().message()), Contains("people.csv, line 5: P4"));
}

TEST_CASE("a world of some people has what they hold, and the stock and orders of all") {
  ScratchFleet fleet;
  REQUIRE(Import(fleet, Files()).ok());
  const procurement::Target target{
      .id = "first", .due = Day("2020-12-31"), .ratio = 1, .people = "tier = 1"};
  REQUIRE(fleet.Do([&](fleet::Change& change) { return change.SetTarget(target); }).ok());
  const auto files = fleet::ExportWorld(fleet.view(), World1("tier = 1"), {});
  REQUIRE(files.ok());
  std::map<std::string, std::string> by_name;
  for (const WorldFile& file : *files) by_name[file.name] = file.bytes;
  CHECK(by_name["people.csv"] ==
        "person_id;site;tier;needs_laptop;start_date;end_date\nP1;orleans;1;1;2018-05-01;\n");
  CHECK(by_name["assignments.csv"] == "asset_id;person_id;from_date;to_date\nA1;P1;2019-03-06;\n");
  CHECK_THAT(by_name["targets.csv"], Contains("first;2020-12-31;1"));
  CHECK_THAT(by_name["assets.csv"], Contains("A2;L1;") && !Contains("A4;"));
  CHECK(by_name["order_lines.csv"] == kFiles.at("order_lines.csv"));
  CHECK(fleet::ReadWorld(*files).ok());
}

TEST_CASE("laptops of a world have a past, and people hold them in it") {
  ScratchFleet fleet;
  REQUIRE(Import(fleet, Files()).ok());
  CHECK(Get(fleet, "A1").holder == "P1");
  CHECK(Get(fleet, "A1").end_of_life == Day("2023-03-05"));
  CHECK(Get(fleet, "A1").order_line == "O1/1");
  CHECK(Get(fleet, "A4").state == LaptopState::kInRepair);
  CHECK(Get(fleet, "A5").state == LaptopState::kLost);
  CHECK(Get(fleet, "A2", {.as_of = Day("2020-02-27"), .known_at = {}}).holder == "P2");
  CHECK(Get(fleet, "A2", {.as_of = Day("2020-02-28"), .known_at = {}}).holder.empty());
  const auto history = fleet.view().LaptopHistory("A3", {});
  REQUIRE(history->items.size() == 3);
  CHECK(history->items[0].reason == "screen");
  CHECK(history->items[0].person == "P5");
}

TEST_CASE("a forecast is given what the world says, and nothing of later") {
  ScratchFleet fleet;
  REQUIRE(Import(fleet, Files()).ok());
  const auto inputs = fleet::ForecastInputs(fleet.view(), "", {});
  INFO(inputs.status());
  REQUIRE(inputs.ok());
  CHECK(inputs->as_of == Day("2020-03-20"));
  CHECK(inputs->records_since == Day("2019-01-01"));
  CHECK(inputs->preparation.capacity_per_day == 12.5);
  CHECK(inputs->preparation.reserve_stock == 3);
  CHECK(inputs->people.size() == 5);
  CHECK(inputs->people[1].end == Day("2020-02-29"));  // its record says the last day
  CHECK(inputs->assets.size() == 5);
  CHECK(inputs->assets[2].ended == Day("2020-01-07"));
  CHECK(inputs->assignments.size() == 5);
  CHECK(inputs->assignments[0].to == std::nullopt);
  CHECK(inputs->assignments[1].to == Day("2020-02-28"));
  REQUIRE(inputs->lines.size() == 4);
  CHECK(inputs->lines[1].promises.size() == 3);
  CHECK(inputs->lines[1].cancellations.front().quantity == 2);
  CHECK(inputs->lines[3].ordered == Day("2020-05-04"));
  CHECK(inputs->lines[3].promises.front().announced == Day("2020-03-20"));
  REQUIRE(inputs->targets.size() == 2);

  const auto earlier =
      fleet::ForecastInputs(fleet.view(), "", {.as_of = Day("2020-02-20"), .known_at = {}});
  REQUIRE(earlier.ok());
  CHECK(earlier->lines.size() == 3);  // the plan was not made yet
  CHECK(earlier->lines[1].promises.size() == 2);
  CHECK(earlier->lines[1].deliveries.empty());
  CHECK(earlier->targets.empty());
  const auto first = fleet::ForecastInputs(fleet.view(), "tier = 1", {});
  CHECK(first->people.size() == 1);
  CHECK(first->assets.size() == 4);  // what others hold is theirs
  const auto nothing_known = fleet::ForecastInputs(
      fleet.view(), "", {.as_of = {}, .known_at = inventory::DayEnd(Day("2019-01-01"), "UTC")});
  CHECK(nothing_known->people.empty());
  CHECK(fleet::ForecastInputs(fleet.view(), "teir = 1", {}).status().code() ==
        absl::StatusCode::kInvalidArgument);
}

TEST_CASE("a wrong world is refused with its file and line") {
  struct Row {
    const char* file;
    const char* bytes;
    const char* message;
  };
  const Row row = GENERATE(
      Row{"world.csv", "key;value\nas_of;2020-13-01\n", "world.csv, line 2: value"},
      Row{"world.csv", "key;value\nworld_id;w\n", "world.csv, line 1: no row says as_of"},
      Row{"world.csv", "key;value\nas_of;2020-03-20\nstep_days;0\n", "world.csv, line 3"},
      Row{"world.csv", "key;value\nas_of;2020-03-20\nimaging_capacity_per_day;many\n",
          "world.csv, line 3: value: \"many\" is no number"},
      Row{"orders.csv", "order_id;supplier;order_date;status\nO1;A;2020-04-01;placed\n",
          "orders.csv, line 2: order_date: \"2020-04-01\" lies after the world's day"},
      Row{"orders.csv", "order_id;supplier;order_date;status\nO1;A;2020-01-01;sent\n",
          "orders.csv, line 2: status"},
      Row{"orders.csv", "order_id;order_date;status\nO1;2020-01-01;placed\n",
          "orders.csv, line 1: no column is called supplier"},
      Row{"order_lines.csv", "line_id;order_id;model;quantity\nL1;O1;M;4\nL2;O9;M;4\n",
          "order_lines.csv, line 3: order_id"},
      Row{"order_lines.csv", "line_id;order_id;model;quantity\nL1;O1;M;-1\n",
          "order_lines.csv, line 2: quantity"},
      Row{"promise_revisions.csv",
          "line_id;announced_on;old_promised_date;new_promised_date\nL1;2020-03-21;;2020-05-01\n",
          "promise_revisions.csv, line 2: announced_on"},
      Row{"deliveries.csv", "line_id;delivered_on;quantity\nL1;2020-03-01;1\nL7;2020-03-01;1\n",
          "deliveries.csv, line 3: line_id"},
      Row{"people.csv", "person_id;site;tier\nP1;;first\n", "people.csv, line 2: tier"},
      Row{"people.csv", "person_id;site;tier\nP1;;1\nP1;;1\n", "people.csv, line 3: person_id"},
      Row{"people.csv", "person_id;site\nP1\n", "people.csv, line 2: 1 cells"},
      Row{"assets.csv", "asset_id;status;assigned_to\nA1;assigned;P9\n",
          "assets.csv, line 2: assigned_to"},
      Row{"assets.csv", "asset_id;status\nA1;broken\n", "assets.csv, line 2: status"},
      Row{"assignments.csv", "asset_id;person_id;from_date;to_date\nA1;P1;2019-03-06;2019-03-01\n",
          "assignments.csv, line 2: to_date"},
      Row{"targets.csv", "target_id;date;ratio\nT1;2020-12-31;-0.5\n",
          "targets.csv, line 2: ratio"},
      Row{"targets.csv", "", "targets.csv, line 1"});
  const auto world = fleet::ReadWorld(Files({{row.file, row.bytes}}));
  INFO(row.file << ": " << row.bytes);
  REQUIRE_FALSE(world.ok());
  CHECK(Refusal(world.status()) == "INVALID_ARGUMENT BAD_WORLD");
  CHECK_THAT(std::string(world.status().message()), Contains(row.message));
}

TEST_CASE("whole numbers may be written with a dot, and no others") {
  const auto with = [](const char* quantity) {
    return fleet::ReadWorld(
        Files({{"order_lines.csv",
                std::string("line_id;order_id;model;quantity\nL1;O1;M;4\nL2;O2;M;9\nL3;O2;M;1\n") +
                    "L4;O3;M;" + quantity + "\n"}}));
  };
  CHECK(with("7.0")->orders[2].lines[0].quantity == 7);
  CHECK_FALSE(with("7.5").ok());
  CHECK_FALSE(with("nan").ok());
  CHECK_FALSE(with("1e12").ok());
}

// The notes of a world of which one file is changed, one a line.
std::string NotesOf(const fleet::World& world) {
  std::string text;
  for (const World::Note& note : world.notes)
    text += note.file + ":" + std::to_string(note.line) + ": " + note.text + "\n";
  return text;
}

TEST_CASE("what another program writes otherwise, but plainly, is read and noted") {
  struct Row {
    const char* file;
    const char* bytes;
    const char* note;  // empty: read without one
  };
  const Row row = GENERATE(
      Row{"people.csv", "person_id;site;tier\nP1;;7\nP2;;0\nP3;;1\nP4;;2\nP5;;3\n",
          "people.csv:2: tier: \"7\" lies outside 1 to 4; taken as 4\n"
          "people.csv:3: tier: \"0\" lies outside 1 to 4; taken as 1\n"},
      Row{"order_lines.csv",
          "line_id;order_id;model;quantity\nL1;O1;M;4\nL2;O2;M;10\nL3;O2;M;0\nL4;O3;M;7\n",
          "order_lines.csv:4: the quantity is 0; the line is left out\n"},
      Row{"deliveries.csv", "line_id;delivered_on;quantity\nL1;2019-03-05;0\n", ""},
      Row{"targets.csv", "target_id;date;ratio\nT1;2020-12-31;0\n",
          "targets.csv:2: the ratio is 0, which is always reached\n"},
      Row{"targets.csv", "target_id;date;ratio\nT1;2020-12-31;1.2\n",
          "targets.csv:2: the ratio is more than everybody, and never reached\n"},
      Row{"targets.csv", "target_id;date;ratio\nT1;2020-03-20;0.9\n",
          "targets.csv:2: the date is no day after as_of, so it is not reached\n"},
      Row{"targets.csv", "target_id;date;ratio\nT1;2119-12-31;95\nT2;2020-12-31;95 %\n", ""},
      Row{"world.csv", "key;value\nas_of;2020-03-20\ncountry;France\n", ""},
      Row{"world.csv", "key;value\nas_of;2020-03-20T00:00:00\nrecords_since;NaT\n", ""},
      Row{"world.csv", "key;value\nas_of;2020-03-20\ncountry;Ruritania\n",
          "world.csv:3: value: \"Ruritania\" is no country code; taken as one without holidays\n"},
      Row{"world.csv",
          "\xEF\xBB\xBF\"key\",\"value\",note\r\nas_of,2020-03-20,x\r\nreserve_stock,3.0,\r\n", ""},
      Row{"assets.csv",
          "asset_id;line_id;status;assigned_to\nA1;;Assigned;P1;\nA2;;in stock;;\n"
          "A3;;retired;\nA4;L77;In-Repair;P5\nA5;;lost;\n",
          "assets.csv:5: line_id: \"L77\" is no line of order_lines.csv; taken as a laptop from "
          "before\n"});
  const auto world = fleet::ReadWorld(Files({{row.file, row.bytes}}));
  INFO(row.file << ": " << row.bytes);
  INFO(world.status());
  REQUIRE(world.ok());
  CHECK(NotesOf(*world) == row.note);
  ScratchFleet fleet;
  const auto imported = Import(fleet, Files({{row.file, row.bytes}}));
  INFO(imported.status());
  REQUIRE(imported.ok());
  for (std::size_t i = 0; i < world->notes.size(); ++i)
    CHECK(imported->rows[i].message == world->notes[i].text);
}

TEST_CASE("cells that mean the same are the same") {
  const auto world = fleet::ReadWorld(
      Files({{"world.csv",
              "key;value\nas_of;2020-03-20 00:00:00\nimaging_capacity_per_day;12,5\n"
              "country;Alsace-Moselle\n"},
             {"people.csv",
              "person_id;needs_laptop;end_date\nP1;1.0;NaN\nP2;FALSE;\n"
              "P3;oui;None\nP4;;\nP5;0;\n"},
             {"targets.csv",
              "target_id;date;ratio\nT1;2020-12-31;95\nT2;2020-12-31;95 %\n"
              "T3;2020-12-31;0,95\n"}}));
  INFO(world.status());
  REQUIRE(world.ok());
  CHECK(world->as_of == Day("2020-03-20"));
  CHECK(world->capacity == 12.5);
  CHECK(world->country == "FR-AM");
  CHECK(world->people[0].needs_laptop);
  CHECK_FALSE(world->people[1].needs_laptop);
  CHECK(world->people[2].end == std::nullopt);
  for (const World::Target& target : world->targets) CHECK(target.ratio == Approx(0.95));
}

TEST_CASE("ratio and date decide some targets alone") {
  World world;
  world.as_of = Day("2020-03-20");
  const auto certain = [&](const char* day, double ratio) {
    return fleet::CertainProbability({.id = "T", .date = Day(day), .ratio = ratio}, world);
  };
  CHECK(certain("2020-12-31", 0) == 1);
  CHECK(certain("2020-12-31", 1.2) == 0);
  CHECK(certain("2020-03-20", 0.5) == 0);  // no day lies after as_of and by then
  CHECK(certain("2020-03-20", 0) == 0);
  CHECK(certain("2020-03-21", 1) == std::nullopt);
}

TEST_CASE("a world may have no targets and no revised promises, and lacks no other file") {
  std::vector<WorldFile> files = Files();
  std::erase_if(files, [](const WorldFile& file) { return file.name == "targets.csv"; });
  std::erase_if(files, [](const WorldFile& file) { return file.name == "promise_revisions.csv"; });
  const auto without = fleet::ReadWorld(files);
  REQUIRE(without.ok());
  CHECK(without->targets.empty());
  CHECK(without->orders[1].lines[0].promises.size() == 1);
  CHECK_THAT(NotesOf(*without), Contains("promise_revisions.csv:1: the file is missing"));
  std::erase_if(files, [](const WorldFile& file) { return file.name == "people.csv"; });
  CHECK_THAT(std::string(fleet::ReadWorld(files).status().message()),
             Contains("people.csv, line 1: the file is missing"));
}

TEST_CASE("a life is told by assignments, and ends as the status says") {
  World world;
  world.as_of = Day("2020-03-20");
  world.records_since = Day("2019-01-01");
  World::Asset asset;
  asset.id = "A";
  asset.received = Day("2019-02-01");
  const auto life = [&] {
    std::string text;
    for (const fleet::LifeStep& step : fleet::LifeOf(asset, world)) {
      text += inventory::ToIso(step.from).substr(2) + " " +
              std::string(inventory::ToString(step.state)) + step.person + "; ";
    }
    return text;
  };
  CHECK(life() == "19-02-01 IN_STOCK; ");
  asset.assignments = {{"P", Day("2019-02-05"), Day("2019-06-01")},
                       {"Q", Day("2019-06-01"), std::nullopt}};
  CHECK(life() == "19-02-01 IN_STOCK; 19-02-05 ASSIGNEDP; 19-06-01 ASSIGNEDQ; 20-03-20 IN_STOCK; ");
  asset.status = World::Status::kAssigned;
  asset.assigned_to = "Q";
  CHECK(life() == "19-02-01 IN_STOCK; 19-02-05 ASSIGNEDP; 19-06-01 ASSIGNEDQ; ");
  asset.assigned_to = "P";  // the rows disagree: the status holds on the world's day
  CHECK(life() ==
        "19-02-01 IN_STOCK; 19-02-05 ASSIGNEDP; 19-06-01 ASSIGNEDQ; 20-03-20 ASSIGNEDP; ");
  asset.status = World::Status::kRetired;
  asset.assigned_to.clear();
  asset.ended = Day("2019-12-24");
  CHECK(life() == "19-02-01 IN_STOCK; 19-02-05 ASSIGNEDP; 19-06-01 ASSIGNEDQ; 19-12-24 RETIRED; ");
  asset.assignments.clear();
  asset.received.reset();
  asset.status = World::Status::kInStock;
  asset.ended.reset();
  CHECK(life() == "19-01-01 IN_STOCK; ");
  asset.assignments = {{"P", Day("2018-11-05"), Day("2019-11-04")}};  // before the records
  asset.status = World::Status::kInRepair;
  CHECK(life() == "18-11-05 ASSIGNEDP; 19-11-04 IN_REPAIR; ");
}

}  // namespace
}  // namespace parc::test

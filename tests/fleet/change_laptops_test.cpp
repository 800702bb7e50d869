#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "daemon/inventory/reason.h"
#include "fmt/format.h"
#include "tests/fleet/fleet_support.h"

namespace parc::test {
namespace {

using Catch::Contains;
using fleet::Change;
using inventory::Laptop;
using inventory::LaptopEvent;
using inventory::LaptopState;

// Two people, two laptops ready to be handed out.
struct TwoOfEach : ScratchFleet {
  TwoOfEach() {
    effective = Day("2020-03-01");
    AddPerson(*this, PersonOf("p-1"));
    AddPerson(*this, PersonOf("p-2"));
    AddLaptop(*this, "A-1");
    AddLaptop(*this, "A-2");
    effective.reset();
  }
};

std::vector<std::string> HistoryOf(ScratchFleet& fleet, std::string_view laptop) {
  std::vector<std::string> lines;
  const auto page = fleet.view().LaptopHistory(laptop, {});
  REQUIRE(page.ok());
  for (const auto& entry : page->items) {
    lines.push_back(fmt::format("{} {} {}→{} {}", inventory::ToIso(entry.effective),
                                inventory::ToString(entry.event),
                                entry.from.has_value() ? inventory::ToString(*entry.from) : "",
                                inventory::ToString(entry.to), entry.person));
  }
  return lines;
}

TEST_CASE("a laptop goes out, is repaired for its holder, and comes back") {
  TwoOfEach fleet;
  fleet.effective = Day("2020-03-12");
  fleet.reason = "priority mission";
  const auto assigned = Assign(fleet, "a-1", "P-1");
  REQUIRE(assigned.ok());
  CHECK(assigned->state == LaptopState::kAssigned);
  CHECK(assigned->holder == "p-1");
  CHECK(assigned->holder_name == "Name of p-1");
  CHECK(assigned->state_since == Day("2020-03-12"));
  fleet.effective = Day("2020-03-14");
  const auto away = Move(fleet, "A-1", LaptopEvent::kRepair);
  REQUIRE(away.ok());
  CHECK(away->holder == "p-1");  // the holder keeps the claim
  const auto repaired = Move(fleet, "A-1", LaptopEvent::kRepaired);
  REQUIRE(repaired.ok());
  CHECK(repaired->state == LaptopState::kAssigned);
  CHECK(repaired->holder == "p-1");
  fleet.effective.reset();
  const auto back = Return(fleet, "A-1");
  REQUIRE(back.ok());
  CHECK(back->state == LaptopState::kReturned);
  CHECK(back->holder.empty());
  CHECK(back->state_since == Day("2020-03-20"));

  CHECK(HistoryOf(fleet, "A-1") ==
        std::vector<std::string>{
            "2020-03-20 RETURN ASSIGNED→RETURNED p-1", "2020-03-14 REPAIRED IN_REPAIR→ASSIGNED p-1",
            "2020-03-14 REPAIR ASSIGNED→IN_REPAIR p-1", "2020-03-12 ASSIGN PREPARED→ASSIGNED p-1",
            "2020-03-01 IMPORT →PREPARED "});
  const auto of_person = fleet.view().PersonHistory("p-1", {});
  REQUIRE(of_person.ok());
  CHECK(of_person->total == 4);
  CHECK(of_person->items.back().actor == "tester");
  CHECK(of_person->items.back().reason == "priority mission");
}

TEST_CASE("a laptop that was repaired for nobody goes to be checked") {
  TwoOfEach fleet;
  AddLaptop(fleet, "A-3", LaptopState::kPreparing);
  REQUIRE(Move(fleet, "A-3", LaptopEvent::kFail).ok());
  const auto repaired = Move(fleet, "A-3", LaptopEvent::kRepaired);
  REQUIRE(repaired.ok());
  CHECK(repaired->state == LaptopState::kReturned);
}

TEST_CASE("a refused move says what is possible, and changes nothing") {
  TwoOfEach fleet;
  const auto refused = Return(fleet, "A-1");
  REQUIRE_FALSE(refused.ok());
  CHECK(Refusal(refused.status()) == "FAILED_PRECONDITION ILLEGAL_MOVE");
  CHECK(DetailOf(refused.status(), "possible_events") == "ASSIGN, UNPREPARE, LOSE, STEAL");
  CHECK(DetailOf(refused.status(), "laptop") == "A-1");
  CHECK(Get(fleet, "A-1").revision == 1);
  CHECK(HistoryOf(fleet, "A-1").size() == 1);
}

TEST_CASE("a name means one laptop: no serial is another's asset tag, and no asset tag a serial") {
  ScratchFleet fleet;
  fleet.effective = Day("2020-03-01");
  const auto add = [&](const char* tag, const char* serial) {
    return fleet.Do([&](Change& change) { return change.CreateLaptop(LaptopOf(tag, serial)); })
        .status();
  };
  REQUIRE(add("GP-1", "K1JR653").ok());
  REQUIRE(add("GP-2", "").ok());
  REQUIRE(add("K9JR999", "K9JR999").ok());  // both names of one laptop may be the same
  const absl::Status tag = add("k1jr653", "");
  CHECK(Refusal(tag) == "ALREADY_EXISTS LAPTOP_EXISTS");
  CHECK_THAT(std::string(tag.message()), Contains("is the serial of laptop GP-1"));
  const absl::Status serial = add("GP-3", "gp-2");
  CHECK(Refusal(serial) == "ALREADY_EXISTS LAPTOP_EXISTS");
  CHECK_THAT(std::string(serial.message()), Contains("is the asset tag of laptop GP-2"));
  const auto update = [&](const char* name, const char* new_serial) {
    return fleet
        .Do([&](Change& change) {
          return change.UpdateLaptop(LaptopOf(name, new_serial), {"serial"}, "");
        })
        .status();
  };
  const absl::Status changed = update("GP-2", "GP-1");
  CHECK(Refusal(changed) == "ALREADY_EXISTS LAPTOP_EXISTS");
  CHECK_THAT(std::string(changed.message()), Contains("is the asset tag of laptop GP-1"));
  CHECK(update("GP-2", "GP-2").ok());
  CHECK(Get(fleet, "K1JR653").asset_tag == "GP-1");
  CHECK(Get(fleet, "GP-1").serial == "K1JR653");
}

TEST_CASE("verbs of their own are no moves") {
  TwoOfEach fleet;
  for (const LaptopEvent event :
       {LaptopEvent::kAssign, LaptopEvent::kReturn, LaptopEvent::kReceive, LaptopEvent::kImport,
        LaptopEvent::kUpdate, LaptopEvent::kCorrect}) {
    CHECK(Refusal(Move(fleet, "A-1", event).status()) == "INVALID_ARGUMENT BAD_EVENT");
  }
}

TEST_CASE("somebody who holds a laptop gets another one only as an additional one") {
  TwoOfEach fleet;
  REQUIRE(Assign(fleet, "A-1", "p-1").ok());
  const auto second = Assign(fleet, "A-2", "p-1");
  CHECK(Refusal(second.status()) == "FAILED_PRECONDITION PERSON_ALREADY_EQUIPPED");
  CHECK_THAT(std::string(second.status().message()), Contains("already holds A-1"));
  CHECK(Assign(fleet, "A-2", "p-1", /*additional=*/true).ok());
  const auto person = fleet.view().GetPerson("p-1", {});
  REQUIRE(person.ok());
  CHECK(person->laptops == std::vector<std::string>{"A-1", "A-2"});
}

TEST_CASE("an assigned laptop is not assigned again, not even to its holder") {
  TwoOfEach fleet;
  REQUIRE(Assign(fleet, "A-1", "p-1").ok());
  CHECK(Refusal(Assign(fleet, "A-1", "p-2").status()) == "FAILED_PRECONDITION ILLEGAL_MOVE");
  CHECK(Refusal(Assign(fleet, "A-1", "p-1").status()) ==
        "FAILED_PRECONDITION PERSON_ALREADY_EQUIPPED");
}

TEST_CASE("somebody who has left is given no laptop, unless it was while they were there") {
  TwoOfEach fleet;
  fleet.effective = Day("2020-03-01");
  inventory::Person gone = PersonOf("gone-1");
  gone.end = Day("2020-03-10");
  AddPerson(fleet, gone);
  fleet.effective.reset();
  const auto today = Assign(fleet, "A-1", "gone-1");
  CHECK(Refusal(today.status()) == "FAILED_PRECONDITION PERSON_HAS_LEFT");
  CHECK_THAT(std::string(today.status().message()), Contains("was 2020-03-10"));
  CHECK(Get(fleet, "A-1").state == LaptopState::kPrepared);
  fleet.effective = Day("2020-03-11");
  CHECK(Refusal(Assign(fleet, "A-1", "gone-1").status()) == "FAILED_PRECONDITION PERSON_HAS_LEFT");
  fleet.effective = Day("2020-03-10");  // the last day is still theirs
  CHECK(Assign(fleet, "A-1", "gone-1").ok());

  // They keep what they hold, through a repair too, but get no other for it.
  fleet.effective.reset();
  const auto swapped = fleet.Do([](Change& change) { return change.SwapLaptop("A-1", "A-2", ""); });
  CHECK(Refusal(swapped.status()) == "FAILED_PRECONDITION PERSON_HAS_LEFT");
  CHECK(Get(fleet, "A-1").holder == "gone-1");
  REQUIRE(Move(fleet, "A-1", LaptopEvent::kRepair).ok());
  REQUIRE(Move(fleet, "A-1", LaptopEvent::kRepaired).ok());
  CHECK(Get(fleet, "A-1").holder == "gone-1");
  CHECK(Return(fleet, "A-1").ok());
}

TEST_CASE("a swap returns one laptop and hands out the other, or does neither") {
  TwoOfEach fleet;
  REQUIRE(Assign(fleet, "A-1", "p-1").ok());
  const auto swap = [&](const char* old_one, const char* new_one, const char* etag = "") {
    return fleet.Do([&](Change& change) { return change.SwapLaptop(old_one, new_one, etag); });
  };
  const auto swapped = swap("A-1", "A-2");
  REQUIRE(swapped.ok());
  CHECK(swapped->returned.state == LaptopState::kReturned);
  CHECK(swapped->returned.holder.empty());
  CHECK(swapped->assigned.state == LaptopState::kAssigned);
  CHECK(swapped->assigned.holder == "p-1");

  // A-1 is RETURNED and cannot be handed out: the return of A-2 is undone with it.
  CHECK(Refusal(swap("A-2", "A-1").status()) == "FAILED_PRECONDITION ILLEGAL_MOVE");
  CHECK(Get(fleet, "A-2").state == LaptopState::kAssigned);
  CHECK(HistoryOf(fleet, "A-2").size() == 2);

  CHECK(Refusal(swap("A-2", "A-2").status()) == "INVALID_ARGUMENT SAME_LAPTOP");
  CHECK(Refusal(swap("A-2", "none").status()) == "NOT_FOUND LAPTOP_NOT_FOUND");
  CHECK(Refusal(swap("A-2", "A-1", "1").status()) == "ABORTED ETAG_MISMATCH");
}

TEST_CASE("a laptop that is lost, stolen or retired loses its devices in the same transaction") {
  struct Row {
    LaptopState from;
    LaptopEvent event;
    bool revokes;
  };
  const Row row = GENERATE(Row{LaptopState::kPrepared, LaptopEvent::kLose, true},
                           Row{LaptopState::kPrepared, LaptopEvent::kSteal, true},
                           Row{LaptopState::kInStock, LaptopEvent::kRetire, true},
                           Row{LaptopState::kLost, LaptopEvent::kWriteOff, true},
                           Row{LaptopState::kLost, LaptopEvent::kFound, false},
                           Row{LaptopState::kInStock, LaptopEvent::kPrepare, false},
                           Row{LaptopState::kReturned, LaptopEvent::kRestock, false});
  INFO(inventory::ToString(row.event));
  ScratchFleet fleet;
  AddLaptop(fleet, "A-1", row.from);
  REQUIRE(fleet.revoked.empty());
  REQUIRE(Move(fleet, "A-1", row.event).ok());
  CHECK(fleet.revoked.size() == (row.revokes ? 1 : 0));
  CHECK(fleet.revoked_and_committed == fleet.revoked);
}

TEST_CASE("a stolen laptop of somebody is nobody's any more, and the history knows whose it was") {
  TwoOfEach fleet;
  REQUIRE(Assign(fleet, "A-1", "p-1").ok());
  const auto stolen = Move(fleet, "A-1", LaptopEvent::kSteal);
  REQUIRE(stolen.ok());
  CHECK(stolen->holder.empty());
  CHECK(HistoryOf(fleet, "A-1").front() == "2020-03-20 STEAL ASSIGNED→STOLEN p-1");
  CHECK_THAT(fleet.revoked.front(), Contains("STOLEN"));
}

TEST_CASE("devices are not revoked when the transaction is undone") {
  TwoOfEach fleet;
  REQUIRE(fleet
              .Do([](Change& change) { return change.MoveLaptop("A-1", LaptopEvent::kLose, ""); },
                  /*validate_only=*/true)
              .ok());
  CHECK(fleet.revoked.size() == 1);            // it was tried
  CHECK(fleet.revoked_and_committed.empty());  // and came to nothing
  CHECK(Get(fleet, "A-1").state == LaptopState::kPrepared);
}

TEST_CASE("a change takes effect when it says, never in the future and never before the last") {
  TwoOfEach fleet;
  fleet.effective = Day("2020-03-21");
  CHECK(Refusal(Assign(fleet, "A-1", "p-1").status()) ==
        "INVALID_ARGUMENT EFFECTIVE_DATE_IN_FUTURE");
  fleet.effective = Day("2020-03-12");
  REQUIRE(Assign(fleet, "A-1", "p-1").ok());
  fleet.effective = Day("2020-03-11");
  const auto early = Return(fleet, "A-1");
  CHECK(Refusal(early.status()) == "FAILED_PRECONDITION EFFECTIVE_DATE_TOO_EARLY");
  CHECK_THAT(std::string(early.status().message()), Contains("2020-03-12"));
  fleet.effective = Day("2020-03-12");
  CHECK(Return(fleet, "A-1").ok());  // the same day is late enough
}

TEST_CASE("nobody holds a laptop before their own record begins") {
  ScratchFleet fleet;
  fleet.effective = Day("2020-01-01");
  AddLaptop(fleet, "A-1");
  fleet.effective = Day("2020-03-10");
  AddPerson(fleet, PersonOf("p-1"));
  fleet.effective = Day("2020-03-09");
  const auto early = Assign(fleet, "A-1", "p-1");
  CHECK(Refusal(early.status()) == "FAILED_PRECONDITION EFFECTIVE_DATE_TOO_EARLY");
  CHECK_THAT(std::string(early.status().message()), Contains("2020-03-10"));
  Laptop held = LaptopOf("A-2");
  held.state = LaptopState::kAssigned;
  held.holder = "p-1";
  CHECK(Refusal(fleet.Do([&](Change& change) { return change.CreateLaptop(held); }).status()) ==
        "FAILED_PRECONDITION EFFECTIVE_DATE_TOO_EARLY");
  fleet.effective = Day("2020-03-10");
  CHECK(Assign(fleet, "A-1", "p-1").ok());
}

TEST_CASE("the past is seen by effective day, and by what was known") {
  TwoOfEach fleet;
  const std::int64_t before = fleet.clock.now();
  fleet.clock.SetDay(Day("2020-03-25"));
  fleet.effective = Day("2020-03-12");  // told thirteen days late
  REQUIRE(Assign(fleet, "A-1", "p-1").ok());

  CHECK(Get(fleet, "A-1", {.as_of = Day("2020-03-11"), .known_at = {}}).state ==
        LaptopState::kPrepared);
  const Laptop then = Get(fleet, "A-1", {.as_of = Day("2020-03-12"), .known_at = {}});
  CHECK(then.state == LaptopState::kAssigned);
  CHECK(then.holder == "p-1");
  CHECK(Get(fleet, "A-1", {.as_of = Day("2020-03-12"), .known_at = before}).state ==
        LaptopState::kPrepared);
  CHECK(Refusal(
            fleet.view().GetLaptop("A-1", {.as_of = Day("2020-02-29"), .known_at = {}}).status()) ==
        "NOT_FOUND LAPTOP_NOT_FOUND");
  CHECK(Refusal(fleet.view().GetLaptop("A-1", {.as_of = {}, .known_at = 1}).status()) ==
        "NOT_FOUND LAPTOP_NOT_FOUND");
  const auto holder = fleet.view().GetPerson("p-1", {.as_of = Day("2020-03-11"), .known_at = {}});
  REQUIRE(holder.ok());
  CHECK_FALSE(holder->equipped);
}

TEST_CASE("an etag of another revision is refused, the right one and none are taken") {
  TwoOfEach fleet;
  const auto assign = [&](const char* etag) {
    return fleet.Do([&](Change& change) { return change.AssignLaptop("A-1", "p-1", false, etag); });
  };
  CHECK(Refusal(assign("2").status()) == "ABORTED ETAG_MISMATCH");
  CHECK(Refusal(assign("x").status()) == "ABORTED ETAG_MISMATCH");
  const auto assigned = assign("1");
  REQUIRE(assigned.ok());
  CHECK(assigned->revision == 2);
  const auto give_back = [&](const char* etag) {
    return fleet.Do([&](Change& change) { return change.ReturnLaptop("A-1", etag); });
  };
  CHECK(Refusal(give_back("1").status()) == "ABORTED ETAG_MISMATCH");
  CHECK(give_back("2").ok());
}

TEST_CASE("asset tags and serials are unique whatever their case; placeholders are no serials") {
  ScratchFleet fleet;
  const auto create = [&](std::string_view tag, std::string_view serial) {
    return Refusal(
        fleet.Do([&](Change& change) { return change.CreateLaptop(LaptopOf(tag, serial)); })
            .status());
  };
  CHECK(create("A-1", "PF0ABCDE") == "OK");
  CHECK(create("a-1", "PF0ABCDF") == "ALREADY_EXISTS LAPTOP_EXISTS");
  CHECK(create("A-2", " pf0abcde ") == "ALREADY_EXISTS LAPTOP_EXISTS");
  CHECK(create("A-2", "To be filled by O.E.M.") == "INVALID_ARGUMENT BAD_SERIAL");
  CHECK(create("A-2", "") == "OK");
  CHECK(create("A-3", "") == "OK");  // unknown serials are not equal
  CHECK(Get(fleet, "pf0abcde").asset_tag == "A-1");
}

TEST_CASE("a laptop that is made assigned needs its holder, any other has none") {
  TwoOfEach fleet;
  const auto create = [&](LaptopState state, std::string_view holder) {
    Laptop laptop = LaptopOf("A-9");
    laptop.state = state;
    laptop.holder = holder;
    return Refusal(fleet
                       .Do([&](Change& change) { return change.CreateLaptop(laptop); },
                           /*validate_only=*/true)
                       .status());
  };
  CHECK(create(LaptopState::kAssigned, "p-1") == "OK");
  CHECK(create(LaptopState::kAssigned, "") == "INVALID_ARGUMENT BAD_HOLDER");
  CHECK(create(LaptopState::kAssigned, "nobody") == "NOT_FOUND PERSON_NOT_FOUND");
  CHECK(create(LaptopState::kInStock, "p-1") == "INVALID_ARGUMENT BAD_HOLDER");
  CHECK(create(LaptopState::kInRepair, "p-1") == "OK");
  CHECK(create(LaptopState::kInRepair, "") == "OK");
}

TEST_CASE("an update touches the fields of its mask, and nothing when nothing differs") {
  TwoOfEach fleet;
  AddSite(fleet, "ORL", "Orléans");
  Laptop wanted = LaptopOf("A-1");
  wanted.notes = "new dock";
  wanted.tags = {"vpn", "loan", "vpn"};
  wanted.site = "ORL";
  wanted.model = "not in the mask";
  const auto update = [&](const fleet::FieldMask& mask) {
    return fleet.Do([&](Change& change) { return change.UpdateLaptop(wanted, mask, ""); });
  };
  const auto updated = update({"notes", "tags", "site"});
  REQUIRE(updated.ok());
  CHECK(updated->notes == "new dock");
  CHECK(updated->tags == std::vector<std::string>{"loan", "vpn"});
  CHECK(updated->site == "ORL");
  CHECK(updated->model == "Latitude 5400");
  CHECK(updated->revision == 2);
  const auto again = update({"notes", "tags", "site"});
  REQUIRE(again.ok());
  CHECK(again->revision == 2);
  CHECK(Refusal(update({}).status()) == "INVALID_ARGUMENT BAD_FIELD_MASK");
  CHECK(Refusal(update({"state"}).status()) == "INVALID_ARGUMENT BAD_FIELD_MASK");
  wanted.site = "PAR";
  CHECK(Refusal(update({"site"}).status()) == "NOT_FOUND SITE_NOT_FOUND");
  wanted.order_line = "ORDER/1";
  CHECK(Refusal(update({"order_line"}).status()) == "NOT_FOUND ORDER_LINE_NOT_FOUND");
}

}  // namespace
}  // namespace parc::test

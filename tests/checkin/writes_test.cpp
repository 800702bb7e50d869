#include <catch2/catch.hpp>

#include "fmt/format.h"
#include "tests/checkin/checkin_support.h"

// What a report writes: seen by triggers, which fire when a row changes or when a column is named.
namespace parc::checkin {

using inventory::FactSheet;
using inventory::FieldId;

namespace {

constexpr const char* kTables[] = {"facts",   "contacts",         "contact_log",
                                   "posture", "verdict_versions", "details",
                                   "devices", "laptops"};

class Watched {
 public:
  explicit Watched(ScratchIntake& intake) : store_(intake.fleet.store) {
    Run("CREATE TABLE seen(what TEXT)");
    for (const char* table : kTables) {
      for (const char* verb : {"INSERT", "UPDATE", "DELETE"}) {
        Run(
            fmt::format("CREATE TRIGGER watch_{0}_{1} AFTER {1} ON {0} BEGIN "
                        "INSERT INTO seen VALUES('{0}'); END",
                        table, verb));
      }
    }
    for (const inventory::Field* fact : inventory::Facts()) {
      const std::string column = store::FactColumn(*fact);
      Run(
          fmt::format("CREATE TRIGGER watch_{0} AFTER UPDATE OF {0} ON facts BEGIN "
                      "INSERT INTO seen VALUES('{1}'); END",
                      column, inventory::ToString(fact->section)));
    }
    Forget();
  }

  void Forget() { Run("DELETE FROM seen"); }
  // Tables that were touched, and sections of `facts` whose columns were named.
  std::string Seen() {
    return store_.Text(
        "SELECT group_concat(what, ' ') FROM (SELECT DISTINCT what FROM seen ORDER BY what)");
  }

 private:
  void Run(const std::string& sql) {
    const absl::Status status = store_.Write(sql);
    INFO(sql << ": " << status);
    REQUIRE(status.ok());
  }

  test::ScratchStore& store_;
};

}  // namespace

TEST_CASE("an unchanged report is a row of the contact log and nothing else") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  REQUIRE(intake.Send(device, ReportOf(1, 1, ReadyFacts())).ok());
  Watched watched(intake);
  intake.fleet.clock.Advance(15 * kMinute);
  SECTION("without its facts") { REQUIRE(intake.Send(device, DeltaOf(2, 1, 1, {})).ok()); }
  SECTION("with all its facts") { REQUIRE(intake.Send(device, ReportOf(2, 1, ReadyFacts())).ok()); }
  CHECK(watched.Seen() == "contact_log");
  const auto contact = intake.Standing(device).contact;
  CHECK(contact->last_seen == intake.fleet.clock.now());
  CHECK(contact->report_time == intake.fleet.clock.now());
  CHECK(contact->sequence == 2);
}

TEST_CASE("duplicates and stale reports write nothing") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  REQUIRE(intake.Send(device, ReportOf(2, 1, ReadyFacts())).ok());
  Watched watched(intake);
  REQUIRE(intake.Send(device, ReportOf(2, 1, ReadyFacts())).ok());
  REQUIRE(intake.Send(device, ReportOf(1, 7, ReadyFacts())).ok());
  CHECK(watched.Seen().empty());
}

TEST_CASE("a changed report writes the sections that changed, and lists only with them") {
  ScratchIntake intake;
  const auto device = intake.AddLaptop("PC-1");
  REQUIRE(intake.Send(device, ReportOf(1, 1, ReadyFacts())).ok());
  Watched watched(intake);
  struct Row {
    const char* what;
    std::function<void(FactSheet&)> change;
    const char* seen;
  };
  const Row rows[] = {
      {"free space, which a check passes by before and after",
       [](FactSheet& f) { f.values[FieldId::kDiskLeastFreePercent] = std::int64_t{39}; },
       "contact_log facts storage"},
      {"a fact that no check reads",
       [](FactSheet& f) { f.values[FieldId::kOsKernel] = std::string("6.1.0-19"); },
       "contact_log facts os"},
      {"a disk's model", [](FactSheet& f) { f.disks[0].model = "Another"; },
       "contact_log details facts storage"},
      {"an interface goes up", [](FactSheet& f) { f.interfaces[1].up = true; },
       "contact_log details facts network"},
      {"a gateway's answer is quicker",
       [](FactSheet& f) { f.vpn_gateways[0].latency_micros = 5'000; },
       "contact_log details facts vpn"},
      {"something unreadable", [](FactSheet& f) { f.unreadable["tpm2"] = "permission denied"; },
       "contact_log details facts"},
      {"a digest alone", [](FactSheet&) {}, "contact_log facts"},
      {"a blocker fails", [](FactSheet& f) { f.values[FieldId::kNetworkOnline] = false; },
       "contact_log details facts network posture verdict_versions"},
  };
  FactSheet facts = ReadyFacts();
  int number = 1;
  for (const Row& row : rows) {
    INFO(row.what);
    row.change(facts);
    inventory::DeriveFacts(facts);
    watched.Forget();
    ++number;
    REQUIRE(intake.Send(device, ReportOf(static_cast<std::uint64_t>(number), number, facts)).ok());
    CHECK(watched.Seen() == row.seen);
    facts.values[FieldId::kClockSkewSeconds] = std::int64_t{0};
    CHECK(intake.Facts(device) == facts);
    facts.values.erase(FieldId::kClockSkewSeconds);
  }
}

TEST_CASE("nothing that a report updates is indexed") {
  ScratchIntake intake;
  for (const char* table : {"facts", "details", "contacts", "contact_log", "posture"}) {
    INFO(table);
    CHECK(intake.fleet.store.Integer(
              fmt::format("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND "
                          "tbl_name = '{}'",
                          table)) == 0);
  }
}

}  // namespace parc::checkin

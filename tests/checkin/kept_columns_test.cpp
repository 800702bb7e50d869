#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "daemon/store/kept_columns.h"
#include "daemon/store/row_changes.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "tests/checkin/checkin_support.h"
#include "tests/support/dice.h"

// What is counted and listed by columns in memory, beside the same by SQL alone.
namespace parc::checkin {
namespace {

using inventory::FieldId;
using test::Dice;

std::string Spelled(const absl::StatusOr<fleet::Status>& status) {
  REQUIRE(status.ok());
  std::string told;
  for (const fleet::Coverage& of : status->coverage)
    told += fmt::format("{} {} {} {}, ", of.population, of.needed, of.equipped, of.ready);
  told += fmt::format("all {} {} {}", status->total.needed, status->total.equipped,
                      status->total.ready);
  for (const auto& [state, count] : status->by_state) told += fmt::format(", {} {}", state, count);
  for (const auto& [verdict, count] : status->by_verdict)
    told += fmt::format(", {} {}", verdict, count);
  for (const fleet::Alert& alert : status->alerts) told += ", " + alert.message_en;
  return told;
}

std::string Spelled(const absl::StatusOr<fleet::Page<fleet::LaptopRow>>& page) {
  INFO(page.status());
  REQUIRE(page.ok());
  std::string told = fmt::format("{} in all:", page->total);
  for (const fleet::LaptopRow& row : page->items)
    told += fmt::format(" {} {}", row.laptop.asset_tag, row.verdict.value_or("-"));
  return told + (page->next_cursor.empty() ? "" : " …");
}

constexpr const char* kFilters[] = {
    "readiness = READY",
    "readiness = STALE OR readiness = UNKNOWN",
    "NOT readiness = NOT_READY AND state = ASSIGNED",
    "disk.encrypted = true",
    "NOT disk.encrypted = true",
    "state != ASSIGNED",
    "os.kernel:*",
    "os.kernel = \"6.1\" OR vpn.clients:\"openvpn\"",
    "os.support_days_left < 400 AND readiness != STALE",
    "model = \"latitude 5400\" AND -disk.encrypted = false",
    "holder.population = \"Siège\" AND disk.encrypted = true",  // one that SQL has to answer
    "serial = X",
};

struct KeptFleet {
  explicit KeptFleet(std::uint64_t seed) : dice(seed), changes(writer()) {
    auto opened = store::Connection::Open(intake.fleet.store.database().file(),
                                          store::Connection::Mode::kReader);
    REQUIRE(opened.ok());
    reader = *std::move(opened);
    view = std::make_unique<fleet::View>(*reader, &columns);
    for (int i = 1; i <= 9; ++i) {
      inventory::Person person;
      person.id = fmt::format("P{}", i);
      person.name = "Somebody";
      person.population = i % 3 == 0 ? "Siège" : "Lycées";
      REQUIRE(
          intake.fleet.Do([&](fleet::Change& change) { return change.CreatePerson(person); }).ok());
    }
    for (int i = 1; i <= 8; ++i) devices.push_back(intake.AddLaptop(fmt::format("PC-{}", i)));
  }

  store::Connection& writer() { return intake.fleet.store.database().writer(); }
  void Write(const std::string& sql) { REQUIRE(intake.fleet.store.Write(sql).ok()); }

  void Report() {
    const auto at = static_cast<std::size_t>(dice.Below(static_cast<int>(devices.size())));
    inventory::FactSheet facts = ReadyFacts();
    if (dice.OneIn(3)) facts.values[FieldId::kDiskEncrypted] = dice.OneIn(2);
    if (dice.OneIn(3)) facts.values[FieldId::kOsKernel] = dice.OneIn(2) ? "6.1" : "5.10";
    if (dice.OneIn(4)) facts.values.erase(FieldId::kDiskEncrypted);
    // Some are unchanged, so that only the log tells of them.
    const bool same = dice.OneIn(2) && sent.contains(at);
    if (!same) sent[at] = {++digests, facts};
    const auto& [digest, newest] = sent[at];
    intake.Send(devices[at], ReportOf(++sequence, digest, newest)).IgnoreError();
  }

  void Step() {
    switch (dice.Below(9)) {
      case 0:
        return intake.fleet.clock.Advance((dice.Below(30) - 8) * 6 * kHour);
      case 1:
        return Write(fmt::format("UPDATE laptops SET holder = {} WHERE id = {}",
                                 dice.OneIn(3) ? "NULL" : fmt::format("{}", 1 + dice.Below(9)),
                                 1 + dice.Below(8)));
      case 2:
        return intake.SetState(fmt::format("PC-{}", 1 + dice.Below(8)),
                               dice.OneIn(3) ? "IN_REPAIR" : "ASSIGNED");
      case 3: {
        static const std::vector<std::string> kDays = {"NULL", "'2020-01-01'", "'2020-03-20'",
                                                       "'2020-04-01'"};
        return Write(fmt::format(
            "UPDATE people SET needs_laptop = {}, start_date = {}, end_date = {} WHERE id = {}",
            dice.OneIn(4) ? 0 : 1, dice.Pick(kDays), dice.Pick(kDays), 1 + dice.Below(9)));
      }
      case 4: {
        // What an item that is refused wrote is undone, and nothing else.
        const absl::Status refused =
            intake.fleet.store.Write([&](store::Connection& db) -> absl::Status {
              if (absl::Status status = db.Execute("UPDATE laptops SET state = 'LOST'");
                  !status.ok())
                return status;
              return absl::CancelledError("no");
            });
        CHECK(refused.code() == absl::StatusCode::kCancelled);
        return;
      }
      case 5:
        REQUIRE(intake.Rejudge().ok());
        return;
      default:
        return Report();
    }
  }

  fleet::View& Kept() {
    REQUIRE(reader->Execute("COMMIT; BEGIN").ok());
    view->Begin(Now());
    return *view;
  }
  fleet::View& BySql() {
    fleet::View& by_sql = intake.fleet.view();
    by_sql.Begin(Now());
    return by_sql;
  }
  fleet::ViewContext Now() {
    return {.now = intake.fleet.clock.now(),
            .today = intake.fleet.clock.today(),
            .zone = intake.fleet.clock.zone(),
            .stale_after = 3 * kDay};
  }

  Dice dice;
  ScratchIntake intake;
  store::RowChanges changes;
  store::KeptColumns columns{changes};
  std::unique_ptr<store::Connection> reader;
  std::unique_ptr<fleet::View> view;
  std::vector<access::DeviceIdentity> devices;
  std::map<std::size_t, std::pair<int, inventory::FactSheet>> sent;
  int digests = 0;
  std::uint64_t sequence = 0;
};

}  // namespace

TEST_CASE("columns in memory count and find as SQL does, after whatever was written or undone") {
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    KeptFleet fleet(seed);
    REQUIRE(fleet.reader->Execute("BEGIN").ok());
    for (int i = 0; i < 80; ++i) {
      fleet.Step();
      INFO("seed " << seed << ", step " << i);
      const std::string status = Spelled(fleet.BySql().GetStatus("", {}));
      REQUIRE(Spelled(fleet.Kept().GetStatus("", {})) == status);
      ++seen[status];
      for (const char* filter : kFilters) {
        INFO(filter);
        fleet::ListQuery query;
        query.filter = filter;
        query.page_size = 3;
        const std::string listed = Spelled(fleet.BySql().ListLaptops(query, {}));
        REQUIRE(Spelled(fleet.Kept().ListLaptops(query, {})) == listed);
      }
      // Of the past, columns know nothing.
      const inventory::Moment yesterday{.as_of = inventory::CivilDate{2020, 3, 19}, .known_at = {}};
      REQUIRE(Spelled(fleet.Kept().GetStatus("", yesterday)) ==
              Spelled(fleet.BySql().GetStatus("", yesterday)));
    }
  }
  CHECK(seen.size() > 50);  // else the dice prove little
}

}  // namespace parc::checkin

#include "daemon/store/kept_columns.h"

#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "daemon/filter/parse.h"
#include "daemon/store/column_match.h"
#include "fmt/format.h"
#include "tests/filter/random_filter.h"
#include "tests/support/dice.h"
#include "tests/support/scratch_directory.h"

namespace parc::store {
namespace {

using test::Dice;

std::unique_ptr<Connection> Open(const test::ScratchDirectory& directory, Connection::Mode mode) {
  auto opened = Connection::Open(directory / "test.db", mode);
  REQUIRE(opened.ok());
  return *std::move(opened);
}

void Do(Connection& db, const std::string& sql) {
  INFO(sql);
  REQUIRE(db.Execute(sql).ok());
}

// A connection that asks, one snapshot after the other.
struct Asker {
  explicit Asker(const test::ScratchDirectory& directory)
      : db(Open(directory, Connection::Mode::kReader)) {}

  void Begin(const KeptColumns& columns) {
    settled = columns.Settled();
    Do(*db, "BEGIN");
  }

  // Every row's state and holder: as columns in memory have them, and as the table has.
  std::pair<std::string, std::string> Both(KeptColumns& columns) {
    std::string kept;
    const absl::Status read =
        columns.Read(*db, settled, [&](KeptColumns::Reader& reader) -> absl::Status {
          const auto states = reader.Codes(KeptTable::kLaptopRows, "state");
          const auto holders = reader.Integers(KeptTable::kLaptopRows, "holder");
          REQUIRE(states.ok());
          REQUIRE(holders.ok());
          REQUIRE(*states != nullptr);
          for (std::size_t row = 0; row < (*holders)->values.size(); ++row) {
            const std::uint32_t code = (*states)->CodeOf(row);
            const std::int64_t holder = (*holders)->values[row];
            if (code == 0 && holder == IntegerColumn::kNone) continue;
            const auto* text = std::get_if<std::string>(&(*states)->values[code]);
            kept += fmt::format("{}:{}:{} ", row, text == nullptr ? "-" : *text,
                                holder == IntegerColumn::kNone ? 0 : holder);
          }
          return absl::OkStatus();
        });
    REQUIRE(read.ok());
    std::string stored;
    Statement select(*db,
                     "SELECT id, state, holder FROM laptops WHERE state IS NOT NULL OR holder IS "
                     "NOT NULL ORDER BY id");
    REQUIRE(select
                .Query([&](const Row& row) {
                  stored += fmt::format("{}:{}:{} ", row.Int(0), row.OptText(1).value_or("-"),
                                        row.Int(2));
                  return absl::OkStatus();
                })
                .ok());
    return {kept, stored};
  }

  std::unique_ptr<Connection> db;
  std::uint64_t settled = 0;
  bool asking = false;
};

constexpr char kTables[] =
    "CREATE TABLE sites(id INTEGER PRIMARY KEY);"
    "CREATE TABLE laptops(id INTEGER PRIMARY KEY, state TEXT, holder INTEGER)";

// The writer, a step at a time: transactions and parts of them that are kept or undone.
class Writer {
 public:
  Writer(Connection& db, Dice& dice) : db_(db), dice_(dice) {}

  void Step() {
    if (!open_) {
      Do(db_, "BEGIN IMMEDIATE");
      open_ = true;
      return;
    }
    switch (dice_.Below(8)) {
      case 0:
        Do(db_, "COMMIT");
        open_ = part_ = false;
        return;
      case 1:
        if (dice_.OneIn(3)) {
          Do(db_, "ROLLBACK");
          open_ = part_ = false;
        }
        return;
      case 2:
        Do(db_, part_ ? (dice_.OneIn(2) ? "ROLLBACK TO part; RELEASE part" : "RELEASE part")
                      : "SAVEPOINT part");
        part_ = !part_;
        return;
      case 3:
        return Do(db_, fmt::format("DELETE FROM laptops WHERE id = {}", Row()));
      case 4:
        return Do(db_, fmt::format("INSERT INTO laptops VALUES({}, {}, {}) ON CONFLICT(id) DO "
                                   "UPDATE SET state = excluded.state",
                                   Row(), State(), Holder()));
      case 5:
        return Do(db_, fmt::format("UPDATE laptops SET holder = {} WHERE id % 7 = {}", Holder(),
                                   dice_.Below(7)));
      default:
        return Do(db_, fmt::format("UPDATE laptops SET state = {}, holder = {} WHERE id = {}",
                                   State(), Holder(), Row()));
    }
  }

 private:
  int Row() { return dice_.Below(40); }
  std::string State() { return dice_.OneIn(5) ? "NULL" : fmt::format("'S{}'", dice_.Below(6)); }
  std::string Holder() { return dice_.OneIn(4) ? "NULL" : fmt::format("{}", 1 + dice_.Below(9)); }

  Connection& db_;
  Dice& dice_;
  bool open_ = false;
  bool part_ = false;
};

}  // namespace

TEST_CASE("columns in memory are as the snapshot has them, whatever is written or undone") {
  for (int seed = 1; seed <= 20; ++seed) {
    Dice dice(static_cast<std::uint64_t>(seed));
    test::ScratchDirectory directory;
    const auto db = Open(directory, Connection::Mode::kWriter);
    Do(*db, kTables);
    RowChanges changes(*db);
    KeptColumns columns(changes);
    std::array<Asker, 3> askers = {Asker(directory), Asker(directory), Asker(directory)};
    Writer writer(*db, dice);
    int answers = 0;
    for (int i = 0; i < 1500; ++i) {
      if (!dice.OneIn(3)) {
        writer.Step();
        continue;
      }
      Asker& asker = askers[static_cast<std::size_t>(dice.Below(3))];
      if (!asker.asking) {
        asker.Begin(columns);
      } else if (dice.OneIn(3)) {
        Do(*asker.db, "COMMIT");
      } else {
        INFO("seed " << seed << ", step " << i);
        const auto [kept, stored] = asker.Both(columns);
        REQUIRE(kept == stored);
        ++answers;
        continue;
      }
      asker.asking = !asker.asking;
    }
    CHECK(answers > 100);
  }
}

TEST_CASE(
    "a column of too many or too long values is left to SQL, one whose values only changed often "
    "is not") {
  test::ScratchDirectory directory;
  const auto db = Open(directory, Connection::Mode::kWriter);
  Do(*db, kTables);
  RowChanges changes(*db);
  KeptColumns columns(changes);
  Asker asker(directory);
  const auto kept = [&] {
    bool is_kept = false;
    asker.Begin(columns);
    REQUIRE(columns
                .Read(*asker.db, asker.settled,
                      [&](KeptColumns::Reader& reader) -> absl::Status {
                        is_kept = *reader.Codes(KeptTable::kLaptopRows, "state") != nullptr;
                        return absl::OkStatus();
                      })
                .ok());
    if (is_kept) {
      const auto [in_memory, stored] = asker.Both(columns);
      CHECK(in_memory == stored);
    }
    Do(*asker.db, "COMMIT");
    return is_kept;
  };
  Do(*db,
     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) "
     "INSERT INTO laptops SELECT i, 'first ' || i, NULL FROM n");
  for (int turn = 0; turn < 20; ++turn) {  // 18,000 values, one after the other
    REQUIRE(kept());
    Do(*db, fmt::format("UPDATE laptops SET state = id || ' in turn {}'", turn));
  }
  Do(*db, "UPDATE laptops SET state = id || hex(zeroblob(500))");  // 900 values of 1 KB
  CHECK_FALSE(kept());
  Do(*db, "UPDATE laptops SET state = 'all alike'");
  for (int i = 0; i < 1000; ++i) kept();  // it is looked at again now and then
  CHECK(kept());
  Do(*db, fmt::format("WITH RECURSIVE n(i) AS (SELECT 1001 UNION ALL SELECT i + 1 FROM n WHERE i < "
                      "{}) INSERT INTO laptops SELECT i, 'more ' || i, NULL FROM n",
                      1001 + KeptColumns::kMostValues));
  CHECK_FALSE(kept());
  CHECK_FALSE(kept());
  Do(*db, "UPDATE laptops SET state = 'all alike'");
  for (int i = 0; i < 1000; ++i) kept();
  CHECK(kept());
}

TEST_CASE("columns in memory pick the laptops that SQL picks") {
  Dice dice(20200312);
  test::ScratchDirectory directory;
  const auto db = Open(directory, Connection::Mode::kWriter);
  Do(*db, test::TableOfRecords());
  for (int i = 0; i < 200; ++i) REQUIRE(test::InsertRecord(*db, i, test::RandomRecord(dice)).ok());
  Do(*db, "CREATE TABLE sites(id INTEGER PRIMARY KEY); ALTER TABLE records RENAME TO laptops");
  ColumnMap map;
  for (const auto& [field, column] : test::SampleColumns()) map.emplace(field, "l." + column.sql);
  // A field that is worked out of its column.
  const std::string seen = map.at(inventory::FieldId::kLastSeen).sql;
  map.at(inventory::FieldId::kLastSeen) =
      fmt::format("(({0} - 3000000) / 2000000 * 1000000 - ({0} % 2 < 0))", seen);
  RowChanges changes(*db);
  KeptColumns columns(changes);
  int picked_some = 0;
  for (int i = 0; i < 1500; ++i) {
    const filter::Expression expression = test::RandomExpression(dice, 3);
    const auto where = Compile(expression, map);
    REQUIRE(where.ok());
    INFO(where->sql);
    RowSet by_sql;
    Statement select(*db, "SELECT id FROM laptops l WHERE " + where->sql);
    REQUIRE(select
                .QueryWith(
                    [&](const Row& row) {
                      by_sql.Put(row.Int(0));
                      return absl::OkStatus();
                    },
                    where->binds)
                .ok());
    RowSet all;
    for (int row = 0; row < 200; ++row) all.Put(row);
    std::optional<RowSet> matches;
    const absl::Status read =
        columns.Read(*db, 0, [&](KeptColumns::Reader& reader) -> absl::Status {
          auto found = MatchInMemory(
              *db, expression, all,
              [&](inventory::FieldId id) -> absl::StatusOr<std::optional<FieldInMemory>> {
                const auto name = OneColumnOf(map.at(id));
                REQUIRE(name.has_value());
                const auto column = reader.Codes(name->first, name->second);
                REQUIRE(column.ok());
                return FieldInMemory{*column, OverValue(map.at(id), name->first, name->second)};
              });
          if (!found.ok()) return found.status();
          matches = *std::move(found);
          return absl::OkStatus();
        });
    INFO(read);
    REQUIRE(read.ok());
    REQUIRE(matches.has_value());
    std::string in_memory;
    std::string stored;
    matches->Each([&](std::int64_t row) { in_memory += fmt::format("{} ", row); });
    by_sql.Each([&](std::int64_t row) { stored += fmt::format("{} ", row); });
    REQUIRE(in_memory == stored);
    CHECK(matches->Count() == by_sql.Count());
    if (matches->Count() > 0 && matches->Count() < 200) ++picked_some;
  }
  CHECK(picked_some > 700);
}

TEST_CASE("only what says no more than one column of one table is answered by a column") {
  using Found = std::optional<std::pair<KeptTable, std::string>>;
  CHECK(OneColumnOf("f.os_kernel") == Found({KeptTable::kFactRows, "os_kernel"}));
  CHECK(OneColumnOf("l.state") == Found({KeptTable::kLaptopRows, "state"}));
  CHECK(OneColumnOf("(l.price_micros / 1000000)") ==
        Found({KeptTable::kLaptopRows, "price_micros"}));
  CHECK(OneColumnOf("((f.x - 7) / 2 - ((f.x - 7) % 2 < 0))") == Found({KeptTable::kFactRows, "x"}));
  CHECK(OneColumnOf("(f.x - f.y)") == Found());
  CHECK(OneColumnOf("h.name") == Found());
  CHECK(OneColumnOf("(o.reference || '/' || ol.line)") == Found());
  CHECK(OneColumnOf("coalesce(l.state, 'x.y')") == Found());
  CHECK(OneColumnOf("1") == Found());
  CHECK(OneColumnOf(Column::WithKey("l.asset_tag", "l.asset_key")) == Found());
  CHECK(OneColumnOf(Column::WithAlias("l.state", "l.model")) == Found());
  CHECK(OverValue("((f.x - 7) / 2 - (f.xy % 2))", KeptTable::kFactRows, "x").sql ==
        "((x.v - 7) / 2 - (f.xy % 2))");
}

}  // namespace parc::store

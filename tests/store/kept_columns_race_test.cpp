#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "daemon/store/kept_columns.h"
#include "fmt/format.h"
#include "tests/support/scratch_store.h"

namespace parc::store {
namespace {

std::int64_t Sum(const IntegerColumn& column) {
  std::int64_t sum = 0;
  for (const std::int64_t value : column.values) sum += value == IntegerColumn::kNone ? 0 : value;
  return sum;
}

// Asks until `stop`, and a hundred times at least: the sum of a column in memory beside that of the
// same snapshot's rows.
int Disagreements(test::ScratchStore& store, KeptColumns& columns, const std::atomic<bool>& stop) {
  auto db = Connection::Open(store.database().file(), Connection::Mode::kReader);
  int different = 0;
  for (int asked = 0; db.ok() && (asked < 100 || !stop); ++asked) {
    const std::uint64_t settled = columns.Settled();
    (*db)->Execute("BEGIN").IgnoreError();
    std::int64_t in_memory = -1;
    const absl::Status read =
        columns.Read(**db, settled, [&](KeptColumns::Reader& reader) -> absl::Status {
          const auto found = reader.Integers(KeptTable::kPersonRows, "tier");
          if (found.ok()) in_memory = Sum(**found);
          return found.status();
        });
    const auto stored = (*db)->Integer("SELECT sum(tier) FROM people");
    if (!read.ok() || !stored.ok() || *stored != in_memory) ++different;
    (*db)->Execute("COMMIT").IgnoreError();
  }
  return db.ok() ? different : -1;
}

TEST_CASE("columns in memory are as each snapshot has them while the writer writes") {
  test::ScratchStore store;
  REQUIRE(store
              .Write("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) "
                     "INSERT INTO people SELECT i, i, i, '', '', '', '', NULL, 1, 1, '', NULL, "
                     "NULL, '', 1 FROM n")
              .ok());
  const RowChanges changes(store.database().writer());
  KeptColumns columns(changes);
  std::atomic<bool> stop{false};
  std::vector<int> different(2, -1);
  std::vector<std::thread> askers;
  for (int& count : different)
    askers.emplace_back([&] { count = Disagreements(store, columns, stop); });
  bool written = true;
  for (int i = 0; i < 1000 && written; ++i) {
    written = store
                  .Write(fmt::format("UPDATE people SET tier = 1 + (tier + {}) % 4 WHERE id = {}",
                                     i % 3, 1 + i % 50))
                  .ok();
  }
  stop = true;
  for (std::thread& asker : askers) asker.join();
  CHECK(written);
  CHECK(different == std::vector<int>{0, 0});
}

}  // namespace
}  // namespace parc::store

#include "daemon/store/reader_pool.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <thread>

#include "tests/support/scratch_store.h"

namespace parc::store {
namespace {

// Counts the rows of a table.
class Counter {
 public:
  explicit Counter(Connection& db) : db_(db) {}
  std::int64_t Sites() { return *db_.Integer("SELECT COUNT(*) FROM sites"); }
  absl::Status TryToWrite() { return db_.Execute("DELETE FROM sites"); }

 private:
  Connection& db_;
};

using Pool = ReaderPool<Counter>;

std::unique_ptr<Pool> MustOpen(test::ScratchStore& store, int threads) {
  auto pool = Pool::Open(store.database().file(), threads,
                         [](Connection& db) { return std::make_unique<Counter>(db); });
  REQUIRE(pool.ok());
  return *std::move(pool);
}

constexpr char kAddSite[] =
    "INSERT INTO sites SELECT COUNT(*) + 1, COUNT(*), COUNT(*), '', '', NULL, 1 FROM sites";

TEST_CASE("a job sees one snapshot, whatever is written meanwhile") {
  test::ScratchStore store;
  REQUIRE(store.Write(kAddSite).ok());
  const auto pool = MustOpen(store, 2);
  test::Awaited<std::pair<std::int64_t, std::int64_t>> seen;
  REQUIRE(pool->Submit([&](absl::StatusOr<Counter*> counter) {
                const std::int64_t before = (*counter)->Sites();
                store.Write(kAddSite).IgnoreError();
                seen.Setter()({before, (*counter)->Sites()});
              })
              .ok());
  const auto counts = seen.Get();
  REQUIRE(counts != nullptr);
  CHECK(counts->first == 1);
  CHECK(counts->second == 1);

  test::Awaited<std::int64_t> later;
  REQUIRE(
      pool->Submit([&](absl::StatusOr<Counter*> counter) { later.Setter()((*counter)->Sites()); })
          .ok());
  const auto count = later.Get();
  REQUIRE(count != nullptr);
  CHECK(*count == 2);
}

TEST_CASE("a job cannot write") {
  test::ScratchStore store;
  REQUIRE(store.Write(kAddSite).ok());
  const auto pool = MustOpen(store, 1);
  test::Awaited<absl::Status> tried;
  REQUIRE(pool->Submit([&](absl::StatusOr<Counter*> counter) {
                tried.Setter()((*counter)->TryToWrite());
              })
              .ok());
  const auto status = tried.Get();
  REQUIRE(status != nullptr);
  CHECK_FALSE(status->ok());
  CHECK(store.Integer("SELECT COUNT(*) FROM sites") == 1);
}

TEST_CASE("stopping runs what is queued and refuses the rest") {
  test::ScratchStore store;
  const auto pool = MustOpen(store, 3);
  std::atomic<int> ran{0};
  for (int i = 0; i < 200; ++i)
    REQUIRE(
        pool->Submit([&](absl::StatusOr<Counter*> counter) { ran += counter.ok() ? 1 : 0; }).ok());
  pool->Stop();
  CHECK(ran == 200);
  const absl::Status late = pool->Submit([](absl::StatusOr<Counter*>) {});
  CHECK(ReasonOf(late) == "STOPPING");
}

TEST_CASE("too many questions are turned away at once") {
  test::ScratchStore store;
  const auto pool = MustOpen(store, 1);
  std::promise<void> gate;
  std::promise<void> begun;
  REQUIRE(pool->Submit([&, open = gate.get_future().share()](absl::StatusOr<Counter*>) {
                begun.set_value();
                open.wait_for(std::chrono::seconds(10));
              })
              .ok());
  begun.get_future().wait_for(std::chrono::seconds(10));
  for (std::size_t i = 0; i < Pool::kMaxQueue; ++i)
    REQUIRE(pool->Submit([](absl::StatusOr<Counter*>) {}).ok());
  const absl::Status busy = pool->Submit([](absl::StatusOr<Counter*>) {});
  CHECK(busy.code() == absl::StatusCode::kResourceExhausted);
  CHECK(ReasonOf(busy) == "BUSY");
  gate.set_value();
}

TEST_CASE("a pool over a file that is not there does not open") {
  const test::ScratchDirectory directory;
  const auto pool = Pool::Open(directory / "none.db", 2,
                               [](Connection& db) { return std::make_unique<Counter>(db); });
  CHECK_FALSE(pool.ok());
}

}  // namespace
}  // namespace parc::store

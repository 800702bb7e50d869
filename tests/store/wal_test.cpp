#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <thread>

#include "daemon/store/group_commit.h"
#include "fmt/format.h"
#include "tests/support/scratch_store.h"

namespace parc::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::uintmax_t WalSize(test::ScratchStore& store) {
  std::error_code error;
  const auto size = std::filesystem::file_size(store.database().file().string() + "-wal", error);
  return error ? 0 : size;
}

// Waits until the write-ahead log is shortened to nothing.
bool WalIsTruncated(test::ScratchStore& store) {
  const auto deadline = steady_clock::now() + std::chrono::seconds(5);
  while (steady_clock::now() < deadline) {
    if (WalSize(store) == 0) return true;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return false;
}

absl::Status WriteMuch(test::ScratchStore& store) {
  return store.Write(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
      "INSERT INTO replies SELECT hex(randomblob(16)), 'm', x'00', randomblob(200), 1 FROM n");
}

GroupCommit::Options SmallCap() {
  GroupCommit::Options options;
  options.max_wal_pages = 50;
  return options;
}

TEST_CASE("a write-ahead log beyond its cap is truncated in a pause") {
  test::ScratchStore store(SmallCap());
  REQUIRE(WriteMuch(store).ok());
  CHECK(WalIsTruncated(store));
  CHECK(store.Integer("SELECT COUNT(*) FROM replies") == 2000);
}

TEST_CASE("a write-ahead log below its cap is checkpointed and kept for reuse") {
  test::ScratchStore store;
  REQUIRE(WriteMuch(store).ok());
  std::this_thread::sleep_for(milliseconds(200));  // the pause has come and gone
  const std::uintmax_t size = WalSize(store);
  CHECK(size > 0);
  for (int i = 0; i < 5; ++i) {
    REQUIRE(store.Write("DELETE FROM replies").ok());
    REQUIRE(WriteMuch(store).ok());
    std::this_thread::sleep_for(milliseconds(100));
  }
  CHECK(WalSize(store) < 4 * size);
}

TEST_CASE("a reader that holds the log delays its truncation, and no write") {
  test::ScratchStore store(SmallCap());
  REQUIRE(store.reader().Execute("BEGIN").ok());
  CHECK(store.Integer("SELECT COUNT(*) FROM replies") == 0);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(WriteMuch(store).ok());
    std::this_thread::sleep_for(milliseconds(100));  // a pause, in which truncating is tried
    const auto begun = steady_clock::now();
    REQUIRE(store.Write("DELETE FROM replies WHERE request_id = ''").ok());
    CHECK(steady_clock::now() - begun < milliseconds(1500));
  }
  CHECK(WalSize(store) > 0);
  CHECK(store.Integer("SELECT COUNT(*) FROM replies") == 0);  // still its own snapshot
  REQUIRE(store.reader().Execute("COMMIT").ok());
  REQUIRE(store.Write("DELETE FROM replies WHERE request_id = ''").ok());
  CHECK(WalIsTruncated(store));
  CHECK(store.Integer("SELECT COUNT(*) FROM replies") == 6000);
}

}  // namespace
}  // namespace parc::store

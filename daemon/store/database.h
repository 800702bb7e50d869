#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/sql.h"

namespace parc::store {

// One frozen step from an older database to a newer one; `number` counts from 1.
struct Migration {
  int number;
  std::string_view name;  // "0001_fleet.sql"
  std::string_view sql;
};

// Parc's own, in order (store/schema/NNNN_name.sql, embedded at build time).
const std::vector<Migration>& Migrations();

// The daemon's database file: held by one process, migrated, and checked before it is used.
class Database {
 public:
  // Opens `directory`/parc.db, creating it (0600) when it is missing, takes the lock, checks the
  // file quickly and brings it up to date in one transaction. `migrations` is a parameter for
  // tests. Errors, each with what to do about it:
  //   FAILED_PRECONDITION DATABASE_IN_USE    another daemon holds it
  //   FAILED_PRECONDITION DATABASE_TOO_NEW   written by a later Parc; left untouched
  //   FAILED_PRECONDITION NOT_A_DATABASE     not SQLite, or of another program
  //   DATA_LOSS STORAGE_CORRUPT              damaged
  static absl::StatusOr<std::unique_ptr<Database>> Open(
      const std::filesystem::path& directory,
      const std::vector<Migration>& migrations = Migrations());
  // Opens the database as it is, for a check or a backup while no daemon runs: takes the lock,
  // migrates nothing, and `writer` only reads. Also NOT_FOUND DATABASE_NOT_FOUND.
  static absl::StatusOr<std::unique_ptr<Database>> OpenAsIs(const std::filesystem::path& directory);
  ~Database();
  Database(Database&&) = delete;

  // The only connection that writes and checkpoints (two would meet SQLite 3.40's WAL-reset bug).
  Connection& writer() { return *writer_; }
  const std::filesystem::path& file() const { return file_; }

 private:
  Database(std::filesystem::path file, int lock_fd) : file_(std::move(file)), lock_fd_(lock_fd) {}

  std::filesystem::path file_;
  int lock_fd_;
  std::unique_ptr<Connection> writer_;
};

// Writes the file's own mark once more: what a commit can do only if the disk still takes writes.
// Runs inside a transaction.
absl::Status ProbeWrite(Connection& db);

// Every page, index and reference, and whether each laptop and person is as the newest version of
// the history says: SQLite has no checksums, so what is stored twice is compared. DATA_LOSS
// STORAGE_CORRUPT names what is wrong.
absl::Status CheckIntegrity(Connection& db);

// Writes a consistent copy of the open database to `target`, which must not exist: copies online,
// syncs, checks the copy, and only then gives it its name (0600). Returns its size in bytes.
absl::StatusOr<std::int64_t> Backup(Connection& db, const std::filesystem::path& target);

// Puts the backup `source` in the place of `directory`/parc.db after checking it; the database that
// was there is kept beside it, under the returned path (empty when there was none).
// FAILED_PRECONDITION DATABASE_IN_USE while a daemon runs, NOT_A_DATABASE and DATABASE_TOO_NEW as
// for Open().
absl::StatusOr<std::filesystem::path> Restore(const std::filesystem::path& source,
                                              const std::filesystem::path& directory,
                                              std::int64_t now);

}  // namespace parc::store

#include "daemon/store/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include "daemon/inventory/civil_date.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/file_error.h"
#include "daemon/store/versions.h"
#include "daemon/store/wal_check.h"
#include "fmt/format.h"

namespace parc::store {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kApplicationId = 0x50415243;  // "PARC"
constexpr char kFileName[] = "parc.db";

// Takes the lock on `directory` for this process; the file says who holds it.
absl::StatusOr<int> TakeLock(const fs::path& directory) {
  const fs::path path = directory / "parc.lock";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return FileError(errno, "opening", path);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    const ssize_t length = pread(fd, holder, sizeof holder - 1, 0);
    close(fd);
    const std::string pid(holder, length > 0 ? static_cast<std::size_t>(length) : 0);
    return Refuse(
        absl::StatusCode::kFailedPrecondition, "DATABASE_IN_USE",
        fmt::format("the database in {} is in use by pid {}; stop that daemon first",
                    directory.string(), pid.empty() ? "?" : pid.substr(0, pid.find('\n'))));
  }
  const std::string pid = fmt::format("{}\n", getpid());
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0) {
    close(fd);
    return FileError(errno, "writing", path);
  }
  return fd;
}

absl::Status NotOurs(const fs::path& file) {
  return Refuse(absl::StatusCode::kFailedPrecondition, "NOT_A_DATABASE",
                fmt::format("{} is no Parc database; move it away, or name another state directory",
                            file.string()));
}

// A database without our stamp in its header is ours when the stamp still lies in the write-ahead
// log, or when it holds nothing: a daemon was killed at its first start. Read-only, so that a file
// of somebody else is not touched.
absl::Status CheckUnstamped(const fs::path& file) {
  PARC_ASSIGN(const std::unique_ptr<Connection> db,
              Connection::Open(file, Connection::Mode::kReader));
  PARC_ASSIGN(const std::int64_t application, db->Integer("PRAGMA application_id"));
  if (application == kApplicationId) return absl::OkStatus();
  PARC_ASSIGN(const std::int64_t tables, db->Integer("SELECT COUNT(*) FROM sqlite_schema"));
  return application == 0 && tables == 0 ? absl::OkStatus() : NotOurs(file);
}

// Whether `file` is missing, empty or a database of Parc, by its header.
absl::Status CheckHeader(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error || size == 0) return absl::OkStatus();
  std::ifstream in(file, std::ios::binary);
  char header[100] = {};
  in.read(header, sizeof header);
  std::int64_t application = 0;
  for (int i = 68; i < 72; ++i)
    application = application << 8 | static_cast<unsigned char>(header[i]);
  if (std::string_view(header, 15) != "SQLite format 3") return NotOurs(file);
  if (application == 0) return CheckUnstamped(file);
  return application == kApplicationId ? absl::OkStatus() : NotOurs(file);
}

absl::Status QuickCheck(Connection& db) {
  Statement check(db, "PRAGMA quick_check(1)");
  std::string result;
  PARC_TRY(check.Query([&](const Row& row) {
    result = row.Text(0);
    return absl::OkStatus();
  }));
  if (result == "ok") return absl::OkStatus();
  return Refuse(
      absl::StatusCode::kDataLoss, "STORAGE_CORRUPT",
      fmt::format("the database is damaged ({}); restore a backup with `parcd restore FILE`",
                  result));
}

// The version of the schema in `db`. FAILED_PRECONDITION DATABASE_TOO_NEW beyond the last
// migration.
absl::StatusOr<std::int64_t> KnownVersion(Connection& db, const std::vector<Migration>& migrations,
                                          const fs::path& file) {
  PARC_ASSIGN(const std::int64_t version, db.Integer("PRAGMA user_version"));
  const std::int64_t latest = migrations.empty() ? 0 : migrations.back().number;
  if (version <= latest) return version;
  return Refuse(
      absl::StatusCode::kFailedPrecondition, "DATABASE_TOO_NEW",
      fmt::format(
          "{} was written by a later Parc (schema {}, this one knows {}); it was left untouched: "
          "install that Parc again, or restore an older backup",
          file.string(), version, latest));
}

absl::Status Migrate(Connection& db, const std::vector<Migration>& migrations,
                     const fs::path& file) {
  PARC_ASSIGN(const std::int64_t version, KnownVersion(db, migrations, file));
  if (migrations.empty() || version == migrations.back().number) return absl::OkStatus();
  PARC_TRY(Within(db, "migrating the database", [&]() -> absl::Status {
    for (const Migration& migration : migrations) {
      if (migration.number <= version) continue;
      PARC_TRY(db.Execute(std::string(migration.sql)));
      PARC_TRY(db.Execute(fmt::format("PRAGMA user_version = {}", migration.number)));
    }
    return db.Execute(fmt::format("PRAGMA application_id = {}", kApplicationId));
  }));
  return db.Checkpoint(/*truncate=*/true);
}

absl::Status SyncFile(const fs::path& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return FileError(errno, "opening", path);
  const int result = fsync(fd);
  close(fd);
  return result == 0 ? absl::OkStatus() : FileError(errno, "syncing", path);
}

absl::Status Rename(const fs::path& from, const fs::path& to) {
  if (rename(from.c_str(), to.c_str()) != 0) return FileError(errno, "renaming", from);
  return SyncFile(to.parent_path().empty() ? "." : to.parent_path(), O_RDONLY | O_DIRECTORY);
}

// Gives the database `file` the second name `kept`. `file` itself stays until it is replaced, so
// that a crash on the way never leaves a directory without a database, which would be taken for a
// new one.
absl::Status KeepAside(const fs::path& file, const fs::path& kept) {
  // Closing the last connection empties the write-ahead log into the file. A damaged database may
  // refuse that; then its log is kept beside it.
  if (CheckHeader(file).ok() && CheckLog(file).ok())
    Connection::Open(file, Connection::Mode::kWriter).IgnoreError();
  std::error_code error;
  fs::create_hard_link(file, kept, error);
  if (error) {
    return Refuse(
        absl::StatusCode::kUnavailable, "STORAGE_FAILED",
        fmt::format("keeping {} as {}: {}", file.string(), kept.string(), error.message()));
  }
  // Left behind, the log would be replayed into the new database.
  for (const std::string_view suffix : {"-wal", "-shm"}) {
    const fs::path companion = file.string() + std::string(suffix);
    if (fs::exists(companion, error))
      PARC_TRY(Rename(companion, kept.string() + std::string(suffix)));
  }
  return SyncFile(kept.parent_path(), O_RDONLY | O_DIRECTORY);
}

absl::Status CopyOnline(Connection& from, const fs::path& target) {
  const int fd = open(target.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return FileError(errno, "creating", target);
  close(fd);
  PARC_ASSIGN(const std::unique_ptr<Connection> copy,
              Connection::Open(target, Connection::Mode::kWriter));
  sqlite3_backup* backup = sqlite3_backup_init(copy->handle(), "main", from.handle(), "main");
  if (backup == nullptr) return absl::InternalError(sqlite3_errmsg(copy->handle()));
  const int stepped = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (stepped != SQLITE_DONE || finished != SQLITE_OK) {
    return Refuse(absl::StatusCode::kUnavailable, "STORAGE_FAILED",
                  fmt::format("copying to {}: {}", target.string(), sqlite3_errstr(stepped)));
  }
  PARC_TRY(copy->Execute("PRAGMA journal_mode = DELETE"));  // one file, complete by itself
  return CheckIntegrity(*copy);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const fs::path& directory,
                                                         const std::vector<Migration>& migrations) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) {
    return Refuse(absl::StatusCode::kUnavailable, "STORAGE_FAILED",
                  fmt::format("creating {}: {}", directory.string(), error.message()));
  }
  const fs::path file = directory / kFileName;
  PARC_ASSIGN(const int lock_fd, TakeLock(directory));
  std::unique_ptr<Database> database(new Database(file, lock_fd));
  PARC_TRY(CheckHeader(file));
  PARC_TRY(CheckLog(file));
  const mode_t before = umask(0077);
  absl::StatusOr<std::unique_ptr<Connection>> writer =
      Connection::Open(file, Connection::Mode::kWriter);
  umask(before);
  PARC_TRY(writer.status());
  database->writer_ = *std::move(writer);
  PARC_TRY(QuickCheck(*database->writer_));
  PARC_TRY(Migrate(*database->writer_, migrations, file));
  return database;
}

absl::StatusOr<std::unique_ptr<Database>> Database::OpenAsIs(const fs::path& directory) {
  const fs::path file = directory / kFileName;
  if (std::error_code error; !fs::exists(file, error)) {
    return Refuse(absl::StatusCode::kNotFound, "DATABASE_NOT_FOUND",
                  fmt::format("there is no database in {}", directory.string()));
  }
  PARC_ASSIGN(const int lock_fd, TakeLock(directory));
  std::unique_ptr<Database> database(new Database(file, lock_fd));
  PARC_TRY(CheckHeader(file));
  PARC_TRY(CheckLog(file));
  PARC_ASSIGN(database->writer_, Connection::Open(file, Connection::Mode::kReader));
  return database;
}

Database::~Database() {
  writer_.reset();
  close(lock_fd_);
}

absl::Status ProbeWrite(Connection& db) {
  return db.Execute(fmt::format("PRAGMA application_id = {}", kApplicationId));
}

namespace {

// Whether each current row is as its newest version says, in the columns that this database has:
// it may be a backup of an earlier Parc.
absl::Status CompareTwins(Connection& db, const VersionedTable& table,
                          absl::FunctionRef<absl::Status(const Row&)> note) {
  std::string columns;
  Statement names(db, "SELECT group_concat(name, ', ') FROM pragma_table_info(?1)");
  PARC_TRY(names.Query(
      [&](const Row& row) {
        columns = row.Text(0);
        return absl::OkStatus();
      },
      table.current));
  if (columns.empty()) return absl::OkStatus();
  Statement twins(
      db, fmt::format("SELECT 'row ' || id || ' of {1} is not its newest version' FROM (SELECT {0} "
                      "FROM {1} EXCEPT SELECT {0} FROM {2} WHERE known_to = {3} AND "
                      "effective_to = '{4}') LIMIT 20",
                      columns, table.current, table.versions, kStillKnown, kForever));
  return twins.Query(note);
}

}  // namespace

absl::Status CheckIntegrity(Connection& db) {
  std::string problems;
  const auto note = [&](const Row& row) {
    const std::string text = row.Text(0);
    if (text != "ok" && problems.size() < 2000) problems += (problems.empty() ? "" : "; ") + text;
    return absl::OkStatus();
  };
  Statement integrity(db, "PRAGMA integrity_check(20)");
  PARC_TRY(integrity.Query(note));
  Statement references(db,
                       "SELECT 'row ' || coalesce(rowid, '?') || ' of ' || \"table\" || ' refers "
                       "to nothing in ' || parent "
                       "FROM pragma_foreign_key_check LIMIT 20");
  PARC_TRY(references.Query(note));
  for (const VersionedTable& table : {kLaptops, kPeople}) PARC_TRY(CompareTwins(db, table, note));
  if (problems.empty()) return absl::OkStatus();
  return Refuse(
      absl::StatusCode::kDataLoss, "STORAGE_CORRUPT",
      fmt::format("the database is damaged: {}; restore a backup with `parcd restore FILE`",
                  problems));
}

absl::StatusOr<std::int64_t> Backup(Connection& db, const fs::path& target) {
  std::error_code error;
  if (fs::exists(target, error)) {
    return Refuse(absl::StatusCode::kAlreadyExists, "FILE_EXISTS",
                  fmt::format("{} exists already; a backup overwrites nothing", target.string()));
  }
  const fs::path partial = target.string() + ".partial";
  fs::remove(partial, error);
  absl::Status copied = CopyOnline(db, partial);
  if (copied.ok()) copied = SyncFile(partial, O_RDWR);
  if (copied.ok()) copied = Rename(partial, target);
  if (!copied.ok()) {
    fs::remove(partial, error);
    return copied;
  }
  return static_cast<std::int64_t>(fs::file_size(target, error));
}

absl::StatusOr<fs::path> Restore(const fs::path& source, const fs::path& directory,
                                 std::int64_t now) {
  std::error_code error;
  if (!fs::exists(source, error)) {
    return Refuse(absl::StatusCode::kNotFound, "FILE_NOT_FOUND",
                  fmt::format("there is no file {}", source.string()));
  }
  PARC_TRY(CheckHeader(source));
  fs::create_directories(directory, error);
  PARC_ASSIGN(const int lock_fd, TakeLock(directory));
  const struct Unlock {
    int fd;
    ~Unlock() { close(fd); }
  } unlock{lock_fd};

  const fs::path file = directory / kFileName;
  const fs::path incoming = directory / "parc.db.restoring";
  fs::remove(incoming, error);
  {
    PARC_ASSIGN(const std::unique_ptr<Connection> backup,
                Connection::Open(source, Connection::Mode::kReader));
    PARC_TRY(KnownVersion(*backup, Migrations(), source).status());
    PARC_TRY(CheckIntegrity(*backup));
    PARC_TRY(CopyOnline(*backup, incoming));
  }
  PARC_TRY(SyncFile(incoming, O_RDWR));
  fs::path kept;
  if (fs::exists(file, error)) {
    const std::string name = file.string() + ".before-restore-" + inventory::ToIsoTime(now);
    kept = name;
    for (int i = 2; fs::exists(kept, error); ++i) kept = fmt::format("{}-{}", name, i);
    PARC_TRY(KeepAside(file, kept));
  }
  PARC_TRY(Rename(incoming, file));
  return kept;
}

}  // namespace parc::store

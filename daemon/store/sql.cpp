#include "daemon/store/sql.h"

#include <sqlite3.h>

#include <cstdlib>

#include "daemon/inventory/fold.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/file_error.h"
#include "daemon/store/logged_contacts.h"
#include "fmt/format.h"

namespace parc::store {
namespace {

// SQLite tells of a full disk where a write of pages meets it. A quota, and the log's index, which
// grows as a mapped file, fail as I/O errors; both are before any commit is on disk. A sync that
// finds no room is none of these: what it leaves behind is not known.
bool FoundNoRoom(sqlite3* handle, int code) {
  if (code == SQLITE_FULL) return true;
  if (handle == nullptr || (code != SQLITE_IOERR_WRITE && code != SQLITE_IOERR_SHMSIZE))
    return false;
  return IsFull(sqlite3_system_errno(handle));
}

absl::Status ToStatus(sqlite3* handle, int code, std::string_view doing) {
  const int primary = FoundNoRoom(handle, code) ? SQLITE_FULL : code & 0xFF;
  const std::string text =
      fmt::format("{}: {} ({})", doing,
                  handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code), code);
  switch (primary) {
    case SQLITE_OK:
    case SQLITE_DONE:
    case SQLITE_ROW:
      return absl::OkStatus();
    case SQLITE_NOMEM:
      std::abort();
    case SQLITE_FULL:
      return Refuse(absl::StatusCode::kResourceExhausted, "STORAGE_FULL",
                    "the disk is full; " + text);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      return Refuse(absl::StatusCode::kUnavailable, "STORAGE_FAILED", text);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Refuse(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT",
                    text + "; restore a backup with `parcd restore FILE`");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Refuse(absl::StatusCode::kUnavailable, "STORAGE_BUSY", text);
    default:
      return absl::InternalError(text);
  }
}

// Makes `text → text` functions available to SQL; NULL stays NULL.
template <std::string (*kFunction)(std::string_view)>
void TextFunction(sqlite3_context* context, int, sqlite3_value** values) {
  if (sqlite3_value_type(values[0]) == SQLITE_NULL) return;
  const auto* bytes = static_cast<const char*>(sqlite3_value_blob(values[0]));
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(values[0]));
  const std::string result = kFunction(std::string_view(bytes == nullptr ? "" : bytes, size));
  sqlite3_result_text(context, result.data(), static_cast<int>(result.size()), SQLITE_TRANSIENT);
}

// folds_to(text, key): fold(text) = key, without making a text for each row.
void FoldsTo(sqlite3_context* context, int, sqlite3_value** values) {
  if (sqlite3_value_type(values[0]) == SQLITE_NULL) return;
  const auto view = [](sqlite3_value* value) {
    const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
    const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
    return std::string_view(bytes == nullptr ? "" : bytes, size);
  };
  sqlite3_result_int(context, inventory::FoldsTo(view(values[0]), view(values[1])) ? 1 : 0);
}

// has_bit(bits, n): whether a RowSet, by its bits, holds row n.
void HasBit(sqlite3_context* context, int, sqlite3_value** values) {
  const auto* bits = static_cast<const unsigned char*>(sqlite3_value_blob(values[0]));
  const std::int64_t size = sqlite3_value_bytes(values[0]);
  const std::int64_t row = sqlite3_value_int64(values[1]);
  const bool has = row >= 0 && row / 8 < size && (bits[row / 8] >> (row % 8) & 1) != 0;
  sqlite3_result_int(context, has ? 1 : 0);
}

template <std::string (*kFunction)(std::string_view)>
int Register(sqlite3* handle, const char* name) {
  return sqlite3_create_function_v2(handle, name, 1,
                                    SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nullptr,
                                    TextFunction<kFunction>, nullptr, nullptr, nullptr);
}

constexpr int kBusyMilliseconds = 5000;

// Why each is set: reliability over speed everywhere but in the page size; see CONTRIBUTING,
// "Storage".
constexpr char kCommonPragmas[] =
    "PRAGMA foreign_keys = ON;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA cell_size_check = ON;"
    "PRAGMA mmap_size = 0;"
    "PRAGMA wal_autocheckpoint = 0;";
constexpr char kWriterPragmas[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA secure_delete = ON;";
// A quarter of SQLite's usual cache: what a question scans does not fit into either, and what lists
// show comes from the system's cache for a microsecond a page.
constexpr char kReaderPragmas[] = "PRAGMA query_only = ON; PRAGMA cache_size = -512;";

}  // namespace

bool Row::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
std::int64_t Row::Int(int column) const { return sqlite3_column_int64(statement_, column); }
double Row::Real(int column) const { return sqlite3_column_double(statement_, column); }
int Row::Columns() const { return sqlite3_column_count(statement_); }

std::string Row::Text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<std::int64_t> Row::OptInt(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Int(column);
}

std::optional<std::string> Row::OptText(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Text(column);
}

Bind Row::Any(int column) const {
  switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_NULL:
      return nullptr;
    case SQLITE_INTEGER:
      return Int(column);
    case SQLITE_FLOAT:
      return Real(column);
    default:
      return Text(column);
  }
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::filesystem::path& file,
                                                             Mode mode) {
  sqlite3* handle = nullptr;
  const int flags =
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
      (mode == Mode::kWriter ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Connection> connection(new Connection(handle));
  PARC_TRY(ToStatus(handle, code, fmt::format("opening {}", file.string())));
  for (const int registered :
       {Register<inventory::Fold>(handle, "fold"),
        Register<inventory::VersionKey>(handle, "version_key"),
        sqlite3_create_function_v2(handle, "folds_to", 2,
                                   SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nullptr,
                                   FoldsTo, nullptr, nullptr, nullptr),
        sqlite3_create_function_v2(handle, "has_bit", 2,
                                   SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nullptr,
                                   HasBit, nullptr, nullptr, nullptr),
        RegisterLoggedContacts(handle)}) {
    PARC_TRY(ToStatus(handle, registered, "registering functions"));
  }
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  PARC_TRY(connection->Execute(kCommonPragmas));
  PARC_TRY(connection->Execute(mode == Mode::kWriter ? kWriterPragmas : kReaderPragmas));
  return connection;
}

Connection::Connection(sqlite3* handle)
    : handle_(handle),
      begin_item_(std::make_unique<Statement>(*this, "SAVEPOINT item")),
      end_item_(std::make_unique<Statement>(*this, "RELEASE item")) {}

Connection::~Connection() {
  begin_item_.reset();
  end_item_.reset();
  sqlite3_close_v2(handle_);
}

RowWatch::RowWatch(Connection& db, Changed changed) : db_(db), changed_(std::move(changed)) {
  db_.watches_.push_back(this);
  sqlite3_update_hook(
      db_.handle_,
      [](void* connection, int, const char*, const char* table, sqlite3_int64 row) {
        for (const RowWatch* watch : static_cast<Connection*>(connection)->watches_)
          watch->changed_(table, row);
      },
      &db_);
}

RowWatch::~RowWatch() {
  std::erase(db_.watches_, this);
  if (db_.watches_.empty()) sqlite3_update_hook(db_.handle_, nullptr, nullptr);
}

absl::Status Connection::Execute(const std::string& sql) {
  return ToStatus(handle_, sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr),
                  sql.substr(0, 80));
}

absl::StatusOr<std::int64_t> Connection::Integer(const std::string& sql) {
  Statement statement(*this, sql);
  std::int64_t value = 0;
  PARC_TRY(statement.Query([&](const Row& row) {
    value = row.Int(0);
    return absl::OkStatus();
  }));
  return value;
}

std::int64_t Connection::last_insert_id() const { return sqlite3_last_insert_rowid(handle_); }
std::int64_t Connection::changes() const { return sqlite3_changes64(handle_); }
bool Connection::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

absl::Status Connection::Checkpoint(bool truncate) {
  // Truncating waits for readers by the busy handler, and every write would wait with it.
  sqlite3_busy_timeout(handle_, 0);
  const int code = sqlite3_wal_checkpoint_v2(
      handle_, nullptr, truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE,
      &wal_pages_, nullptr);
  sqlite3_busy_timeout(handle_, kBusyMilliseconds);
  if ((code & 0xFF) == SQLITE_BUSY)
    return absl::OkStatus();  // a reader is in the way; the next gap will do
  return ToStatus(handle_, code, "checkpoint");
}

Statement::~Statement() { sqlite3_finalize(statement_); }

absl::Status Statement::Prepare() {
  if (statement_ != nullptr) return absl::OkStatus();
  const int code = sqlite3_prepare_v3(db_.handle(), sql_.data(), static_cast<int>(sql_.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  return ToStatus(db_.handle(), code, fmt::format("preparing \"{}\"", sql_.substr(0, 120)));
}

namespace {

template <typename Bound>
int BindOne(sqlite3_stmt* statement, int index, const Bound& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    return sqlite3_bind_int64(statement, index, *integer);
  if (const auto* real = std::get_if<double>(&value))
    return sqlite3_bind_double(statement, index, *real);
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    // Not copied: the Resetter takes it away again before its owner does. An empty text that lies
    // nowhere would be NULL.
    return sqlite3_bind_text(statement, index, text->data() == nullptr ? "" : text->data(),
                             static_cast<int>(text->size()), SQLITE_STATIC);
  }
  return sqlite3_bind_null(statement, index);
}

// Leaves the statement ready for its next use, whatever happened.
class Resetter {
 public:
  explicit Resetter(sqlite3_stmt* statement) : statement_(statement) {}
  ~Resetter() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

 private:
  sqlite3_stmt* statement_;
};

}  // namespace

absl::Status Statement::Step(absl::FunctionRef<absl::Status(const Row&)> each,
                             std::span<const Bound> bound) {
  PARC_TRY(Prepare());
  const Resetter resetter(statement_);
  for (std::size_t i = 0; i < bound.size(); ++i) {
    const int code = BindOne(statement_, static_cast<int>(i) + 1, bound[i]);
    if (code != SQLITE_OK)
      return ToStatus(db_.handle(), code,
                      fmt::format("binding ?{} of \"{}\"", i + 1, sql_.substr(0, 80)));
  }
  while (true) {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_DONE) return absl::OkStatus();
    if (code != SQLITE_ROW)
      return ToStatus(db_.handle(), code, fmt::format("running \"{}\"", sql_.substr(0, 80)));
    PARC_TRY(each(Row(statement_)));
  }
}

absl::Status Within(Connection& db, std::string_view purpose,
                    absl::FunctionRef<absl::Status()> body) {
  const auto with_purpose = [&](const absl::Status& status) {
    absl::Status named(status.code(),
                       fmt::format("{}: {}", purpose, std::string(status.message())));
    status.ForEachPayload(
        [&](absl::string_view url, const absl::Cord& payload) { named.SetPayload(url, payload); });
    return named;
  };
  if (absl::Status begun = db.Execute("BEGIN IMMEDIATE"); !begun.ok()) return with_purpose(begun);
  absl::Status status = body();
  if (status.ok()) status = db.Execute("COMMIT");
  if (status.ok()) return status;
  if (db.in_transaction()) db.Execute("ROLLBACK").IgnoreError();
  return with_purpose(status);
}

absl::Status Savepoint(Connection& db, absl::FunctionRef<absl::Status()> body) {
  PARC_TRY(db.begin_item_->Run());
  absl::Status status = body();
  if (status.ok()) return db.end_item_->Run();
  // A full disk may have ended the whole transaction already; then there is nothing left to undo.
  if (db.in_transaction()) {
    if (absl::Status undone = db.Execute("ROLLBACK TO item; RELEASE item"); !undone.ok())
      return undone;
  }
  return status;
}

bool IsDiskFault(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason == "STORAGE_FAILED" || reason == "STORAGE_CORRUPT";
}

}  // namespace parc::store

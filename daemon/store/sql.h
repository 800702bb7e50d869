#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3;
struct sqlite3_stmt;

// SQL over SQLite: connections, prepared statements, transactions. Errors:
//   RESOURCE_EXHAUSTED STORAGE_FULL     no space is left; the transaction is to be undone
//   UNAVAILABLE STORAGE_FAILED          an I/O error: what is on disk is not known
//   DATA_LOSS STORAGE_CORRUPT           the file is damaged
//   INTERNAL                            our own mistake (syntax, misuse) or a constraint that no
//   check foresaw
// Out of memory ends the process: a restart is cheaper than a half-state. Parameters are ?1, ?2, …
namespace parc::store {

// A value for a parameter.
using Bind = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

// The row under a cursor; valid during the callback only. Columns count from 0.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}

  bool IsNull(int column) const;
  std::int64_t Int(int column) const;
  bool Bool(int column) const { return Int(column) != 0; }
  double Real(int column) const;
  // Bytes of a TEXT or BLOB column; empty for NULL.
  std::string Text(int column) const;
  std::string Blob(int column) const { return Text(column); }
  std::optional<std::int64_t> OptInt(int column) const;
  std::optional<std::string> OptText(int column) const;
  int Columns() const;
  // What the column holds, by its storage class.
  Bind Any(int column) const;

 private:
  sqlite3_stmt* statement_;
};

class RowWatch;
class Statement;

class Connection {
 public:
  enum class Mode {
    kWriter,  // creates the file when it is missing; never checkpoints by itself
    kReader,  // read-only
  };

  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::filesystem::path& file,
                                                          Mode mode);
  ~Connection();
  Connection(Connection&&) = delete;

  // Runs statements without parameters and results.
  absl::Status Execute(const std::string& sql);
  // One integer, e.g. of a PRAGMA or a COUNT.
  absl::StatusOr<std::int64_t> Integer(const std::string& sql);
  std::int64_t last_insert_id() const;
  // Rows that the last INSERT, UPDATE or DELETE touched.
  std::int64_t changes() const;
  bool in_transaction() const;
  // Copies WAL frames into the database as far as readers allow; with `truncate`, also shortens the
  // WAL to nothing unless a reader needs it. Waits for nobody.
  absl::Status Checkpoint(bool truncate);
  // Frames in the write-ahead log, as the last checkpoint saw it.
  std::int64_t wal_pages() const { return wal_pages_; }
  sqlite3* handle() const { return handle_; }

 private:
  friend class RowWatch;
  friend absl::Status Savepoint(Connection& db, absl::FunctionRef<absl::Status()> body);

  explicit Connection(sqlite3* handle);

  sqlite3* handle_;
  int wal_pages_ = 0;
  std::vector<RowWatch*> watches_;
  std::unique_ptr<Statement> begin_item_;
  std::unique_ptr<Statement> end_item_;
};

// Tells of every row that `db` inserts, updates or deletes in a table with row ids, before that is
// committed; of what is undone later, too. Not of a DELETE of all rows at once. `changed` must not
// use the connection, which outlives this object.
class RowWatch {
 public:
  using Changed = std::function<void(std::string_view table, std::int64_t row)>;

  RowWatch(Connection& db, Changed changed);
  ~RowWatch();
  RowWatch(RowWatch&&) = delete;

 private:
  friend class Connection;
  Connection& db_;
  const Changed changed_;
};

// A statement, prepared at its first use and kept. Lives no longer than its connection.
class Statement {
 public:
  Statement(Connection& db, std::string sql) : db_(db), sql_(std::move(sql)) {}
  ~Statement();
  Statement(Statement&&) = delete;

  // Runs a statement that gives no rows. Arguments bind to ?1, ?2, … by their type; an empty
  // optional is NULL.
  template <typename... Args>
  absl::Status Run(const Args&... args) {
    return Query([](const Row&) { return absl::OkStatus(); }, args...);
  }
  // Calls `each` for every row; stops at its first error and returns it.
  template <typename... Args>
  absl::Status Query(absl::FunctionRef<absl::Status(const Row&)> each, const Args&... args) {
    const std::array<Bound, sizeof...(args)> bound = {ToBound(args)...};
    return Step(each, bound);
  }
  // The same with values gathered at run time.
  absl::Status QueryWith(absl::FunctionRef<absl::Status(const Row&)> each,
                         const std::vector<Bind>& binds) {
    std::vector<Bound> bound;
    bound.reserve(binds.size());
    for (const Bind& bind : binds) bound.push_back(ToBound(bind));
    return Step(each, bound);
  }

 private:
  // A Bind whose text lies elsewhere, for as long as the statement runs.
  using Bound = std::variant<std::nullptr_t, std::int64_t, double, std::string_view>;

  template <typename T>
  static Bound ToBound(const T& value) {
    if constexpr (std::is_same_v<T, Bind>) {
      return std::visit([](const auto& held) { return ToBound(held); }, value);
    } else if constexpr (std::is_same_v<T, std::nullopt_t> || std::is_same_v<T, std::nullptr_t>) {
      return nullptr;
    } else if constexpr (std::is_floating_point_v<T>) {
      return static_cast<double>(value);
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      return static_cast<std::int64_t>(value);
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
      return std::string_view(value);
    } else {
      return value.has_value() ? ToBound(*value) : Bound(nullptr);
    }
  }

  absl::Status Prepare();
  absl::Status Step(absl::FunctionRef<absl::Status(const Row&)> each, std::span<const Bound> bound);

  Connection& db_;
  const std::string sql_;
  sqlite3_stmt* statement_ = nullptr;
};

// Runs `body` in a write transaction of its own. Any error undoes it and comes back with `purpose`
// in front.
absl::Status Within(Connection& db, std::string_view purpose,
                    absl::FunctionRef<absl::Status()> body);

// Runs `body` inside the open transaction; any error undoes what it did, and only that. May be
// nested.
absl::Status Savepoint(Connection& db, absl::FunctionRef<absl::Status()> body);

// An I/O error after which nothing that this process believes of the file can be trusted.
bool IsDiskFault(const absl::Status& status);

}  // namespace parc::store

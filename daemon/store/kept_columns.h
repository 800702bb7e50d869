#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/mutex.h"
#include "daemon/store/row_changes.h"
#include "daemon/store/sql.h"

namespace parc::store {

// A column with few different values: a number for each row, and what the numbers stand for.
struct CodedColumn {
  std::vector<std::uint32_t> codes;   // by row id; 0: no such row, or no value
  std::vector<Bind> values{nullptr};  // by code; some may stand nowhere any more

  std::uint32_t CodeOf(std::size_t row) const { return row < codes.size() ? codes[row] : 0; }
};

// A column of integers.
struct IntegerColumn {
  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::min();
  std::vector<std::int64_t> values;  // by row id; kNone: no such row, or no value
};

// Columns of large tables in memory, so that a question that looks at every row need not read every
// page: 100,000 rows of facts fill 20,000. A column is read at its first use, four or eight bytes a
// row and each different value twice, and from then on only its rows that were changed. The columns
// asked for last are kept; one whose values are too many or too long is not.
//
// Each question sees them as its own snapshot has them. Let S be what RowChanges had settled when
// the snapshot began, and T the same of the snapshot that the column was brought up to before. A
// row that no transaction behind min(S, T) changed is alike in both; every other one is read again.
class KeptColumns {
 public:
  explicit KeptColumns(const RowChanges& changes) : changes_(changes) {}
  KeptColumns(KeptColumns&&) = delete;

  static constexpr std::size_t kMostValues = 16'384;
  static constexpr std::size_t kMostText = 512 * 1024;  // bytes of all different values
  class Reader;
  // Runs `body` with the columns as the open read transaction of `db` has them; nobody else uses
  // them meanwhile. `settled`: of RowChanges, from before that transaction's first read.
  absl::Status Read(Connection& db, std::uint64_t settled,
                    absl::FunctionRef<absl::Status(Reader&)> body);
  std::uint64_t Settled() const { return changes_.Settled(); }

 private:
  static constexpr std::size_t kMostKept = 24;

  struct Kept;
  struct KeptCodes;
  struct KeptIntegers;
  using Name = std::tuple<KeptTable, std::string, bool>;  // the last: as integers

  void ForgetSome() PARC_REQUIRES(mutex_);

  const RowChanges& changes_;
  Mutex mutex_;
  std::map<Name, std::shared_ptr<Kept>> kept_ PARC_GUARDED_BY(mutex_);
  std::uint64_t uses_ PARC_GUARDED_BY(mutex_) = 0;
};

class KeptColumns::Reader {
 public:
  Reader(Reader&&) = delete;

  // Null when the column has more than kMostValues different values, or kMostText of them. Valid
  // during the body.
  absl::StatusOr<const CodedColumn*> Codes(KeptTable table, const std::string& column);
  absl::StatusOr<const IntegerColumn*> Integers(KeptTable table, const std::string& column);

 private:
  friend class KeptColumns;
  Reader(Connection& db, const RowChanges& changes, std::uint64_t settled,
         std::map<Name, std::shared_ptr<Kept>>& kept, std::uint64_t use)
      : db_(db), changes_(changes), settled_(settled), kept_(kept), use_(use) {}

  absl::Status BringUp(const Name& name, Kept& kept);
  absl::Status Load(const Name& name, Kept& kept);

  Connection& db_;
  const RowChanges& changes_;
  const std::uint64_t settled_;
  std::map<Name, std::shared_ptr<Kept>>& kept_;
  const std::uint64_t use_;
};

}  // namespace parc::store

#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "daemon/store/mutex.h"
#include "daemon/store/sql.h"

namespace parc::store {

// Tables of which something is kept in memory.
enum class KeptTable { kFactRows, kLaptopRows, kPostureRows, kPersonRows };
inline constexpr std::size_t kKeptTables = 4;
std::string_view NameOf(KeptTable table);
// The column that is the row id.
std::string_view IdOf(KeptTable table);

// Which rows the writer changed, and in which transaction, so that what is kept of them in memory
// can be brought up to any snapshot. A row is noted when it is written, that is, before anybody
// else can see it; that it was undone later does no harm: it is read for nothing until the next
// transaction settles.
//
// From this object's making on, nothing but `writer` writes the database; and nothing writes these
// tables by REPLACE, or deletes all their rows at once: SQLite tells of neither.
class RowChanges {
 public:
  // `writer` is in write-ahead mode and outlives this object.
  explicit RowChanges(Connection& writer);
  ~RowChanges();
  RowChanges(RowChanges&&) = delete;

  // The number of the last transaction that each snapshot which begins from now on can see.
  std::uint64_t Settled() const;
  // The rows that a transaction behind `since` changed, or changes just now. To be asked when the
  // snapshot that they will be read in has begun.
  std::vector<std::int64_t> Since(KeptTable table, std::uint64_t since) const;

 private:
  void Note(std::string_view table, std::int64_t row);
  void Settle();

  Connection& writer_;
  mutable Mutex mutex_;
  std::uint64_t settled_ PARC_GUARDED_BY(mutex_) = 0;
  // By row id: the transaction that changed it last.
  std::array<std::vector<std::uint64_t>, kKeptTables> changed_ PARC_GUARDED_BY(mutex_);
  RowWatch watch_;
};

}  // namespace parc::store

#include "daemon/store/row_changes.h"

#include <sqlite3.h>

namespace parc::store {

std::string_view NameOf(KeptTable table) {
  constexpr std::array<std::string_view, kKeptTables> kNames = {"facts", "laptops", "posture",
                                                                "people"};
  return kNames[static_cast<std::size_t>(table)];
}

std::string_view IdOf(KeptTable table) {
  return table == KeptTable::kFactRows || table == KeptTable::kPostureRows ? "laptop" : "id";
}

RowChanges::RowChanges(Connection& writer)
    : writer_(writer),
      watch_(writer, [this](std::string_view table, std::int64_t row) { Note(table, row); }) {
  // Called when a transaction can be seen, and only then.
  sqlite3_wal_hook(
      writer_.handle(),
      [](void* changes, sqlite3*, const char*, int) {
        static_cast<RowChanges*>(changes)->Settle();
        return SQLITE_OK;
      },
      this);
}

RowChanges::~RowChanges() { sqlite3_wal_hook(writer_.handle(), nullptr, nullptr); }

void RowChanges::Note(std::string_view table, std::int64_t row) {
  for (std::size_t i = 0; i < kKeptTables; ++i) {
    if (table != NameOf(static_cast<KeptTable>(i)) || row < 0) continue;
    const Lock lock(mutex_);
    const auto at = static_cast<std::size_t>(row);
    if (at >= changed_[i].size()) changed_[i].resize(at + 1 + at / 8, 0);
    changed_[i][at] = settled_ + 1;
  }
}

void RowChanges::Settle() {
  const Lock lock(mutex_);
  ++settled_;
}

std::uint64_t RowChanges::Settled() const {
  const Lock lock(mutex_);
  return settled_;
}

std::vector<std::int64_t> RowChanges::Since(KeptTable table, std::uint64_t since) const {
  std::vector<std::int64_t> rows;
  const Lock lock(mutex_);
  const std::vector<std::uint64_t>& changed = changed_[static_cast<std::size_t>(table)];
  for (std::size_t row = 0; row < changed.size(); ++row) {
    if (changed[row] > since) rows.push_back(static_cast<std::int64_t>(row));
  }
  return rows;
}

}  // namespace parc::store

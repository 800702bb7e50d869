#include "daemon/store/kept_columns.h"

#include <algorithm>
#include <utility>

#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::store {

struct KeptColumns::Kept {
  virtual ~Kept() = default;
  virtual void Clear() = 0;
  // `row` holds what `value` gives; without one it is gone.
  virtual void Put(std::size_t row, const Row* value) = 0;

  bool loaded = false;
  std::uint64_t brought_up_to = 0;
  std::size_t rows = 0;  // when it was loaded
  std::uint64_t used = 0;
  bool full = false;  // it has more values than anybody wants; holds nothing then
};

struct KeptColumns::KeptCodes : Kept {
  void Clear() override {
    column = {};
    code_of.clear();
    text = 0;
  }
  void Put(std::size_t row, const Row* value) override {
    if (full) return;
    std::uint32_t code = 0;
    if (value != nullptr && !value->IsNull(1)) {
      const auto [found, added] =
          code_of.try_emplace(value->Any(1), static_cast<std::uint32_t>(column.values.size()));
      if (added) {
        const auto* words = std::get_if<std::string>(&found->first);
        text += words == nullptr ? 0 : words->size();
        column.values.push_back(found->first);
      }
      code = found->second;
    }
    if (column.values.size() > kMostValues + 1 || text > kMostText) {
      full = true;
      return Clear();
    }
    if (row >= column.codes.size()) column.codes.resize(row + 1, 0);
    column.codes[row] = code;
  }

  CodedColumn column;
  std::unordered_map<Bind, std::uint32_t> code_of;
  std::size_t text = 0;  // bytes of column.values
};

struct KeptColumns::KeptIntegers : Kept {
  void Clear() override { column = {}; }
  void Put(std::size_t row, const Row* value) override {
    if (row >= column.values.size()) column.values.resize(row + 1, IntegerColumn::kNone);
    column.values[row] =
        value == nullptr || value->IsNull(1) ? IntegerColumn::kNone : value->Int(1);
  }

  IntegerColumn column;
};

absl::Status KeptColumns::Read(Connection& db, std::uint64_t settled,
                               absl::FunctionRef<absl::Status(Reader&)> body) {
  // A read transaction begins with its first read. What changes from here on is behind the
  // snapshot, or is found among the rows that have changed.
  PARC_TRY(db.Integer("SELECT count(*) FROM (SELECT 1 FROM sites LIMIT 1)").status());
  const Lock lock(mutex_);
  Reader reader(db, changes_, settled, kept_, ++uses_);
  absl::Status status = body(reader);
  ForgetSome();
  return status;
}

void KeptColumns::ForgetSome() {
  while (kept_.size() > kMostKept) {
    kept_.erase(std::min_element(kept_.begin(), kept_.end(), [](const auto& a, const auto& b) {
      return a.second->used < b.second->used;
    }));
  }
}

absl::StatusOr<const CodedColumn*> KeptColumns::Reader::Codes(KeptTable table,
                                                              const std::string& column) {
  // Whether a column has become fit again is worth a look now and then.
  constexpr std::uint64_t kUsesToNextLook = 1000;
  const Name name{table, column, false};
  std::shared_ptr<Kept>& kept = kept_[name];
  if (kept == nullptr) kept = std::make_shared<KeptCodes>();
  auto& codes = static_cast<KeptCodes&>(*kept);
  if (codes.full && use_ - codes.used < kUsesToNextLook) return nullptr;
  if (codes.full) codes.loaded = false;
  const bool was_loaded = codes.loaded;
  PARC_TRY(BringUp(name, codes));
  // Among the values that made it too many there may be some that stand nowhere any more.
  if (was_loaded && codes.full) PARC_TRY(Load(name, codes));
  return codes.full ? nullptr : &codes.column;
}

absl::StatusOr<const IntegerColumn*> KeptColumns::Reader::Integers(KeptTable table,
                                                                   const std::string& column) {
  const Name name{table, column, true};
  std::shared_ptr<Kept>& kept = kept_[name];
  if (kept == nullptr) kept = std::make_shared<KeptIntegers>();
  auto& integers = static_cast<KeptIntegers&>(*kept);
  PARC_TRY(BringUp(name, integers));
  return &integers.column;
}

absl::Status KeptColumns::Reader::BringUp(const Name& name, Kept& kept) {
  if (std::exchange(kept.used, use_) == use_ && kept.loaded) return absl::OkStatus();
  if (!kept.loaded) return Load(name, kept);
  const auto& [table, column, integers] = name;
  const std::vector<std::int64_t> changed =
      changes_.Since(table, std::min(kept.brought_up_to, settled_));
  // One row alone costs as much as some that lie side by side.
  if (changed.size() > 1000 + kept.rows / 16) return Load(name, kept);
  Statement one(db_, fmt::format("SELECT {0}, {1} FROM {2} WHERE {0} = ?1", IdOf(table), column,
                                 NameOf(table)));
  kept.loaded = false;  // until all of it is of one snapshot
  for (const std::int64_t row : changed) {
    bool found = false;
    const auto at = static_cast<std::size_t>(row);
    PARC_TRY(one.Query(
        [&](const Row& value) {
          found = true;
          kept.Put(at, &value);
          return absl::OkStatus();
        },
        row));
    if (!found) kept.Put(at, nullptr);
  }
  kept.loaded = true;
  kept.brought_up_to = settled_;
  return absl::OkStatus();
}

absl::Status KeptColumns::Reader::Load(const Name& name, Kept& kept) {
  const auto& [table, column, integers] = name;
  kept.loaded = kept.full = false;
  kept.Clear();
  kept.rows = 0;
  Statement all(db_, fmt::format("SELECT {}, {} FROM {}", IdOf(table), column, NameOf(table)));
  PARC_TRY(all.Query([&](const Row& value) {
    ++kept.rows;
    if (value.Int(0) >= 0) kept.Put(static_cast<std::size_t>(value.Int(0)), &value);
    return absl::OkStatus();
  }));
  kept.loaded = true;
  kept.brought_up_to = settled_;
  return absl::OkStatus();
}

}  // namespace parc::store

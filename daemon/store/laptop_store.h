#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/inventory/laptop.h"
#include "daemon/store/sql.h"
#include "daemon/store/versions.h"

namespace parc::store {

// A laptop with its row ids.
struct LaptopRecord {
  std::int64_t id = 0;
  inventory::Laptop laptop;
  std::optional<std::int64_t> holder;
  std::optional<std::int64_t> site;
  std::optional<std::int64_t> order_line;
  std::optional<std::int64_t> receipt;
};

// Columns of a laptop in the order that ReadLaptop expects, over the aliases of LaptopSource.
std::string LaptopColumns();
// `laptops l` as of `moment`, with its holder `h`, site `s`, order line `ol` and order `o`.
std::string LaptopSource(const inventory::Moment& moment, const inventory::CivilDate& today);
// Reads a row that begins with LaptopColumns().
absl::StatusOr<LaptopRecord> ReadLaptop(const Row& row);
inline constexpr int kLaptopColumnCount = 26;

// Writes laptops and their history. Used on the writer's connection only.
class LaptopStore {
 public:
  explicit LaptopStore(Connection& db);

  // By asset tag (whatever the case), else by serial (normalised). Nothing when there is none.
  absl::StatusOr<std::optional<LaptopRecord>> Find(std::string_view name);
  absl::StatusOr<std::optional<LaptopRecord>> FindByTag(std::string_view asset_tag);
  // A refused or empty serial finds nothing.
  absl::StatusOr<std::optional<LaptopRecord>> FindBySerial(std::string_view serial);

  // Stores a new laptop, true from `effective` on. Returns its row id.
  absl::StatusOr<std::int64_t> Insert(const LaptopRecord& record,
                                      const inventory::CivilDate& effective, std::int64_t now);
  // A laptop whose past is known: `record` is its last step, `life` has all of them, oldest first,
  // each true until the next begins. Returns its row id.
  struct Step {
    inventory::CivilDate from;
    inventory::LaptopState state = inventory::LaptopState::kInStock;
    std::optional<std::int64_t> holder;
  };
  absl::StatusOr<std::int64_t> InsertLife(const LaptopRecord& record, const std::vector<Step>& life,
                                          std::int64_t now);
  // Stores `record` over the row of the same id and raises its revision.
  absl::Status Replace(const LaptopRecord& record, const inventory::CivilDate& effective,
                       std::int64_t now);
  absl::StatusOr<inventory::CivilDate> EffectiveFrom(std::int64_t id) {
    return versions_.EffectiveFrom(id);
  }

  struct Event {
    std::int64_t laptop = 0;
    inventory::LaptopEvent event = inventory::LaptopEvent::kUpdate;
    std::optional<inventory::LaptopState> from;
    inventory::LaptopState to = inventory::LaptopState::kInStock;
    std::optional<std::int64_t> person;
    inventory::CivilDate effective;
    std::int64_t now = 0;
    std::string_view actor;
    std::string_view reason;
  };
  absl::Status AddEvent(const Event& event);

  // Asset tags of the laptops that a person holds in state ASSIGNED.
  absl::StatusOr<std::vector<std::string>> AssignedTo(std::int64_t person);

 private:
  absl::StatusOr<std::int64_t> InsertRow(const LaptopRecord& record);
  absl::StatusOr<std::optional<LaptopRecord>> One(Statement& statement, const std::string& key);

  Connection& db_;
  Statement by_tag_;
  Statement by_serial_;
  Statement insert_;
  Statement insert_step_;
  Statement update_;
  Statement add_event_;
  Statement assigned_to_;
  Versions versions_;
};

}  // namespace parc::store

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/inventory/fact_sheet.h"
#include "daemon/store/sql.h"

namespace parc::store {

// The column of the table `facts` that holds `field`: "vpn_gateway_answer".
std::string FactColumn(const inventory::Field& field);
// The value of a column that holds a field of `kind`.
inventory::Value ReadValue(const Row& row, int column, inventory::Kind kind);

// Where the facts stored came from: the newest report that was taken.
struct Origin {
  std::string boot_id;
  std::string digest;
  std::string agent_version;

  bool operator==(const Origin&) const = default;
};

// The facts of each laptop. Used on the writer's connection only.
class FactStore {
 public:
  explicit FactStore(Connection& db);

  // The stored facts, and the version of the agent that told them beside them (it belongs to no
  // section: Write leaves it alone); an empty sheet when there are none.
  absl::StatusOr<inventory::FactSheet> Read(std::int64_t laptop);

  // Writes what differs between `before`, which is stored, and `after`: the columns of the sections
  // that changed, the lists when one of them did, and nothing else. Writes `origin`, too; null: it
  // is stored.
  absl::Status Write(std::int64_t laptop, const inventory::FactSheet& before,
                     const inventory::FactSheet& after, const Origin* origin = nullptr);
  absl::Status PutOrigin(std::int64_t laptop, const Origin& origin);

 private:
  absl::Status WriteRow(std::int64_t laptop, const inventory::FactSheet& before,
                        const inventory::FactSheet& after, const Origin* origin);

  Connection& db_;
  Statement read_;
  Statement insert_;
  Statement put_lists_;
  std::map<std::uint32_t, std::unique_ptr<Statement>> updates_;  // by what they name
};

}  // namespace parc::store

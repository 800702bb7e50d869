#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
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

// The facts of each laptop. Used on the writer's connection only.
class FactStore {
 public:
  explicit FactStore(Connection& db);

  // The stored facts; an empty sheet when there are none. Lists are read for the sections in
  // `lists`, and empty for others: they cost a query each, and no judgement looks at them.
  absl::StatusOr<inventory::FactSheet> Read(std::int64_t laptop,
                                            const std::set<inventory::Section>& lists);

  // Writes what differs between `before`, which is stored, and `after`: the columns and lists of
  // the sections that changed, and nothing else.
  absl::Status Write(std::int64_t laptop, const inventory::FactSheet& before,
                     const inventory::FactSheet& after);

 private:
  absl::Status ReadScalars(std::int64_t laptop, inventory::FactSheet& sheet);
  absl::Status ReadDisks(std::int64_t laptop, inventory::FactSheet& sheet);
  absl::Status ReadInterfaces(std::int64_t laptop, inventory::FactSheet& sheet);
  absl::Status ReadVpn(std::int64_t laptop, inventory::FactSheet& sheet);
  absl::Status WriteScalars(std::int64_t laptop, inventory::Section section,
                            const inventory::FactSheet& sheet);
  absl::Status WriteDisks(std::int64_t laptop, const inventory::FactSheet& sheet);
  absl::Status WriteInterfaces(std::int64_t laptop, const inventory::FactSheet& sheet);
  absl::Status WriteVpn(std::int64_t laptop, const inventory::FactSheet& sheet);
  absl::Status WriteUnreadable(std::int64_t laptop, const inventory::FactSheet& sheet);

  Statement read_;
  Statement read_unreadable_;
  Statement read_disks_;
  Statement read_interfaces_;
  Statement read_profiles_;
  Statement read_gateways_;
  Statement insert_;
  Statement put_sections_;
  std::map<inventory::Section, std::unique_ptr<Statement>> put_section_;
  Statement drop_unreadable_;
  Statement put_unreadable_;
  Statement drop_disks_;
  Statement put_disk_;
  Statement drop_interfaces_;
  Statement put_interface_;
  Statement drop_profiles_;
  Statement put_profile_;
  Statement drop_gateways_;
  Statement put_gateway_;
};

}  // namespace parc::store

#include "daemon/access/roles.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "daemon/inventory/reason.h"

namespace parc::access {
namespace {

constexpr Permission kEvery[] = {
    Permission::kReadDevice,      Permission::kReadFleet,         Permission::kReadStatus,
    Permission::kReadPeople,      Permission::kChangeFleet,       Permission::kManageDevices,
    Permission::kReadProcurement, Permission::kChangeProcurement, Permission::kAdminister,
    Permission::kReadAudit,
};

}  // namespace

TEST_CASE("each role may do what the design's table says, and nothing else") {
  struct Row {
    Role role;
    std::vector<Permission> allowed;
  };
  const std::vector<Row> rows = {
      {Role::kAdmin, {std::begin(kEvery), std::end(kEvery)}},
      {Role::kTechnician,
       {Permission::kReadDevice, Permission::kReadFleet, Permission::kReadStatus,
        Permission::kReadPeople, Permission::kChangeFleet, Permission::kManageDevices}},
      {Role::kHotline, {}},
      {Role::kProcurement,
       {Permission::kReadFleet, Permission::kReadStatus, Permission::kReadProcurement,
        Permission::kChangeProcurement}},
      {Role::kAuditor,
       {Permission::kReadDevice, Permission::kReadFleet, Permission::kReadStatus,
        Permission::kReadProcurement, Permission::kReadAudit}},
  };
  for (const Row& row : rows) {
    for (const Permission permission : kEvery) {
      INFO(RoleName(row.role) << " " << static_cast<int>(permission));
      const bool expected = std::ranges::find(row.allowed, permission) != row.allowed.end();
      CHECK(Allowed(row.role, permission) == expected);
      CHECK(Require(row.role, permission).ok() == expected);
    }
  }
}

TEST_CASE("a refusal names the role and what it may not do") {
  const absl::Status status = Require(Role::kProcurement, Permission::kReadPeople);
  CHECK(status.code() == absl::StatusCode::kPermissionDenied);
  CHECK(ReasonOf(status) == "ROLE_DENIED");
  CHECK(status.message() == "The role procurement may not see people and who holds which laptop.");
}

TEST_CASE("no token is made for the external hotline") {
  CHECK(ReasonOf(RoleMayHoldTokens(Role::kHotline)) == "ROLE_DENIED");
  for (const Role role : {Role::kAdmin, Role::kTechnician, Role::kProcurement, Role::kAuditor}) {
    CHECK(RoleMayHoldTokens(role).ok());
    CHECK(ParseRole(RoleName(role)) == role);
  }
  CHECK(ParseRole("root") == std::nullopt);
}

}  // namespace parc::access

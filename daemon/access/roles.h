#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace parc::access {

enum class Role { kAdmin, kTechnician, kHotline, kProcurement, kAuditor };

// What a method, or a field of an answer, asks of its caller.
enum class Permission {
  kReadDevice,         // readiness and remediation of one laptop
  kReadFleet,          // lists, searches and asset rows of laptops
  kReadStatus,         // aggregates: coverage, stock
  kReadPeople,         // who holds what: people, holders, host names, addresses
  kChangeFleet,        // assign, return, move, import
  kManageDevices,      // enrolment tokens, approvals, revocations
  kReadProcurement,    // prices, orders, forecasts
  kChangeProcurement,  // orders, promises, receipts
  kAdminister,         // API tokens, roles, policy, CA
  kReadAudit,
};

// "admin", "technician" …
std::string_view RoleName(Role role);
std::optional<Role> ParseRole(std::string_view name);

bool Allowed(Role role, Permission permission);

// PERMISSION_DENIED ROLE_DENIED, naming the role, unless it has the permission.
absl::Status Require(Role role, Permission permission);

// PERMISSION_DENIED ROLE_DENIED for the external hotline: without its field masks it would see
// personal data, so no token of that role is made yet.
absl::Status RoleMayHoldTokens(Role role);

}  // namespace parc::access

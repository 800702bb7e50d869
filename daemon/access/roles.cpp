#include "daemon/access/roles.h"

#include <algorithm>
#include <array>

#include "daemon/inventory/reason.h"
#include "fmt/format.h"

namespace parc::access {
namespace {

struct Name {
  Role role;
  std::string_view name;
};
constexpr std::array kNames = {
    Name{Role::kAdmin, "admin"},     Name{Role::kTechnician, "technician"},
    Name{Role::kHotline, "hotline"}, Name{Role::kProcurement, "procurement"},
    Name{Role::kAuditor, "auditor"},
};

struct Row {
  Permission permission;
  std::string_view what;  // completes "may not …"
  bool admin, technician, procurement, auditor;
};
// The hotline has no column: it gets one together with its field masks.
// clang-format off
constexpr std::array kTable = {
    //                                                                    admin  tech   proc   auditor
    Row{Permission::kReadDevice, "look at one laptop's readiness",        true,  true,  false, true},
    Row{Permission::kReadFleet, "list laptops",                           true,  true,  true,  true},
    Row{Permission::kReadStatus, "see the fleet's totals",                true,  true,  true,  true},
    Row{Permission::kReadPeople, "see people and who holds which laptop", true,  true,  false, false},
    Row{Permission::kChangeFleet, "change the fleet",                     true,  true,  false, false},
    Row{Permission::kManageDevices, "enrol or revoke devices",            true,  true,  false, false},
    Row{Permission::kReadProcurement, "see orders and prices",            true,  false, true,  true},
    Row{Permission::kChangeProcurement, "change orders",                  true,  false, true,  false},
    Row{Permission::kAdminister, "administer tokens, roles and policy",   true,  false, false, false},
    Row{Permission::kReadAudit, "read the audit log",                     true,  false, false, true},
};
// clang-format on

const Row& RowOf(Permission permission) {
  return *std::ranges::find(kTable, permission, &Row::permission);
}

}  // namespace

std::string_view RoleName(Role role) { return std::ranges::find(kNames, role, &Name::role)->name; }

std::optional<Role> ParseRole(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name, &Name::name);
  if (found == kNames.end()) return std::nullopt;
  return found->role;
}

bool Allowed(Role role, Permission permission) {
  const Row& row = RowOf(permission);
  switch (role) {
    case Role::kAdmin:
      return row.admin;
    case Role::kTechnician:
      return row.technician;
    case Role::kHotline:
      return false;
    case Role::kProcurement:
      return row.procurement;
    case Role::kAuditor:
      return row.auditor;
  }
  return false;
}

absl::Status Require(Role role, Permission permission) {
  if (Allowed(role, permission)) return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "ROLE_DENIED",
                fmt::format("The role {} may not {}.", RoleName(role), RowOf(permission).what));
}

absl::Status RoleMayHoldTokens(Role role) {
  if (role != Role::kHotline) return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "ROLE_DENIED",
                "The role hotline cannot be given yet: its answers would show personal data.",
                "role");
}

}  // namespace parc::access

#include "daemon/app/exit_codes.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "daemon/inventory/reason.h"

namespace parc::app {
namespace {

constexpr std::string_view kConfigReasons[] = {"BAD_CONFIG", "CA_INVALID", "BAD_TRUST_DOMAIN"};
constexpr std::string_view kStorageReasons[] = {
    "DATABASE_IN_USE", "DATABASE_TOO_NEW", "DATABASE_NOT_FOUND", "NOT_A_DATABASE",
    "STORAGE_BUSY",    "STORAGE_CORRUPT",  "STORAGE_FAILED",     "STORAGE_FULL"};

template <typename List>
bool Holds(const List& list, const std::string& reason) {
  return std::find(std::begin(list), std::end(list), reason) != std::end(list);
}

}  // namespace

int ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return 0;
  const std::string reason = ReasonOf(status);
  if (Holds(kConfigReasons, reason)) return kExitConfig;
  if (Holds(kStorageReasons, reason)) return kExitStorage;
  return kExitFailure;
}

}  // namespace parc::app

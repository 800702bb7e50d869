#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "daemon/store/sql.h"

namespace parc::test {

// Every table and index of `db`, in the order of their making, and its version, as SQL that makes
// them.
absl::StatusOr<std::string> DumpSchema(store::Connection& db);

}  // namespace parc::test

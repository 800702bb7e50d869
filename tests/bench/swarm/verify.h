#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace parc::swarm {

struct Verdict {
  std::uint64_t acknowledged = 0;     // devices that the ledger knows a report of
  std::uint64_t lost = 0;             // of them: the server holds an older report, or another one
  std::vector<std::string> examples;  // of lost ones, a few
};

// Compares the ledger of the fleet in `fleet` with the database in `state_dir`, whether a daemon
// runs there or not.
absl::StatusOr<Verdict> VerifyLedger(const std::filesystem::path& fleet,
                                     const std::filesystem::path& state_dir);

}  // namespace parc::swarm

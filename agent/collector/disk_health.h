#pragma once

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "agent/files/root.h"

namespace parc::agent {

struct DiskHealth {
  bool healthy = true;                // no disk warns
  std::optional<int> wear_percent{};  // of the most worn

  bool operator==(const DiskHealth&) const = default;
};

// NVMe's SMART log (log page 2): byte 0 warns, byte 5 is the wear. Nothing when it is cut off.
std::optional<DiskHealth> ParseNvmeLog(std::string_view log);

// Of all NVMe disks of this machine. NOT_FOUND where there is none; PERMISSION_DENIED when the
// kernel does not let this process ask.
absl::StatusOr<DiskHealth> NvmeHealth(const Root& root);

}  // namespace parc::agent

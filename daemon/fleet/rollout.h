#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/fleet/grouping.h"
#include "daemon/fleet/view.h"
#include "daemon/posture/policy.h"

// Which programs the laptops that somebody holds have, and which applications they reach; of now.
namespace parc::fleet {

// Laptops in state ASSIGNED.
struct RolloutGroup {
  std::string key;
  std::int64_t laptops = 0;
  std::int64_t installed = 0;
  std::int64_t missing = 0;
  std::int64_t untold = 0;  // it never told what is installed

  bool operator==(const RolloutGroup&) const = default;
};

struct ToolVersion {
  std::string version;  // empty: only the program was found
  std::int64_t laptops = 0;

  bool operator==(const ToolVersion&) const = default;
};

struct RolloutReport {
  std::vector<RolloutGroup> groups;  // most laptops first
  RolloutGroup total;
  std::vector<ToolVersion> versions;  // most laptops first
  std::vector<std::string> known;     // tools that some laptop has, when none has this one
};

// How far `tool` got; letter case does not count. `filter` is over laptops; kCheck is no grouping
// here. INVALID_ARGUMENT BAD_FILTER, BAD_GROUPING.
absl::StatusOr<RolloutReport> GetRolloutReport(View& view, std::string_view tool, Grouping grouping,
                                               std::string_view filter);

// Laptops in state ASSIGNED that looked for an application of the policy in force.
struct ApplicationCount {
  posture::Application application;
  std::int64_t reached = 0;
  std::int64_t failed = 0;

  // More laptops reach it than do not.
  bool IsReachable() const { return reached > failed; }
  bool operator==(const ApplicationCount&) const = default;
};

// Every application of the policy in force, what is in the way of most laptops first, else in the
// policy's order. `filter` is over laptops. INVALID_ARGUMENT BAD_FILTER.
absl::StatusOr<std::vector<ApplicationCount>> CountApplications(View& view,
                                                                std::string_view filter);

}  // namespace parc::fleet

#pragma once

#include <filesystem>

#include "absl/status/statusor.h"
#include "agent/net/socket.h"
#include "parc/v1/facts.pb.h"

namespace parc::agent {

// What the collector behind this socket saw. It is asked nothing: connecting is the question.
// NOT_FOUND when there is no collector.
absl::StatusOr<v1::Facts> ReadCollector(const std::filesystem::path& socket, Deadline deadline);

}  // namespace parc::agent

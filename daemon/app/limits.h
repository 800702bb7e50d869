#pragma once

#include <cstddef>

#include "daemon/app/config.h"

namespace parc::app {

// Raises this process's limit of open descriptors as far as it may; returns what it is now.
std::size_t RaiseDescriptorLimit();

// Makes the connections of all listeners together fit into half of `descriptors`, so that the
// database, the log and gRPC never meet the limit. True when something had to shrink.
bool FitConnections(Config& config, std::size_t descriptors);

}  // namespace parc::app

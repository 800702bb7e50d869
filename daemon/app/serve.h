#pragma once

#include "daemon/app/config.h"

namespace parc::app {

// Runs the daemon until SIGTERM or SIGINT, or until it cannot go on. The process's exit code.
int Serve(const Config& config);

}  // namespace parc::app

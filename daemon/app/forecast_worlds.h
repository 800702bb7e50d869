#pragma once

#include <filesystem>
#include <vector>

#include "absl/status/status.h"

namespace parc::app {

// Forecasts of worlds (fleet/world.h) without a server: reads each directory into a scratch
// database by the code of the import, and writes forecast.csv and, for a world with targets,
// targets_forecast.csv into `output`; with several worlds, into a directory of each one's name
// below it. A world that is wrong is told with its file and line; the others are forecast all the
// same, and the last refusal comes
// back. INVALID_ARGUMENT BAD_WORLD.
absl::Status ForecastWorlds(const std::vector<std::filesystem::path>& worlds,
                            const std::filesystem::path& output);

}  // namespace parc::app

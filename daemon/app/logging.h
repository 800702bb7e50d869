#pragma once

#include <memory>
#include <string>

#include "spdlog/formatter.h"
#include "spdlog/logger.h"

namespace parc::app {

// Lines are one event with fields, "checkin.committed device=… sequence=…": in text as they are, in
// JSON as an object with the keys time, level, event and the fields as strings. Whatever control
// characters a message holds are escaped, so that nobody writes lines of his own into the log.
std::unique_ptr<spdlog::formatter> MakeLogFormatter(const std::string& format);

// The daemon's log, on standard error. `level` and `format` as the configuration has them.
std::shared_ptr<spdlog::logger> MakeLog(const std::string& level, const std::string& format);

}  // namespace parc::app

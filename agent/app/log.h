#pragma once

#include <string>
#include <string_view>

// Log lines on standard error: one fixed event with fields each, under the priority prefix that the
// journal reads. The agent has no logging library: the resident part is to stay small.
namespace parc::agent {

enum class LogLevel { kError, kWarn, kInfo, kDebug };

// "error", "warn", "info" or "debug"; anything else is info.
LogLevel ToLogLevel(std::string_view name);
void SetLogLevel(LogLevel level);
// Control characters in `line` are escaped.
void Log(LogLevel level, std::string_view line);

}  // namespace parc::agent
